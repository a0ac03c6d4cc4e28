from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.query import TimeWindow
from tests.builders import NOW, deployment, query

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("started", "ended", "inside"),
    [
        (-5, -4, False),
        (-5, -3, True),  # ended on the window's first instant
        (-5, -2, True),
        (-2, 0, True),
        (-1, 0, False),  # the end is not part of the window
        (-5, None, True),  # still under way
        (-1, None, False),
    ],
)
def test_any_moment_of_a_deployment_inside_the_window_counts(started, ended, inside):
    window = TimeWindow(NOW - 3 * HOUR, NOW - HOUR)
    one = deployment(started_at=NOW + started * HOUR, ended_at=None if ended is None else NOW + ended * HOUR)
    assert window.touches(one, NOW) is inside


def test_nothing_lies_in_a_window_that_has_not_begun():
    running = deployment(status="started", started_at=NOW - HOUR, ended_at=None)
    assert not TimeWindow(NOW + HOUR).touches(running, NOW)


def test_an_open_window_ends_now_and_a_closed_one_never_later():
    assert TimeWindow(NOW - HOUR).end_or(NOW) == NOW
    assert TimeWindow(NOW - HOUR, NOW + HOUR).end_or(NOW) == NOW
    assert TimeWindow(NOW - HOUR, NOW - HOUR / 2).end_or(NOW) == NOW - HOUR / 2


def test_windows_of_the_same_instants_are_equal_however_they_were_said():
    berlin = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
    assert TimeWindow(NOW, berlin, words="a") == TimeWindow(NOW, berlin, words="b")
    assert hash(TimeWindow(NOW, words="a")) == hash(TimeWindow(NOW, words="b"))


def test_the_source_filters_what_it_documents_and_the_rest_is_filtered_here():
    asked = query(applications=("b", "a"), kind="redeployment").for_source()
    assert (asked.applications, asked.kind) == (("a", "b"), "redeployment")
    asked = query(applications=("a", "b-*"), kind="rollback").for_source()
    assert (asked.applications, asked.kind) == ((), None)


def test_a_status_is_never_asked_of_the_source_for_its_word_has_others_beside_it():
    assert query(status="failed").for_source() == query().for_source()
