from __future__ import annotations

from dataclasses import replace
from datetime import UTC, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.digest import DigestVerb, ManageDigest, NewDigest, parse_digest
from bot.commands.questions import Asker, ShowShipped
from bot.domain.errors import CommandError
from bot.domain.filters import Filters
from bot.domain.schedule import EVERY_DAY, WEEKDAYS, WEEKEND, Schedule, Weekday
from tests.unit.commands.asking import ASKER, NOW

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = Weekday


def new(text: str, asker: Asker = ASKER) -> NewDigest:
    command = parse_digest(text, asker)
    assert isinstance(command, NewDigest)
    return command


def refused(text: str, asker: Asker = ASKER) -> tuple[str, str]:
    """What is said to a wrong text, and the example, which works."""
    with pytest.raises(CommandError) as caught:
        parse_digest(text, asker)
    assert caught.value.example.startswith("/digest ")
    parse_digest(caught.value.example.removeprefix("/digest "), asker)
    return caught.value.message, caught.value.example.removeprefix("/digest ")


# Days and times


@pytest.mark.parametrize(
    ("text", "days", "at"),
    [
        ("weekdays 09:30", WEEKDAYS, "09:30"),
        ("Weekdays at 9:30", WEEKDAYS, "09:30"),
        ("every weekday at 9.30", WEEKDAYS, "09:30"),
        ("daily 18:00", EVERY_DAY, "18:00"),
        ("every day at 9", EVERY_DAY, "09:00"),
        ("everyday 0930", EVERY_DAY, "09:30"),
        ("weekends noon", WEEKEND, "12:00"),
        ("on weekends at midnight", WEEKEND, "00:00"),
        ("mon,thu 9am", {MONDAY, THURSDAY}, "09:00"),
        ("Mon, Thu and Sun at 9:15 pm", {MONDAY, THURSDAY, SUNDAY}, "21:15"),
        ("tuesdays 12am", {TUESDAY}, "00:00"),
        ("wed 12:05pm", {WEDNESDAY}, "12:05"),
        ("weekly mon 09:00", {MONDAY}, "09:00"),
        ("weekly on friday at 4 p.m.", {FRIDAY}, "16:00"),
        ("mon-thu 08:00", {MONDAY, TUESDAY, WEDNESDAY, THURSDAY}, "08:00"),
        ("Monday to Wednesday 8:00", {MONDAY, TUESDAY, WEDNESDAY}, "08:00"),
        ("fri – mon 8:00", {FRIDAY, SATURDAY, SUNDAY, MONDAY}, "08:00"),
        ("09:30 weekdays", WEEKDAYS, "09:30"),
        ("at 09:30 on weekdays", WEEKDAYS, "09:30"),
        ("weekdays sat 10:00:00", WEEKDAYS | {SATURDAY}, "10:00"),
        ("add weekdays 09:30", WEEKDAYS, "09:30"),
    ],
)
def test_days_and_a_time_make_a_schedule(text, days, at):
    typed = new(text)
    assert (typed.days, typed.at, typed.zone) == (frozenset(days), time.fromisoformat(at), None)


@pytest.mark.parametrize("days", [EVERY_DAY, WEEKDAYS, WEEKEND, frozenset({SUNDAY}), frozenset({MONDAY, FRIDAY})])
def test_a_schedules_own_words_are_read_back(days):
    schedule = Schedule(days, time(7, 5), "Asia/Kathmandu")
    typed = new(schedule.words)
    assert (typed.days, typed.at, typed.zone) == (schedule.days, schedule.at, schedule.zone)


