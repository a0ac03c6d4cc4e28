"""A question that an answer offers again is the same question."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from bot.commands.parser import parse, parse_command
from bot.commands.questions import FindRelease, ShowHelp, ShowShipped, Target, TargetKind
from bot.commands.retyped import as_typed, in_window, retyped, widened
from bot.domain.filters import Filters
from bot.domain.query import TimeWindow
from tests.builders import query
from tests.unit.commands.asking import ASKER
from tests.unit.commands.test_parser import TYPED, outcome


@pytest.mark.parametrize(
    "text",
    [
        "/shipped",
        "/shipped billing fix #406 status:failed kind:rollback last week",
        '/shipped "größer als" app:"my app" by:jane.doe -by:dependabot[bot] flag:x.* in:staging project:shop',
        "/shipped since:2026-11-01 to:2026-11-15 public",
        "/release #406",
        "/release flag:new-checkout in:staging since:90d",
        "/release version:2.31.0 app:web",
        "/release app:web staging",
        "/release https://github.com/acme/web/pull/406 project:shop",
        "/release Zahlungsübersicht",
        "/release acme-shop/billing-service#406 staging",
        "/release billing-service@ca7d74e",
    ],
)
def test_a_question_is_typed_again_as_it_was(text):
    question = parse(text, ASKER)
    assert not isinstance(question, ShowHelp)
    again = parse(retyped(question, ASKER), ASKER)
    assert again == question


def test_what_nobody_typed_is_not_added():
    assert retyped(ShowShipped(TimeWindow(ASKER.now, typed="")), ASKER) == "/shipped"


def test_a_window_of_which_the_words_are_lost_is_typed_in_instants():
    start = ASKER.now.replace(second=0) - timedelta(days=3)
    question = ShowShipped(TimeWindow(start, start + timedelta(days=1)))
    again = parse(retyped(question, ASKER), ASKER)
    assert isinstance(again, ShowShipped)
    assert (again.window.start, again.window.end) == (start, start + timedelta(days=1))


def test_what_cannot_be_typed_is_not_offered():
    window = TimeWindow(ASKER.now, zone=UTC, typed="")
    assert retyped(ShowShipped(window, filters=Filters(words=('a " b',))), ASKER) == ""
    assert retyped(FindRelease(Target(TargetKind.ANYTHING, "x" * 400), window), ASKER) == ""


@pytest.mark.parametrize(
    ("text", "wider"),
    [
        ("/shipped billing status:failed", "/shipped billing status:failed since:7d"),
        ("/shipped #406 since:7d", "/shipped #406 since:30d"),
        ("/shipped billing last 30 days", "/shipped billing since:90d"),
        ("/shipped since:200d", "/shipped since:365d"),
        ("/release #406", "/release #406 since:90d"),
        ("/release flag:x in:staging since:90d", "/release flag:x in:staging since:365d"),
    ],
)
def test_a_wider_question_is_the_same_over_a_longer_time(text, wider):
    question = parse(text, ASKER)
    assert not isinstance(question, ShowHelp)
    assert widened(question, ASKER) == wider


@given(TYPED)
def test_whatever_was_typed_is_offered_with_the_same_filters_or_not_at_all(text):
    question = outcome(text, ASKER)
    if not isinstance(question, ShowShipped | FindRelease):
        return
    for command in (retyped(question, ASKER), widened(question, ASKER), retyped(in_window(question, ""), ASKER)):
        if command:
            again = parse(command, ASKER)
            assert not isinstance(again, ShowHelp)
            assert replace(again, window=question.window) == question


def test_a_query_is_typed_with_its_resolved_keys_and_instants():
    window = TimeWindow(datetime(2026, 11, 20, 8, 30, 5, tzinfo=UTC), datetime(2026, 11, 21, 8, 30, tzinfo=UTC))
    asked = query(window=window, applications=("my app",), words=("größer als",), status="failed")
    question = parse_command("/shipped", as_typed(asked), ASKER)
    assert isinstance(question, ShowShipped)
    assert (question.project, question.environment) == ("default", "production")
    assert (question.filters, question.window) == (asked.filters, window)
