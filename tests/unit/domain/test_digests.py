from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.deployments import Deployment
from bot.domain.digests import (
    LOOK_BACK,
    ON_TIME_FOR,
    Occurrence,
    Progress,
    Subscription,
    SubscriptionState,
    choose,
    due_occurrence,
)
from bot.domain.filters import Filters
from bot.domain.query import TimeWindow
from bot.domain.schedule import EVERY_DAY, WEEKDAYS, Schedule, Weekday, next_due, previous_due
from tests.builders import deployment, pull_request, query, subscription
from tests.unit.domain.test_digests_schedule import TEN_ZONES

FRIDAY, MONDAY, TUESDAY = (datetime(2026, 11, day, 8, 30, tzinfo=UTC) for day in (20, 23, 24))  # 09:30 in Berlin
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SINCE_FRIDAY = Progress(FRIDAY, FRIDAY)


def occurrence(**changes) -> Occurrence:
    fields = {"subscription_id": "s1", "due_at": MONDAY, "window_start": FRIDAY, "window_end": MONDAY}
    return Occurrence(**{**fields, **changes})


# What is due


def test_nothing_is_due_before_its_minute():
    assert due_occurrence(subscription(), MONDAY - timedelta(seconds=1), SINCE_FRIDAY) is None


@pytest.mark.parametrize("lateness", [timedelta(0), timedelta(seconds=59), ON_TIME_FOR])
def test_mondays_digest_covers_the_weekend_and_may_be_an_hour_late(lateness):
    assert due_occurrence(subscription(), MONDAY + lateness, SINCE_FRIDAY) == occurrence()


def test_after_an_outage_one_late_digest_covers_everything_up_to_now():
    now = TUESDAY + timedelta(hours=3, seconds=20)
    found = due_occurrence(subscription(), now, SINCE_FRIDAY)
    assert found == occurrence(due_at=TUESDAY, window_end=TUESDAY + timedelta(hours=3), late=True)


def test_a_late_digest_within_an_hour_of_the_next_is_left_to_the_next():
    wednesday = TUESDAY + DAY
    assert due_occurrence(subscription(), wednesday - HOUR, SINCE_FRIDAY) is None
    found = due_occurrence(subscription(), wednesday, SINCE_FRIDAY)
    assert found == occurrence(due_at=wednesday, window_end=wednesday)


def test_what_is_done_with_is_not_due_again():
    assert due_occurrence(subscription(), MONDAY + MINUTE, Progress(MONDAY, MONDAY)) is None


def test_the_digest_after_a_late_one_begins_where_that_ended():
    covered = MONDAY + timedelta(hours=5)
    found = due_occurrence(subscription(), TUESDAY, Progress(MONDAY, covered))
    assert found == occurrence(due_at=TUESDAY, window_start=covered, window_end=TUESDAY)


def test_the_digest_after_a_failed_one_covers_its_window_too():
    found = due_occurrence(subscription(), TUESDAY, Progress(last_due=MONDAY, covered_until=FRIDAY))
    assert found == occurrence(due_at=TUESDAY, window_end=TUESDAY)


def test_the_first_digest_covers_what_came_since_the_subscription_counts():
    made = MONDAY + HOUR
    fresh = subscription(created_at=made, counts_from=made, due_after=made)
    assert due_occurrence(fresh, made + MINUTE) is None
    assert due_occurrence(fresh, TUESDAY) == occurrence(due_at=TUESDAY, window_start=made, window_end=TUESDAY)


def test_a_paused_digest_is_not_due_and_a_resumed_one_starts_from_now():
    paused = subscription().paused("the channel is archived")
    assert (paused.state, paused.reason) == (SubscriptionState.PAUSED, "the channel is archived")
    assert due_occurrence(paused, MONDAY, SINCE_FRIDAY) is None
    resumed = paused.resumed(MONDAY + HOUR)
    assert resumed.is_active
    assert resumed.reason == ""
    assert due_occurrence(resumed, MONDAY + HOUR, SINCE_FRIDAY) is None
    found = due_occurrence(resumed, TUESDAY, SINCE_FRIDAY)
    assert found == occurrence(due_at=TUESDAY, window_start=MONDAY + HOUR, window_end=TUESDAY)