@pytest.mark.parametrize(
    ("text", "said", "example"),
    [
        ("weekdys 09:30", "Did you mean weekdays?", "weekdays 09:30"),
        ("mon,thrusday 9am", "Did you mean thursday?", "mon thursday 9am"),
        ("dayly 18:00 billing-*", "Did you mean daily?", "daily 18:00 billing-*"),
        ("weekdays", "At what time?", "weekdays 09:30"),
        ("mon,thu billing-*", "At what time?", "mon thu 09:30 billing-*"),
        ("09:30 billing-*", "On which days?", "weekdays 09:30 billing-*"),
        ("weekdays 25:00", "no “25:00” on the clock", "weekdays 09:30"),
        ("weekdays 9:75 in:staging", "no “9:75” on the clock", "weekdays 09:30 in:staging"),
        ("weekdays 13pm", "no “13pm” on the clock", "weekdays 09:30"),
        ("weekly 09:00", "On which day of the week?", "weekly mon 09:00"),
        ("hourly", "“hourly” is not among that", "daily 09:30"),
        ("monthly 09:00", "“monthly” is not among that", "daily 09:00"),
        ("monthly mon 09:00", "“monthly” is not among that", "daily mon 09:00"),
        ("every first monday 09:00", "“first” is not among that", "every monday 09:00"),
        ("mon 09:00 thu 17:00 billing", "make two digests", "mon 09:00 billing"),
        ("weekdays 09:30 weekends 10:00", "make two digests", "weekdays 09:30"),
        ("09:30 weekdays 10:00 weekends", "make two digests", "09:30 weekdays"),
        ("weekdays 09:30 18:00", "make two digests", "weekdays 09:30"),
        ("weekdays 09:30 sat 10:00 sun 11:00", "make two digests", "weekdays 09:30"),
        ("mo,do 9:00", "I do not know the days “mo” and “do”", "weekdays 9:00"),
        ("mo,fr 9:00 billing", "I do not know the days “mo” and “fr”", "mon fri 9:00 billing"),
        ("di 9:00", "I do not know the day “di”", "weekdays 9:00"),
        ("billing-*", "Say on which days and at what time", "billing-* weekdays 09:30"),
    ],
)
def test_a_wrong_schedule_is_answered_with_the_right_one(text, said, example):
    message, right = refused(text)
    assert said in message
    assert right == example


# Zones


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("weekdays 09:30 tz:America/New_York", "America/New_York"),
        ("weekdays 09:30 tz:america/new_york", "America/New_York"),
        ('weekdays 09:30 zone:"America/New York"', "America/New_York"),
        ("weekdays 09:30 tz: UTC", "UTC"),
        ("weekdays 09:30 Asia/Tokyo", "Asia/Tokyo"),
        ("weekdays 09:30 utc billing-*", "UTC"),
    ],
)
def test_a_zone_can_be_named(text, zone):
    assert new(text).zone == zone


@pytest.mark.parametrize(
    ("text", "said", "right"),
    [
        ("tz:EST", "does not say when its clocks change", "tz:America/New_York"),
        ("CET", "does not say when its clocks change", "tz:Europe/Berlin"),
        ("tz:Berlin", "as in Europe/Berlin", "tz:Europe/Berlin"),
        ("tz:Europe/Berln", "as in Europe/Berlin", "tz:Europe/Berlin"),
        ("tz:+02:00", "I do not know the time zone", "tz:Europe/Berlin"),
        ("tz:UTC+2", "named after a place, as in Europe/Berlin", "tz:Europe/Berlin"),
        ("tz:GMT-5", "named after a place, as in Europe/Berlin", "tz:Europe/Berlin"),
        ("Asia/Tokyo tz:UTC", "one time zone", "tz:UTC"),
    ],
)
def test_a_zone_that_says_too_little_is_answered_with_one_that_works(text, said, right):
    message, example = refused(f"weekdays 09:30 {text} billing-*")
    assert said in message
    assert example == f"weekdays 09:30 {right} billing-*"


# What it tells


def asked(text: str) -> dict[str, Any]:
    """What differs from a question that names nothing."""
    question, plain = new(text).asked, new("weekdays 09:30").asked
    return {
        name: value
        for name in ShowShipped.__dataclass_fields__
        if (value := getattr(question, name)) != getattr(plain, name)
    }


def test_the_filters_are_those_of_shipped():
    assert asked(
        "weekdays 09:30 billing-* in:production -by:dependabot[bot] by:jane.doe status:failed project:web "
        'app:search flag:new-* kind:redeployment "refund"'
    ) == {
        "names": ("billing-*",),
        "environment": "production",
        "project": "web",
        "filters": Filters(
            applications=("search",),
            kind="redeployment",
            status="failed",
            authors=("jane.doe",),
            excluded_authors=("dependabot[bot]",),
            flags=("new-*",),
            words=("refund",),
        ),
    }


