from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.dates import Meant, meant

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("20.11.2026", ["2026-11-20"]),
        ("2026/11/20", ["2026-11-20"]),
        ("11/20/2026", ["2026-11-20"]),
        ("20/11/2026", ["2026-11-20"]),
        ("02/03/2026", ["2026-03-02", "2026-02-03"]),
        ("02.03.2026", ["2026-03-02"]),
        ("02-03-2026", ["2026-03-02", "2026-02-03"]),
        ("11/11/2026", ["2026-11-11"]),
        ("12/11/2026", ["2026-11-12"]),  # the other one is still to come
        ("29.02.2026", ["2026-02-28"]),
        ("Nov 20", ["2026-11-20"]),
        ("20th of November", ["2026-11-20"]),
        ("1 Dec", ["2025-12-01"]),
        ("sept. 3, 2025", ["2025-09-03"]),
        ("29 feb", ["2026-02-28"]),
    ],
)
def test_dates_of_other_forms(text, days):
    assert meant(text, TODAY) == tuple(Meant(day, day) for day in days)


def test_a_month_is_its_first_to_its_last_day():
    assert meant("february", TODAY) == (Meant("2026-02-01", "2026-02-28"),)
    assert meant("Dec", TODAY) == (Meant("2025-12-01", "2025-12-31"),)
    assert meant("feb 2024", TODAY)[0].window == "2024-02-01..2024-02-29"


def test_what_is_still_to_come_says_so():
    assert meant("29.02.2027", TODAY) == (Meant("2027-02-28", "2027-02-28", is_to_come=True),)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2h30m", "150m"),
        ("1.5d", "36h"),
        ("1,5 hours", "90m"),
        ("1d12h", "36h"),
        ("1 day 2 hours", "26h"),
        ("1y", "365d"),
        ("3 years", "365d"),  # the longest window
    ],
)
def test_lengths_of_time_of_other_forms(text, length):
    assert meant(text, TODAY) == (Meant(length, length),)


@pytest.mark.parametrize("text", ["", "1.2.3", "v2.31.0", "99/99/2026", "00.00.0000", "0.0h", "mayor", "20 novels"])
def test_what_is_no_time_is_nothing(text):
    assert meant(text, TODAY) == ()


@given(st.text() | st.from_regex(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}", fullmatch=True), st.dates())
def test_no_text_and_no_day_break_it(text, today):
    for one in meant(text, today):
        assert one.since <= one.until
