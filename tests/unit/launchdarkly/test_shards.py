from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.launchdarkly import shards
from bot.launchdarkly.shards import Slice
from tests.builders import NOW

START = round(NOW.timestamp() * 1000)
DAY = 86_400_000


def test_a_busy_window_is_cut_into_slices_of_four_pages():
    slices = shards.split(START, START + 30 * DAY, 2_000, 8)
    assert len(slices) == 5
    assert {piece.expected for piece in slices} == {400}


def test_a_very_busy_one_into_two_rounds_of_slices():
    slices = shards.split(START, START + 30 * DAY, 10_000, 8)
    assert len(slices) == 16
    assert {piece.expected for piece in slices} == {625}


def test_a_window_of_minutes_is_not_cut_finer_than_a_minute():
    assert len(shards.split(START, START + 150_000, 10_000, 8)) == 2
    assert shards.split(START, START + 59_000, 10_000, 8) == [Slice(START, START + 59_000, 10_000)]


@given(st.integers(1, 400 * DAY), st.integers(0, 100_000))
def test_slices_cover_the_window_and_overlap_by_a_millisecond(width, total):
    slices = shards.split(START, START + width, total, 8)
    assert slices[0].start_ms == START
    assert slices[-1].end_ms == START + width
    for before, after in pairwise(slices):
        assert after.start_ms == before.end_ms - 1
        assert after.end_ms - after.start_ms >= 60_000


def test_a_slice_is_busier_when_it_holds_more_than_twice_what_was_planned():
    assert not shards.is_much_busier(Slice(0, DAY, 400), 800)
    assert shards.is_much_busier(Slice(0, DAY, 400), 801)
    assert not shards.is_much_busier(Slice(0, 60_000, 400), 5000)
    assert not shards.is_much_busier(Slice(0, DAY, 10), 500)


def test_neighbours_are_told_as_one_stretch():
    slices = shards.split(START, START + 4 * DAY, 1600, 8)
    spans = shards.spans([slices[3], slices[0], slices[1]])
    assert [shards.in_words(*span) for span in spans] == [
        "2026-11-23 10:00 to 2026-11-25 10:00 UTC",
        "2026-11-26 09:59 to 2026-11-27 10:00 UTC",
    ]


def test_a_day_is_said_once():
    assert shards.in_words(START, START + 3_600_000) == "2026-11-23 10:00 to 11:00 UTC"