def test_an_earlier_time_set_after_it_has_passed_is_first_due_tomorrow_and_leaves_no_gap():
    evening = Schedule(WEEKDAYS, time(18, 0), "Europe/Berlin")
    told = FRIDAY + timedelta(hours=8, minutes=30)
    moved = subscription(schedule=evening).rescheduled(subscription().schedule, MONDAY + 4 * HOUR)
    assert due_occurrence(moved, MONDAY + 5 * HOUR, Progress(told, told)) is None
    found = due_occurrence(moved, TUESDAY, Progress(told, told))
    assert found == occurrence(due_at=TUESDAY, window_start=told, window_end=TUESDAY)


def test_an_occurrence_has_a_key_a_deadline_and_a_window_to_read():
    found = occurrence()
    assert found.key == "s1@2026-11-23T08:30Z"
    assert found.deadline == MONDAY + ON_TIME_FOR
    assert found.reading_window == TimeWindow(FRIDAY - LOOK_BACK, MONDAY)


# What belongs in it


def ended(at: datetime, id: str = "d1", **changes) -> Deployment:
    return deployment(id, **{"started_at": at - 5 * MINUTE, "ended_at": at, **changes})


@pytest.mark.parametrize(
    ("one", "belongs"),
    [
        (ended(FRIDAY), True),
        (ended(MONDAY - timedelta(microseconds=1), status="failed"), True),
        (ended(MONDAY), False),
        (ended(FRIDAY - LOOK_BACK), True),
        (ended(FRIDAY - LOOK_BACK - MINUTE), False),
        (ended(MONDAY - HOUR, started_at=MONDAY - 10 * DAY), True),
        (ended(MONDAY - HOUR, status="started", ended_at=None), False),
        (ended(MONDAY - HOUR, status="canceled"), False),
        (ended(MONDAY - HOUR, archived=True), False),
        (ended(MONDAY - HOUR, application="search-api"), False),
    ],
    ids=[
        "at the start", "failed, before the end", "at the end", "learned of late", "too long ago", "running for long",
        "still running", "neither finished nor failed", "hidden in LaunchDarkly", "not asked for",
    ],
)  # fmt: skip
def test_a_digest_holds_what_finished_or_failed_in_time(one, belongs):
    billing = subscription(filters=Filters(applications=("billing-*",)))
    assert choose([one], billing, occurrence(), told=()) == ((one,) if belongs else ())


def test_what_was_told_is_not_told_again():
    one, other = ended(MONDAY - HOUR, "d1"), ended(MONDAY - HOUR, "d2")
    assert choose([one, other], subscription(), occurrence(), told={"d1"}) == (other,)


def test_nothing_from_before_the_subscription_counts_is_told():
    counting = subscription(counts_from=FRIDAY)
    before, since = ended(FRIDAY - MINUTE, "d1"), ended(FRIDAY, "d2")
    assert choose([before, since], counting, occurrence(), told=()) == (since,)


def test_a_subscription_asks_all_that_was_asked_for():
    asked = query(
        applications=("billing-*",),
        kind="redeployment",
        status="failed",
        authors=("jane.doe",),
        excluded_authors=("dependabot",),
        flags=("new-*",),
        pull_requests=("406",),
        words=("refund",),
    )
    made = subscription(project=asked.project, environment=asked.environment, filters=asked.filters)
    assert made.query(asked.window) == asked


def test_filters_on_pull_requests_choose_deployments():
    jane = ended(MONDAY - HOUR, "d1", pull_requests=(pull_request(1, author="jane.doe"),))
    john = ended(MONDAY - HOUR, "d2", pull_requests=(pull_request(2, author="john.roe"),))
    janes = subscription(filters=Filters(authors=("jane.doe",)))
    assert choose([jane, john], janes, occurrence(), told=()) == (jane,)


# A life of a subscription: ticks, outages, deployments learned of late


@dataclass
class Life:
    """A subscription lived through on values alone: what ``due_occurrence`` and ``choose`` decide is recorded."""

    subscription: Subscription
    progress: Progress = Progress()  # noqa: RUF009 -- a frozen value
    told: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.occurrences: list[Occurrence] = []
        self.tellings: Counter[str] = Counter()

    def tick(self, now: datetime, known: list[Deployment], *, source_is_up: bool) -> None:
        found = due_occurrence(self.subscription, now, self.progress)
        if found is None:
            return
        if not source_is_up:
            if now >= found.due_at + ON_TIME_FOR - 5 * MINUTE:  # given up: said so, the next one makes up for it
                self.progress = Progress(found.due_at, self.progress.covered_until)
            return
        chosen = [d.id for d in choose(known, self.subscription, found, self.told)]
        self.tellings.update(chosen)
        self.told |= frozenset(chosen)
        self.occurrences.append(found)
        self.progress = Progress(found.due_at, found.window_end)


