from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import CommandError
from tests.unit.commands.asking import BERLIN, NOW, asker, release, shipped


def local(text: str) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC) if text else None


@pytest.mark.parametrize(
    ("text", "start", "end", "words"),
    [
        ("", "2026-11-22", "", "today and yesterday"),
        ("today", "2026-11-23", "", "today"),
        ("TODAY", "2026-11-23", "", "today"),
        ("yesterday", "2026-11-22", "2026-11-23", "yesterday"),
        ("this week", "2026-11-23", "", "this week"),
        ("last week", "2026-11-16", "2026-11-23", "last week (16–22 Nov)"),
        ("this month", "2026-11-01", "", "this month"),
        ("last month", "2026-10-01", "2026-11-01", "last month (1–31 Oct)"),
        ("this year", "2026-01-01", "", "this year"),
        ("last year", "2025-01-01", "2026-01-01", "last year (1 Jan – 31 Dec 2025)"),
        ("last 24h", "2026-11-22T11:00", "", "the last 24 hours"),
        ("last 3 days", "2026-11-20T11:00", "", "the last 3 days"),
        ("past 7 days", "2026-11-16T11:00", "", "the last 7 days"),
        ("the last 2 hours", "2026-11-23T09:00", "", "the last 2 hours"),
        ("last hour", "2026-11-23T10:00", "", "the last hour"),
        ("last 2 months", "2026-09-23T11:00", "", "the last 2 months"),
        ("past week", "2026-11-16T11:00", "", "the last 7 days"),
        ("2 days", "2026-11-21T11:00", "", "the last 2 days"),
        ("2d", "2026-11-21T11:00", "", "the last 2 days"),
        ("24h", "2026-11-22T11:00", "", "the last 24 hours"),
        ("since:2h", "2026-11-23T09:00", "", "the last 2 hours"),
        ("Since:2H", "2026-11-23T09:00", "", "the last 2 hours"),
        ("since:90m", "2026-11-23T09:30", "", "the last 90 minutes"),
        ("since:1d", "2026-11-22T11:00", "", "the last day"),
        ("since:1w", "2026-11-16T11:00", "", "the last 7 days"),
        ("since:2w", "2026-11-09T11:00", "", "the last 2 weeks"),
        ("since:366d", "2025-11-22T11:00", "", "the last 366 days"),
        ("since:yesterday", "2026-11-22", "", "since yesterday"),
        ("since:today", "2026-11-23", "", "today"),
        ("since:monday", "2026-11-16", "", "since Monday 16 Nov"),
        ("since:sun", "2026-11-22", "", "since Sunday 22 Nov"),
        ("since friday", "2026-11-20", "", "since Friday 20 Nov"),
        ("since last week", "2026-11-16", "", "since last week (16 Nov)"),
        ('since:"last month"', "2026-10-01", "", "since last month (1 Oct)"),
        ("since:2026-11-01", "2026-11-01", "", "since 1 Nov 2026"),
        ("since:2026-11-01T14:00", "2026-11-01T14:00", "", "since 1 Nov 2026, 14:00"),
        ("since:2026-11-01t14:00z", "2026-11-01T15:00", "", "since 1 Nov 2026, 15:00"),
        ("since:2026-11-01 14:00", "2026-11-01T14:00", "", "since 1 Nov 2026, 14:00"),
        ("since:09:05", "2026-11-23T09:05", "", "since 09:05"),
        ("since yesterday 14:05", "2026-11-22T14:05", "", "since yesterday, 14:05"),
        ("from:2026-11-01 to:2026-11-15", "2026-11-01", "2026-11-16", "1–15 Nov 2026"),
        ("from 2026-11-01 to 2026-11-15", "2026-11-01", "2026-11-16", "1–15 Nov 2026"),
        ("2026-11-01..2026-11-15", "2026-11-01", "2026-11-16", "1–15 Nov 2026"),
        ("2026-11-01…2026-11-15", "2026-11-01", "2026-11-16", "1–15 Nov 2026"),
        ("2026-11-01–2026-11-15", "2026-11-01", "2026-11-16", "1–15 Nov 2026"),
        ("2026-11-01 — 2026-11-15", "2026-11-01", "2026-11-16", "1–15 Nov 2026"),
        ("2026-11-01 to 2026-11-15", "2026-11-01", "2026-11-16", "1–15 Nov 2026"),
        ("since:2026-11-01..2026-11-15", "2026-11-01", "2026-11-16", "1–15 Nov 2026"),
        ("2026-10-28..2026-11-03", "2026-10-28", "2026-11-04", "28 Oct – 3 Nov 2026"),
        ("2025-12-28..2026-01-03", "2025-12-28", "2026-01-04", "28 Dec 2025 – 3 Jan 2026"),
        ("2026-11-02..2026-11-02", "2026-11-02", "2026-11-03", "2 Nov 2026"),
        ("2026-11-02", "2026-11-02", "2026-11-03", "2 Nov 2026"),
        ("2026-11-01..", "2026-11-01", "", "since 1 Nov 2026"),
        ("since:2026-11-01 …", "2026-11-01", "", "since 1 Nov 2026"),
        ("since：2d", "2026-11-21T11:00", "", "the last 2 days"),
        ("friday", "2026-11-20", "2026-11-21", "Friday 20 Nov"),
        ("from monday until wednesday", "2026-11-16", "2026-11-19", "16–18 Nov 2026"),
        ("since:2026-11-01T14:00 until:2026-11-02", "2026-11-01T14:00", "2026-11-03", "1 Nov 2026, 14:00 – 2 Nov 2026"),
        ("since:yesterday to:09:30", "2026-11-22", "2026-11-23T09:30", "yesterday – 09:30"),
        ("since:14d to:7d", "2026-11-09T11:00", "2026-11-16T11:00", "14 days ago – 7 days ago"),
        ("2026-11-20..2026-11-30", "2026-11-20", "", "20–30 Nov 2026"),
        ("since:2d 'since:3d' SINCE:2D", "2026-11-21T11:00", "", "the last 2 days"),
    ],
)  # fmt: skip
def test_windows_in_berlin_on_a_monday_at_eleven(text, start, end, words):
    window = shipped(text).window
    assert (window.start, window.end, window.words, window.zone) == (local(start), local(end), words, BERLIN)


