from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.filters import Filters
from bot.domain.previews import PREVIEWED, preview, previewed_window
from bot.domain.schedule import EVERY_DAY, WEEKDAYS, Schedule, Weekday
from tests.builders import NOW, deployment, reading, subscription

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DAILY = subscription(schedule=Schedule(EVERY_DAY, time(9, 30), "UTC"))


def at(day: int, hour: float) -> datetime:
    """An hour of a day of the week that ends with ``NOW``, Monday 23 November."""
    return datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=hour)


def ended(id: str, moment: datetime, **changes):
    return deployment(id, started_at=moment - timedelta(minutes=4), **changes)


def test_a_week_of_a_daily_digest_is_seven_windows_that_tile():
    told = preview(DAILY, reading(), [], NOW).told
    assert [one.occurrence.due_at for one in told] == [at(day, 9.5) for day in range(17, 24)]
    for before, after in pairwise(told):
        assert before.occurrence.window_end == after.occurrence.window_start
    window = previewed_window(DAILY, NOW)
    assert (window.start, window.end) == (at(16, 9.5), at(23, 9.5))


def test_mondays_window_covers_the_weekend():
    told = preview(subscription(schedule=Schedule(WEEKDAYS, time(9, 30), "UTC")), reading(), [], NOW).told
    assert (told[-1].occurrence.window_start, told[-1].occurrence.window_end) == (at(20, 9.5), at(23, 9.5))


def test_a_weekly_digest_has_one_window_of_a_week_however_long_ago():
    weekly = subscription(schedule=Schedule(frozenset({Weekday.TUESDAY}), time(9, 30), "UTC"))
    (one,) = preview(weekly, reading(), [], NOW).told
    assert (one.occurrence.window_start, one.occurrence.window_end) == (at(10, 9.5), at(17, 9.5))


def test_each_deployment_is_told_once_in_its_own_window_and_only_what_is_asked_for():
    held = [
        ended("before", at(16, 9)),
        ended("first", at(16, 10)),
        ended("failed", at(20, 12), status="failed"),
        ended("last", at(23, 9)),
        ended("after", at(23, 9.6)),
        ended("running", at(23, 9), status="started"),
        ended("other", at(23, 9), application="search"),
        ended("hidden", at(23, 9), archived=True),
    ]
    only = subscription(schedule=DAILY.schedule, filters=Filters(applications=("billing-*",)))
    seen = preview(only, reading(*held), [], NOW)
    told = {one.occurrence.due_at.day: [d.id for d in one.deployments] for one in seen.told if one.deployments}
    assert told == {17: ["first"], 21: ["failed"], 23: ["last"]}
    assert seen.deployments == 3
    assert [one.failed for one in seen.told] == [0, 0, 0, 0, 1, 0, 0]
    assert seen.example == seen.told[-1]
    assert preview(only, reading(), [], NOW).example is None


def test_when_it_was_made_does_not_matter():
    young = subscription(schedule=DAILY.schedule, counts_from=NOW, due_after=NOW)
    assert preview(young, reading(ended("d", at(20, 12))), [], NOW).deployments == 1


BILLING = Filters(applications=("billing-*",))


@pytest.mark.parametrize(
    ("mine", "theirs", "shared"),
    [
        (Filters(), Filters(), 2),
        (BILLING, Filters(), 1),
        (Filters(), BILLING, 1),
        (BILLING, Filters(applications=("search",)), None),
        (BILLING, Filters(status="failed"), None),
    ],
)
def test_overlaps_are_counted_in_what_happened(mine, theirs, shared):
    held = [ended("a", at(20, 12)), ended("b", at(20, 13), application="search")]
    other = subscription("other", number=2, filters=theirs)
    found = preview(subscription(filters=mine, schedule=DAILY.schedule), reading(*held), [other], NOW).overlaps
    assert [overlap.shared for overlap in found] == ([] if shared is None else [shared])


@pytest.mark.parametrize(
    ("mine", "theirs", "overlap"),
    [
        (Filters(), BILLING, True),
        (BILLING, Filters(applications=("billing-service",)), True),
        (Filters(applications=("billing-service",)), BILLING, True),
        (BILLING, Filters(applications=("search",)), False),
        (Filters(status="failed"), Filters(status="finished"), False),
        (Filters(status="failed"), Filters(status="FAILED"), True),
    ],
)
def test_where_nothing_happened_the_filters_tell_what_may_overlap(mine, theirs, overlap):
    other = subscription("other", number=2, filters=theirs)
    found = preview(subscription(filters=mine), reading(), [other], NOW).overlaps
    assert [one.shared for one in found] == ([0] if overlap else [])


def test_a_digest_does_not_overlap_with_itself_or_with_another_place():
    there = [DAILY, subscription("s2", environment="staging"), subscription("s3", project="mobile")]
    assert preview(DAILY, reading(ended("d", at(20, 12))), there, NOW).overlaps == ()


@given(
    days=st.frozensets(st.sampled_from(Weekday), min_size=1),
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0, tzinfo=None)),
    zone=st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "UTC"]),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001  # bounds
)
def test_windows_tile_and_end_before_now_in_any_zone(days, at, zone, now):
    one = subscription(schedule=Schedule(days, at, zone))
    occurrences = [told.occurrence for told in preview(one, reading(), [], now).told]
    assert all(before.window_end == after.window_start for before, after in pairwise(occurrences))
    assert occurrences[-1].window_end <= now
    assert all(one.due_at > now - PREVIEWED for one in occurrences[1:])
    window = previewed_window(one, now)
    assert (window.start, window.end) == (occurrences[0].window_start, occurrences[-1].window_end)