START = datetime(2026, 3, 1, tzinfo=UTC)
LENGTH = timedelta(days=40)  # spring in the north, autumn in the south: clocks change in both directions
offsets = st.integers(0, int(LENGTH / MINUTE)).map(lambda minutes: minutes * MINUTE)
outages = st.lists(st.tuples(offsets, st.integers(1, 6000).map(lambda m: m * MINUTE)), max_size=6)
any_schedule = st.builds(
    Schedule,
    days=st.one_of(st.just(EVERY_DAY), st.just(WEEKDAYS), st.frozensets(st.sampled_from(Weekday), min_size=1)),
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    zone=st.sampled_from(TEN_ZONES),
)


def is_out(moment: datetime, during: list[tuple[timedelta, timedelta]]) -> bool:
    return any(START + begin <= moment < START + begin + length for begin, length in during)


def moments_of(schedule: Schedule, seed_minutes: list[timedelta], until: datetime) -> list[datetime]:
    """The ticks that can matter: around each due time, some others, and a steady beat."""
    ticks = {START + minutes for minutes in seed_minutes}
    ticks |= {START + number * 6 * HOUR for number in range(int((until - START) / (6 * HOUR)))}
    due = START
    while due < until:
        due = next_due(schedule, due)
        ticks |= {due - MINUTE, due, due + MINUTE, due + 30 * MINUTE, due + 55 * MINUTE, due + 61 * MINUTE}
    return sorted(tick for tick in ticks if START <= tick <= until)


@settings(max_examples=150)
@given(
    schedule=any_schedule,
    others=st.lists(offsets, max_size=40),
    process=outages,
    source=outages,
    ends=st.lists(st.tuples(offsets, st.integers(0, int(LOOK_BACK / MINUTE))), max_size=40),
)
def test_every_finished_deployment_is_in_exactly_one_digest_whatever_breaks(schedule, others, process, source, ends):
    life = Life(subscription(schedule=schedule, created_at=START, counts_from=START, due_after=START))
    shipped = [
        (START + end + delay * MINUTE, ended(START + end, f"d{n}", started_at=START + end - (n % 9) * DAY))
        for n, (end, delay) in enumerate(ends)
    ]
    everything_works_again = START + LENGTH + timedelta(days=5)
    last = next_due(schedule, next_due(schedule, next_due(schedule, everything_works_again)))
    for now in moments_of(schedule, others, last):
        broken = now < everything_works_again
        if not (broken and is_out(now, process)):
            known = [d for learned_at, d in shipped if learned_at <= now]
            life.tick(now, known, source_is_up=not (broken and is_out(now, source)))

    assert life.tellings == Counter({d.id: 1 for _, d in shipped})
    occurrences = life.occurrences
    assert occurrences[0].window_start == START
    assert all(earlier.window_end == later.window_start for earlier, later in pairwise(occurrences))
    assert all(earlier.due_at < later.due_at for earlier, later in pairwise(occurrences))
    assert len({o.key for o in occurrences}) == len(occurrences)
    assert all(o.deadline <= next_due(schedule, o.due_at) for o in occurrences)
    assert all(previous_due(schedule, o.due_at) == o.due_at for o in occurrences)


@settings(max_examples=50)
@given(schedule=any_schedule, others=st.lists(offsets, max_size=40))
def test_undisturbed_windows_are_exactly_the_times_between_due_times(schedule, others):
    life = Life(subscription(schedule=schedule, created_at=START, counts_from=START, due_after=START))
    for now in moments_of(schedule, others, START + LENGTH):
        life.tick(now, [], source_is_up=True)
    expected, due = [], START
    while (due := next_due(schedule, due)) <= START + LENGTH:
        expected.append(due)
    assert [o.due_at for o in life.occurrences] == expected
    assert [(o.window_start, o.window_end) for o in life.occurrences] == list(pairwise([START, *expected]))
    assert not any(o.late for o in life.occurrences)