def test_filters_may_come_before_the_days():
    assert asked("billing-* in:staging weekdays 09:30") == {"names": ("billing-*",), "environment": "staging"}


def test_the_question_looks_a_week_back_for_a_preview():
    window = new("weekdays 09:30").asked.window
    assert window.start == (NOW - timedelta(days=7)).replace(second=0)
    assert window.end is None


@pytest.mark.parametrize("window", ["since:2d", "last week", "from:monday to:friday", "yesterday"])
def test_a_window_is_refused_since_a_digest_has_its_own(window):
    message, example = refused(f"weekdays 09:30 billing-* {window}")
    assert "since the one before" in message
    assert example == "weekdays 09:30 billing-*"


def test_a_status_that_never_comes_is_refused():
    message, example = refused("weekdays 09:30 status:running")
    assert "finished or failed" in message
    assert example == "weekdays 09:30 status:failed"


@pytest.mark.parametrize(
    ("text", "said", "example"),
    [
        ("weekdays 09:30 evn:staging", "Did you mean “env:”?", "weekdays 09:30 env:staging"),
        ("weekdays 09:30 emtpy:skip", "Did you mean “empty:”?", "weekdays 09:30 empty:skip"),
        ("weekdays 09:30 version:a90a8a2", "“version:” is a filter of /release", "weekdays 09:30"),
        ('weekdays 09:30 "refund', "quotation mark is not closed", 'weekdays 09:30 "refund"'),
        ("weekdays 09:30 empty:never", "empty:say", "weekdays 09:30 empty:skip"),
        ("weekdays 09:30 empty:sya", "empty:say", "weekdays 09:30 empty:say"),
        ("weekdays 09:30 name:2", "mistaken for a digest's number", 'weekdays 09:30 name:"digest 2"'),
        (f"weekdays 09:30 name:{'x' * 70}", "60 characters", f"weekdays 09:30 name:{'x' * 60}"),
        ("weekdays 09:30 " + "x" * 3000, "2,000 characters", "weekdays 09:30"),
        ("weekdays 09:30 since:9999999999y", "since the one before", "weekdays 09:30"),
    ],
)
def test_a_wrong_filter_is_answered_with_a_command_that_works(text, said, example):
    message, right = refused(text)
    assert said in message
    assert right == example


def test_a_name_and_what_to_do_when_empty_can_be_said():
    assert (new("weekdays 09:30").name, new("weekdays 09:30").say_when_empty) == (None, None)
    named = new('weekdays 09:30 name:"Billing, daily" empty:SKIP billing-*')
    assert (named.name, named.say_when_empty, named.asked.names) == ("Billing, daily", False, ("billing-*",))
    assert new("weekdays 09:30 empty:say").say_when_empty is True


# What can be done with digests


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("", ManageDigest(DigestVerb.LIST)),
        ("  ", ManageDigest(DigestVerb.LIST)),
        ("list", ManageDigest(DigestVerb.LIST)),
        ("help", ManageDigest(DigestVerb.HELP)),
        ("help windows", ManageDigest(DigestVerb.HELP, "windows")),
        ("--help", ManageDigest(DigestVerb.HELP)),
        ("?", ManageDigest(DigestVerb.HELP)),
        ("Preview", ManageDigest(DigestVerb.PREVIEW)),
        ("preview 2", ManageDigest(DigestVerb.PREVIEW, "2")),
        ("pause #2", ManageDigest(DigestVerb.PAUSE, "2")),
        ("stop 2", ManageDigest(DigestVerb.PAUSE, "2")),
        ("resume Billing daily", ManageDigest(DigestVerb.RESUME, "Billing daily")),
        ('remove "Billing, daily"', ManageDigest(DigestVerb.REMOVE, "Billing, daily")),
        ("delete 2", ManageDigest(DigestVerb.REMOVE, "2")),
        ("edit 2", ManageDigest(DigestVerb.EDIT, "2")),
        ("now", ManageDigest(DigestVerb.NOW)),
        ("why billing", ManageDigest(DigestVerb.WHY, "billing")),
    ],
)
def test_a_verb_may_name_the_digest_that_is_meant(text, command):
    assert parse_digest(text, ASKER) == command