@pytest.mark.parametrize(
    ("zone", "now", "text", "start", "end"),
    [
        # Spring forward and back: a local day has 23 or 25 hours.
        ("Europe/Berlin", "2026-03-30T09:00", "yesterday", "2026-03-28T23:00", "2026-03-29T22:00"),
        ("Europe/Berlin", "2026-10-26T09:00", "yesterday", "2026-10-24T22:00", "2026-10-25T23:00"),
        ("Europe/Berlin", "2026-03-30T09:00", "since:1d", "2026-03-29T07:00", None),
        ("Europe/Berlin", "2026-03-30T09:00", "since:24h", "2026-03-29T07:00", None),
        ("Europe/Berlin", "2026-03-29T09:00", "since:1d", "2026-03-28T08:00", None),
        ("Europe/Berlin", "2026-03-29T09:00", "since:24h", "2026-03-28T07:00", None),
        # 02:30 does not exist on 29 March, and comes twice on 25 October.
        ("Europe/Berlin", "2026-03-30T09:00", "since:2026-03-29T02:30", "2026-03-29T01:00", None),
        ("Europe/Berlin", "2026-10-26T09:00", "since:2026-10-25T02:30", "2026-10-25T00:30", None),
        ("Europe/Berlin", "2026-10-26T09:00", "since:2026-10-25T03:00", "2026-10-25T02:00", None),
        ("America/New_York", "2026-03-09T09:00", "last week", "2026-03-02T05:00", "2026-03-09T04:00"),
        ("America/New_York", "2026-11-02T09:00", "last week", "2026-10-26T04:00", "2026-11-02T05:00"),
        ("America/New_York", "2026-11-02T09:00", "since:2026-11-01T01:30", "2026-11-01T05:30", None),
        # Midnight of 6 September 2026 does not exist in Chile: the day begins at 01:00.
        ("America/Santiago", "2026-09-06T09:00", "today", "2026-09-06T04:00", None),
        ("America/Santiago", "2026-09-07T09:00", "yesterday", "2026-09-06T04:00", "2026-09-07T03:00"),
        ("America/Santiago", "2026-09-06T09:00", "yesterday", "2026-09-05T04:00", "2026-09-06T04:00"),
        ("America/Santiago", "2026-09-07T00:30", "since:1d", "2026-09-06T04:00", None),
        # 23:00–24:00 of 4 April 2026 comes twice; midnight does not.
        ("America/Santiago", "2026-04-05T09:00", "today", "2026-04-05T04:00", None),
        ("America/Santiago", "2026-04-05T09:00", "since:2026-04-04T23:30", "2026-04-05T02:30", None),
        # Half an hour's change: 02:00–02:30 is skipped on 4 October, 01:30–02:00 comes twice on 5 April.
        ("Australia/Lord_Howe", "2026-10-05T09:00", "yesterday", "2026-10-03T13:30", "2026-10-04T13:00"),
        ("Australia/Lord_Howe", "2026-10-05T09:00", "since:2026-10-04T02:15", "2026-10-03T15:30", None),
        ("Australia/Lord_Howe", "2026-04-06T09:00", "since:2026-04-05T01:45", "2026-04-04T14:45", None),
        ("Asia/Kolkata", "2026-11-23T04:00", "today", "2026-11-22T18:30", None),
        ("Asia/Kolkata", "2026-11-23T04:00", "this month", "2026-10-31T18:30", None),
        # Samoa had no 30 December 2011 at all.
        ("Pacific/Apia", "2011-12-31T09:00", "since:yesterday", "2011-12-30T10:00", None),
    ],
)  # fmt: skip
def test_windows_over_daylight_saving_changes(zone, now, text, start, end):
    window = shipped(text, asker(now, zone)).window
    assert window.start == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert window.end == (datetime.fromisoformat(end).replace(tzinfo=UTC) if end else None)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])
