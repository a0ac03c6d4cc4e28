from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from bot.domain.query import TimeWindow
from bot.formatting.times import length, span, stamp
from tests.builders import NOW

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (UTC, "Mon 23 Nov 10:00 UTC"),
        (BERLIN, "Mon 23 Nov 11:00 CET"),
        (ZoneInfo("Asia/Dubai"), "Mon 23 Nov 14:00 UTC+04"),
        (timezone(timedelta(hours=-5)), "Mon 23 Nov 05:00 UTC-05:00"),
    ],
)
def test_an_instant_names_its_zone(zone, words):
    assert stamp(NOW, zone, NOW) == words


def test_an_instant_of_another_year_names_the_year():
    assert stamp(datetime(1970, 1, 1, tzinfo=UTC), UTC, NOW) == "Thu 1 Jan 1970 00:00 UTC"


def test_an_open_window_is_told_by_its_start():
    assert span(TimeWindow(NOW, zone=BERLIN), NOW) == "since Mon 23 Nov 11:00 CET"


def test_a_closed_window_names_its_zone_once():
    window = TimeWindow(NOW - timedelta(days=1), NOW, zone=BERLIN)
    assert span(window, NOW) == "Sun 22 Nov 11:00 – Mon 23 Nov 11:00 CET"


def test_a_window_over_the_end_of_summer_time_names_both():
    window = TimeWindow(NOW - timedelta(days=30), NOW, zone=BERLIN)
    assert span(window, NOW) == "Sat 24 Oct 12:00 CEST – Mon 23 Nov 11:00 CET"


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=45), "45 s"),
        (timedelta(seconds=59.7), "1 min"),
        (timedelta(minutes=35), "35 min"),
        (timedelta(minutes=65), "1 h 5 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=2, hours=4, minutes=30), "2 d 4 h"),
        (timedelta(hours=23, minutes=59, seconds=59), "1 d"),
        (timedelta(seconds=-5), "0 s"),
    ],
)
def test_a_duration_is_told_by_its_two_largest_units(duration, words):
    assert length(duration) == words