@pytest.mark.parametrize(
    ("text", "verb", "which"),
    [
        ("preview weekdays 10:00 in:staging", DigestVerb.PREVIEW, ""),
        ("edit weekdays 10:00 in:staging", DigestVerb.EDIT, ""),
        ("edit 2 weekdays 10:00 in:staging", DigestVerb.EDIT, "2"),
        ("edit Billing news in:staging weekdays 10:00", DigestVerb.EDIT, "Billing news"),
    ],
)
def test_a_whole_digest_can_be_previewed_or_put_in_anothers_place(text, verb, which):
    assert parse_digest(text, ASKER) == ManageDigest(verb, which, new("weekdays 10:00 in:staging"))


@pytest.mark.parametrize(
    ("text", "which", "changed"),
    [
        ("edit in:staging", "", {"environment": "staging"}),
        ("edit 2 billing-*", "2", {"names": ("billing-*",)}),
        ("edit #2 empty:skip", "2", {"say_when_empty": False}),
        ('edit Billing news name:"News"', "Billing news", {"name": "News"}),
        ("edit 2 10:00", "2", {"at": time(10)}),
        ("edit 2 at 9", "2", {"at": time(9)}),
        ("edit 2 noon Asia/Tokyo", "2", {"at": time(12), "zone": "Asia/Tokyo"}),
        ("edit 2 mon,thu", "2", {"days": {MONDAY, THURSDAY}}),
        ("edit 2 tz:Asia/Tokyo", "2", {"zone": "Asia/Tokyo"}),
        ("edit 2 Asia/Tokyo", "2", {"zone": "Asia/Tokyo"}),
        ("edit 10:00 weekdays", "", {"days": WEEKDAYS, "at": time(10)}),
    ],
)
def test_an_edit_may_say_a_part_alone(text, which, changed):
    command = parse_digest(text, ASKER)
    assert isinstance(command, ManageDigest)
    assert (command.verb, command.which) == (DigestVerb.EDIT, which)
    assert command.new
    said = {"names": command.new.asked.names, "environment": command.new.asked.environment}
    said |= {name: getattr(command.new, name) for name in ("days", "at", "zone", "name", "say_when_empty")}
    assert {name: value for name, value in said.items() if value not in (None, ())} == changed


@pytest.mark.parametrize(
    ("text", "said", "example"),
    [
        ("puase 2", "Did you mean pause?", "pause 2"),
        ("pervew", "Did you mean preview?", "preview"),
        ("pause in:staging", "After pause comes the number or the name", "pause"),
        ("preview in:staging", "say the whole digest", "preview weekdays 09:30 in:staging"),
        ("edit 2 weekdys 10:00", "Did you mean weekdays?", "edit 2 weekdays 10:00"),
        ("edit 2 mon 25:00", "no “25:00” on the clock", "edit 2 mon 09:30"),
    ],
)
def test_a_wrong_verb_is_answered_with_the_right_one(text, said, example):
    message, right = refused(text)
    assert said in message
    assert right == example


# Any text


PIECES = (
    "weekdays", "daily", "mon,thu", "weekly", "every", "at", "09:30", "9", "pm", "25:61", "noon", "mon-", "-", "–",
    "edit", "preview", "pause", "2", "#2", "tz:", "tz:Europe/Berlin", "CET", "Asia/Tokyo", "empty:", "empty:skip",
    'name:"a, b"', "name:7", '"', "'", "-by:x", "-tz:x", "since:2d", "last week", "in:staging", "status:running",
    "version:1", "https://x.y/pull/1", "<@U1|jane>", "public", "--help", "help", "add", "sun", "99999999999999999999",
)  # fmt: skip
texts = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join))
zones = st.sampled_from([ZoneInfo("Europe/Berlin"), UTC, timezone(timedelta(hours=-3))])


@given(texts, zones)
def test_any_text_is_a_command_or_is_answered_with_one_that_works(text, zone):
    asker = replace(ASKER, zone=zone)
    try:
        command = parse_digest(text, asker)
    except CommandError as error:
        command = parse_digest(error.example.removeprefix("/digest"), asker)
    assert isinstance(command, NewDigest | ManageDigest)