def test_yesterdays_tile_a_year_without_gap_or_overlap(zone):
    noon = asker("2026-01-02T12:00", zone).now
    ends = None
    for day in range(365):
        local_noon = (noon.astimezone(asker("2026-01-02", zone).zone) + timedelta(days=day)).isoformat()[:19]
        window = shipped("yesterday", asker(local_noon, zone)).window
        assert ends is None or window.start == ends
        ends = window.end
    assert ends is not None


def test_the_longest_window_may_span_a_change_of_the_clocks():
    assert shipped("since:366d", asker("2026-04-01T12:00")).window.words == "the last 366 days"


def test_equal_questions_within_a_minute_have_equal_windows():
    early, late = asker("2026-11-23T11:00:01"), asker("2026-11-23T11:00:59")
    assert shipped("since:2h", early).window == shipped("since:2h", late).window
    assert release("#406", early).window == release("#406", late).window


def test_starts_are_never_after_now():
    assert shipped("since:1m").window.start == NOW.replace(second=0) - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "complaint", "example"),
    [
        ("since:2026-02-30", "“2026-02-30”", "/shipped since:2026-11-16"),
        ("billing 2026-02-30", "“2026-02-30”", "/shipped billing since:2026-11-16"),
        ("2026-11-01..2026-11-31", "“2026-11-31”", None),
        ("since:25:00", "There is no 25:00", None),
        ("since:2026-11-01T14:00+99:00", "no time zone", None),
        ("since:yesturday", "Did you mean yesterday?", "/shipped since:yesterday"),
        ("since frday", "Did you mean friday?", "/shipped since:friday"),
        ("since:3 in:staging", "minutes, hours, days or weeks", "/shipped since:3d in:staging"),
        ("since:0d", "hold nothing", "/shipped since:1d"),
        ("since:01/11/2026", "Did you mean 2026-11-01 or 2026-01-11?", "/shipped since:2026-11-01"),
        ("since:20.11.2026 billing", "Did you mean 2026-11-20?", "/shipped since:2026-11-20 billing"),
        ("since:29.02.2027", "“29.02.2027” is still to come", "/shipped since:yesterday"),
        ("since:20 nov billing", "I do not understand the time “20 nov”", "/shipped since:2026-11-20 billing"),
        ("since november", "Did you mean 2026-11-01?", "/shipped since:2026-11-01"),
        ("since:sep to:october", "Did you mean 2026-09-01?", "/shipped to:2026-10-31 since:2026-09-01"),
        ("from 20 nov to 22 nov", "“20 nov”", "/shipped to:2026-11-22 since:2026-11-20"),
        ("since:2h30m", "Did you mean 150m?", "/shipped since:150m"),
        ("billing ..2026-11-01", "needs a start", "/shipped billing since:2026-10-26 to:2026-11-01"),
        ("since:…2026-11-01", "needs a start", "/shipped since:2026-10-26 to:2026-11-01"),
        ("last 5 releases", "“last 5 releases”", None),
        ("since:14:05", "still to come", "/shipped since:2026-11-22T14:05"),
        ("since:2026-12-01", "still to come", "/shipped since:yesterday"),
        ("2026-12-01..2026-12-05", "still to come", "/shipped since:yesterday"),
        ("from:2026-11-15 to:2026-11-01", "before it starts", "/shipped since:2026-11-01 to:2026-11-15"),
        ("since:400d", "366 days long at most; this one has 400", "/shipped since:90d"),
        ("2024-01-01..2025-12-31", "366 days long at most", "/shipped since:90d"),
        ("since:999999w", "out of the calendar", "/shipped since:7d"),
        ("since:30000mo", "out of the calendar", "/shipped since:7d"),
        ("since:0001-01-01", "", None),
        ("until:9999-12-31 since:today", "out of the calendar", None),
        ("to:2026-11-15", "needs a start", "/shipped since:2026-11-09 to:2026-11-15"),
        ("today since:2d", "one window; these are two", "/shipped today"),
        ("today yesterday", "one window; these are two", "/shipped today"),
        ("since:2d from:3d", "“since:” can have one value", "/shipped since:2d"),
        ("since:2d,3d", "“since:” can have one value", "/shipped since:2d"),
    ],
)  # fmt: skip
def test_wrong_times_are_told_with_one_that_works(text, complaint, example):
    with pytest.raises(CommandError) as caught:
        shipped(text)
    assert complaint in caught.value.message
    if example:
        assert caught.value.example == example
    assert shipped(caught.value.example)
