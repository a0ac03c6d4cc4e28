from __future__ import annotations

import pytest

from bot.commands.bare_words import guesses, sort_bare_words
from tests.unit.commands.asking import ASKER, shipped

APPLICATIONS = ("billing-service", "checkout-web", "checkout-api", "search-api")
ENVIRONMENTS = ("test", "staging", "production")


@pytest.mark.parametrize(
    ("text", "applications", "environment", "status", "words"),
    [
        ("staging", (), "staging", None, ()),
        ("Staging FAILED", (), "staging", "failed", ()),
        ("in:test staging", (), "test", None, ("staging",)),
        ("status:finished failed", (), None, "finished", ("failed",)),
        ("what shipped to staging", (), "staging", None, ()),
        ("did checkout-web ship", ("checkout-web",), None, None, ()),
        ("move to postgres", (), None, None, ("move", "postgres")),
        ("billing-service and checkout-web", ("billing-service", "checkout-web"), None, None, ()),
        ("refunds and checkout-web or payments", ("checkout-web",), None, None, ("refunds", "payments")),
        ("what shipped on friday in staging?", (), "staging", None, ()),
        ("what changed in the last hour?", (), None, None, ()),
        ("anything by jane for billing", (), None, None, ("billing",)),
        ("did it go or not", (), None, None, ("it", "go")),
        ("stag", (), None, None, ("stag",)),
        ("refund please", (), None, None, ("refund",)),
    ],
)
def test_bare_words_are_sorted(text, applications, environment, status, words):
    question = shipped(text)
    called = {name: (name,) if name in APPLICATIONS else () for name in question.names}
    found = sort_bare_words(question, called, ENVIRONMENTS)
    assert (found.applications, found.environment, found.status, found.words) == (
        applications,
        environment,
        status,
        words,
    )


def test_an_application_comes_before_every_other_meaning():
    found = sort_bare_words(shipped("staging failed"), {"staging": ("staging",), "failed": ("failed",)}, ENVIRONMENTS)
    assert (found.applications, found.environment, found.status) == (("staging", "failed"), None, None)


@pytest.mark.parametrize(
    ("text", "words", "offered"),
    [
        ("biling #406 status:failed", ("biling",), "/shipped billing-service #406 status:failed"),
        ("prd by:jane", ("prd",), "/shipped by:jane in:production"),
        ("yesteday", ("yesteday",), "/shipped yesterday"),
        ("tody", ("tody",), "/shipped today"),
        ("last wek in:staging", ("last", "wek"), "/shipped in:staging last week"),
        ("this moth", ("this", "moth"), "/shipped this month"),
        ("faild", ("faild",), "/shipped status:failed"),
        ("20.11.2026 in:staging", ("20.11.2026",), "/shipped in:staging 2026-11-20"),
        ("Nov 20, 2026", ("Nov", "20", "2026"), "/shipped 2026-11-20"),
        ("biling 20th of november", ("biling", "20th", "november"), "/shipped billing-service 2026-11-20"),
        ("october", ("october",), "/shipped 2026-10-01..2026-10-31"),
        ("2h30m", ("2h30m",), "/shipped 150m"),
        ("biling yesteday", ("biling", "yesteday"), "/shipped billing-service yesterday"),
        ("v3.20.3 in:staging", ("v3.20.3",), "/release v3.20.3 in:staging"),
        ("checkout-web biling last week", ("biling",), "/shipped checkout-web billing-service last week"),
    ],
)
def test_a_misspelt_word_is_offered_as_what_it_nearly_is(text, words, offered):
    assert guesses(shipped(text), words, APPLICATIONS, ENVIRONMENTS, ASKER)[0] == offered


def test_a_date_with_two_readings_is_offered_as_both():
    offered = guesses(shipped("02/03/2026"), ("02/03/2026",), APPLICATIONS, ENVIRONMENTS, ASKER)
    assert offered == ("/shipped 2026-03-02", "/shipped 2026-02-03")


@pytest.mark.parametrize(
    ("text", "words"),
    [("thanks", ("thanks",)), ("refund", ("refund",)), ("it", ("it",)), ("29.02.2027", ("29.02.2027",))],
)
def test_nothing_is_offered_for_a_word_that_is_near_nothing(text, words):
    assert guesses(shipped(text), words, APPLICATIONS, ENVIRONMENTS, ASKER) == ()
