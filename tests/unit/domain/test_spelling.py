from __future__ import annotations

import pytest

from bot.domain.spelling import called, like, nearest, only_match


def test_the_nearest_come_first_and_strangers_not_at_all():
    known = ["checkout-web", "checkout-api", "billing-service", "search"]
    assert nearest("chekout-web", known)[0] == "checkout-web"
    assert set(nearest("checkout", known)) == {"checkout-web", "checkout-api"}
    assert nearest("service", known)[0] == "billing-service"
    assert nearest("zzz", known) == nearest("", known) == ()


@pytest.mark.parametrize(
    ("typed", "nearest_one"),
    [("biling", "billing-service"), ("prd", "production"), ("stg", "staging"), ("tody", "today"), ("serch", "search")],
)
def test_a_part_that_is_nearly_the_word_and_a_shortened_word_are_near(typed, nearest_one):
    known = ["billing-service", "checkout-web", "search", "search-api", "production", "staging", "test", "today"]
    assert nearest(typed, known)[0] == nearest_one


@pytest.mark.parametrize("typed", ["thanks", "refund", "it", "ship"])
def test_what_looks_like_nothing_has_no_near_spelling(typed):
    assert nearest(typed, ["billing-service", "checkout-web", "production", "staging", "today", "failed"]) == ()


def test_near_spellings_are_bounded():
    assert len(nearest("app", [f"app-{n}" for n in range(50)], most=4)) == 4


@pytest.mark.parametrize(
    ("typed", "known", "meant"),
    [
        ("Prod", ["production", "staging"], "production"),
        ("production", ["production", "production-eu"], "production"),
        ("prod", ["production", "production-eu"], None),
        ("web", ["Web", "web"], "web"),
        ("WEB", ["Web", "web"], None),
        ("x", ["production"], None),
    ],
)
def test_a_key_is_meant_only_where_no_other_can_be(typed, known, meant):
    assert only_match(typed, known) == meant


@pytest.mark.parametrize(
    ("key", "pattern", "fits"),
    [("billing-api", "billing-*", True), ("billing-api", "*API", True), ("a.b", "a?b", False), ("[x]", "[x]", True)],
)
def test_only_the_star_is_a_wildcard(key, pattern, fits):
    assert like(key, pattern) is fits


def test_a_family_is_called_by_its_first_part():
    known = ["checkout-web", "checkout-api", "checkouts"]
    assert called("checkout", known) == ("checkout-api", "checkout-web")
    assert called("check", known) == ()
    assert called("checkouts", known) == ("checkouts",)
