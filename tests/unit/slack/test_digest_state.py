from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.filters import Filters
from bot.domain.schedule import Schedule, Weekday
from bot.slack.digest_state import decode, encode
from bot.slack.state import BadState
from tests.builders import subscription

TEXT = st.text(max_size=60)
TEXTS = st.lists(TEXT, max_size=4).map(tuple)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001  # bounds
    lambda at: at.replace(microsecond=0)
)
SUBSCRIPTIONS = st.builds(
    lambda paused, reason, **changes: subscription(**changes).paused(reason) if paused else subscription(**changes),
    paused=st.booleans(),
    reason=st.text(max_size=100),
    number=st.integers(0, 999),
    revision=st.integers(1, 999),
    name=TEXT,
    project=TEXT,
    environment=TEXT,
    filters=st.builds(
        Filters,
        applications=TEXTS,
        kind=st.none() | TEXT.filter(bool),
        status=st.none() | TEXT.filter(bool),
        authors=TEXTS,
        excluded_authors=TEXTS,
        flags=TEXTS,
        pull_requests=TEXTS,
        words=TEXTS,
    ),
    schedule=st.builds(
        Schedule,
        st.frozensets(st.sampled_from(Weekday), min_size=1),
        st.times().map(lambda at: time(at.hour, at.minute)),
        st.sampled_from(["Europe/Berlin", "UTC", "Asia/Kathmandu"]),
    ),
    say_when_empty=st.booleans(),
    created_at=INSTANTS,
    counts_from=INSTANTS,
    due_after=INSTANTS,
)


@given(SUBSCRIPTIONS)
def test_what_is_read_is_what_was_written(one):
    assert decode(encode(one)) == one


def test_instants_are_kept_to_the_second_and_a_long_reason_in_its_beginning():
    one = subscription(reason="x" * 500)
    one = replace(one, due_after=one.due_after + timedelta(microseconds=7))
    back = decode(encode(one))
    assert back.due_after == one.due_after.replace(microsecond=0)
    assert back.reason == "x" * 100


@given(st.text(max_size=80) | st.recursive(st.integers() | st.text(), st.lists).map(str))
def test_anything_else_is_refused(value):
    with pytest.raises(BadState):
        decode(value)


def test_another_versions_digest_is_refused():
    with pytest.raises(BadState):
        decode(encode(subscription()).replace("[1,", "[2,", 1))


@pytest.mark.parametrize("wrong", ['"Europe/Berlin"', '"09:30"', '"01234"'])
def test_a_schedule_that_cannot_be_is_refused(wrong):
    with pytest.raises(BadState):
        decode(encode(subscription()).replace(wrong, '"x"'))
