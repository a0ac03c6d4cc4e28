from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.schedule import EVERY_DAY, WEEKDAYS, WEEKEND, Schedule, Weekday, next_due, previous_due

TEN_ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",  # clocks change at midnight
    "Africa/Cairo",  # at midnight, and the rules were changed in 2023
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # clocks change by half an hour
    "Pacific/Chatham",
    "Pacific/Apia",  # had no 30 December 2011
)


def schedule(at: str, zone: str = "Europe/Berlin", days=EVERY_DAY) -> Schedule:
    return Schedule(frozenset(days), time.fromisoformat(at), zone)


def due_walls(of: Schedule, start: str, count: int) -> list[str]:
    """The next due times after a UTC moment, as the zone's clocks show them."""
    moment, walls = datetime.fromisoformat(start).replace(tzinfo=UTC), []
    for _ in range(count):
        moment = next_due(of, moment)
        walls.append(f"{moment.astimezone(ZoneInfo(of.zone)):%m-%d %H:%M %z}")
    return walls


schedules = st.builds(
    Schedule,
    days=st.frozensets(st.sampled_from(Weekday), min_size=1),
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    zone=st.sampled_from(TEN_ZONES),
)
moments = st.integers(0, 35 * 365 * 24 * 60).map(lambda m: datetime(2005, 1, 1, tzinfo=UTC) + timedelta(minutes=m))


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (EVERY_DAY, "daily at 09:30, Europe/Berlin"),
        (WEEKDAYS, "weekdays at 09:30, Europe/Berlin"),
        (WEEKEND, "weekends at 09:30, Europe/Berlin"),
        ({Weekday.MONDAY}, "Mondays at 09:30, Europe/Berlin"),
        ({Weekday.THURSDAY, Weekday.MONDAY}, "Mon and Thu at 09:30, Europe/Berlin"),
        ({Weekday.FRIDAY, Weekday.MONDAY, Weekday.WEDNESDAY}, "Mon, Wed and Fri at 09:30, Europe/Berlin"),
    ],
)
def test_a_schedule_has_words(days, words):
    assert schedule("09:30", days=days).words == words


def test_weekdays_skip_the_weekend():
    assert due_walls(schedule("09:30", days=WEEKDAYS), "2026-11-19T12:00", 3) == [
        "11-20 09:30 +0100",
        "11-23 09:30 +0100",
        "11-24 09:30 +0100",
    ]


@pytest.mark.parametrize(
    ("at", "zone", "start", "walls"),
    [
        # Clocks go forward: what they skip is due at the next minute that they show.
        ("02:30", "Europe/Berlin", "2026-03-28T12:00", ["03-29 03:00 +0200", "03-30 02:30 +0200"]),
        ("02:30", "America/New_York", "2026-03-07T12:00", ["03-08 03:00 -0400", "03-09 02:30 -0400"]),
        ("00:00", "America/Santiago", "2026-09-05T12:00", ["09-06 01:00 -0300", "09-07 00:00 -0300"]),
        ("00:30", "Africa/Cairo", "2026-04-23T12:00", ["04-24 01:00 +0300", "04-25 00:30 +0300"]),
        ("02:15", "Australia/Lord_Howe", "2026-10-03T12:00", ["10-04 02:30 +1100", "10-05 02:15 +1100"]),
        # Clocks go back: what they show twice is due the first time.
        ("02:30", "Europe/Berlin", "2026-10-24T12:00", ["10-25 02:30 +0200", "10-26 02:30 +0100"]),
        ("01:30", "America/New_York", "2026-10-31T12:00", ["11-01 01:30 -0400", "11-02 01:30 -0500"]),
        ("01:45", "Australia/Lord_Howe", "2026-04-04T00:00", ["04-05 01:45 +1100", "04-06 01:45 +1030"]),
        ("23:30", "America/Santiago", "2026-04-04T12:00", ["04-04 23:30 -0300", "04-05 23:30 -0400"]),
        # A day that the calendar skips has no due time.
        ("09:30", "Pacific/Apia", "2011-12-28T23:00", ["12-29 09:30 -1000", "12-31 09:30 +1400"]),
    ],
)
def test_local_times_hold_when_clocks_change(at, zone, start, walls):
    assert due_walls(schedule(at, zone), start, 2) == walls


def test_a_change_of_the_zones_own_rules_keeps_the_time_on_the_wall():
    # Egypt had no daylight saving until it brought it back in 2023.
    assert due_walls(schedule("09:30", "Africa/Cairo"), "2022-07-01T00:00", 1) == ["07-01 09:30 +0200"]
    assert due_walls(schedule("09:30", "Africa/Cairo"), "2023-07-01T00:00", 1) == ["07-01 09:30 +0300"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": frozenset()},
        {"at": time(9, 30, 15)},
        {"at": time(9, 30, tzinfo=UTC)},
        {"zone": "Europe/Atlantis"},
        {"zone": "Europe"},
        {"zone": "../etc/passwd"},
        {"zone": ""},
    ],
)
def test_a_schedule_that_cannot_be_kept_is_refused(wrong):
    with pytest.raises(ValueError):  # noqa: PT011 -- which of them is for the caller to have asked before
        Schedule(**{"days": EVERY_DAY, "at": time(9, 30), "zone": "UTC", **wrong})


@given(schedules, moments)
def test_next_and_previous_are_each_others_inverse(schedule, moment):
    following, before = next_due(schedule, moment), previous_due(schedule, moment)
    assert before <= moment < following
    assert previous_due(schedule, following) == following
    assert previous_due(schedule, following - timedelta(microseconds=1)) == before
    assert next_due(schedule, before) == following


@given(schedules, moments)
def test_a_due_time_shows_the_schedules_time_or_the_first_after_a_gap(schedule, moment):
    zone = ZoneInfo(schedule.zone)
    due = next_due(schedule, moment)
    wall = due.astimezone(zone).replace(tzinfo=None)
    if wall.time() == schedule.at:
        assert wall.weekday() in schedule.days
        assert wall.replace(tzinfo=zone, fold=0).astimezone(UTC) == due
    else:
        the_minute_before = (due - timedelta(minutes=1)).astimezone(zone).replace(tzinfo=None)
        wanted = the_minute_before.replace(hour=schedule.at.hour, minute=schedule.at.minute)
        wanted += timedelta(days=wanted <= the_minute_before)
        assert the_minute_before < wanted < wall
        assert wanted.weekday() in schedule.days


@settings(deadline=None)
@given(st.sampled_from(TEN_ZONES), st.times().map(lambda t: t.replace(second=0, microsecond=0)))
def test_every_day_of_the_year_is_due_once(zone, at):
    moment, dues = datetime(2025, 12, 31, tzinfo=UTC), list[datetime]()
    while len(dues) < 370:
        moment = next_due(Schedule(EVERY_DAY, at, zone), moment)
        dues.append(moment)
    days = [due.astimezone(ZoneInfo(zone)).date() for due in dues]
    assert [later - earlier for earlier, later in pairwise(days)] == [timedelta(days=1)] * 369
