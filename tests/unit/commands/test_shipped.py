from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bot.commands.parser import parse
from bot.commands.questions import ShowShipped
from bot.domain.filters import NO_FILTERS
from tests.unit.commands.asking import ASKER, shipped

PLAIN = shipped("")


def asked(question: ShowShipped) -> dict[str, Any]:
    """What the question has beside the window that a bare /shipped has not."""
    return {**_given(question, PLAIN, ("window", "filters")), **_given(question.filters, NO_FILTERS)}


def _given(one: Any, plain: Any, besides: Sequence[str] = ()) -> dict[str, Any]:
    fields = [name for name in one.__slots__ if name not in besides]
    return {name: getattr(one, name) for name in fields if getattr(one, name) != getattr(plain, name)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("billing-service", {"names": ("billing-service",)}),
        ("Billing-* checkout", {"names": ("Billing-*", "checkout")}),
        ("billing, checkout", {"names": ("billing", "checkout")}),
        ("billing Billing billing", {"names": ("billing",)}),
        ("app:billing app:web,checkout-*", {"applications": ("billing", "web", "checkout-*")}),
        ('app:"my app","other, app"', {"applications": ("my app", "other, app")}),
        ('"add button" fix', {"words": ("add button",), "names": ("fix",)}),
        ('"today" "in:staging"', {"words": ("today", "in:staging")}),
        ("'dark mode' don't", {"words": ("dark mode",), "names": ("don't",)}),
        ("in:Staging", {"environment": "Staging"}),
        ("env:staging environment:staging", {"environment": "staging"}),
        ("project:shop", {"project": "shop"}),
        ("by:jane.doe", {"authors": ("jane.doe",)}),
        ("@jane.doe author:@sam", {"authors": ("sam", "jane.doe")}),
        ("by @jane.doe", {"authors": ("jane.doe",)}),
        ("by:a,b", {"authors": ("a", "b")}),
        ("by jane.doe billing", {"authors": ("jane.doe",), "names": ("billing",)}),
        ("by today", {"names": ("by",)}),
        ("-by:dependabot[bot] -author:renovate", {"excluded_authors": ("dependabot[bot]", "renovate")}),
        ("-@dependabot", {"excluded_authors": ("dependabot",)}),
        ("by:-dependabot[bot]", {"excluded_authors": ("dependabot[bot]",)}),
        ("- by:dependabot[bot] today", {"excluded_authors": ("dependabot[bot]",)}),
        ("– by dependabot", {"excluded_authors": ("dependabot",)}),
        ("not by:dependabot[bot]", {"excluded_authors": ("dependabot[bot]",)}),
        ("billing but not by dependabot", {"names": ("billing",), "excluded_authors": ("dependabot",)}),
        ("except for @dependabot", {"excluded_authors": ("dependabot",)}),
        ("without @dependabot", {"excluded_authors": ("dependabot",)}),
        ("not @a, @b and by:c today", {"excluded_authors": ("c", "a", "b")}),
        ("not @a,@b -@c @d", {"excluded_authors": ("a", "b", "c"), "authors": ("d",)}),
        ("not by:a by:b", {"excluded_authors": ("a",), "authors": ("b",)}),
        ('"not" by:jane', {"words": ("not",), "authors": ("jane",)}),
        ("status:failed", {"status": "failed"}),
        ("failed", {"names": ("failed",)}),
        ("kind:redeployment", {"kind": "redeployment"}),
        ("flag:new-checkout flag:x.*", {"flags": ("new-checkout", "x.*")}),
        ("pr:406 #407 pr:#408 pr 409", {"pull_requests": ("406", "408", "409", "407")}),
        ("#0406", {"pull_requests": ("406",)}),
        ("public", {"public": True}),
        ("--public billing", {"public": True, "names": ("billing",)}),
        (
            "--in staging --by=jane --app billing",
            {"environment": "staging", "authors": ("jane",), "applications": ("billing",)},
        ),
        ("in: staging", {"environment": "staging"}),
        ("IN:staging By:Jane PUBLIC", {"environment": "staging", "authors": ("Jane",), "public": True}),
        ("move to march", {"names": ("move", "to", "march")}),
        ("from redis to postgres", {"names": ("from", "redis", "to", "postgres")}),
        ("billing?", {"names": ("billing",)}),
        ("14:05", {"names": ("14:05",)}),
        ("billing - checkout", {"names": ("billing", "checkout")}),
    ],
)
def test_words_and_filters(text, expected):
    assert asked(shipped(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“add button”", {"words": ("add button",)}),
        ("„add button“", {"words": ("add button",)}),
        ("«add button»", {"words": ("add button",)}),
        ("‘add button’", {"words": ("add button",)}),
        ("flag:“x y”", {"flags": ("x y",)}),
        ("–by:dependabot", {"excluded_authors": ("dependabot",)}),
        ("—by:dependabot[bot]", {"excluded_authors": ("dependabot[bot]",)}),
        ("—@dependabot", {"excluded_authors": ("dependabot",)}),
        ("—public", {"public": True}),
        ("—in staging", {"environment": "staging"}),
        ("check‑out", {"names": ("check-out",)}),
    ],
)
def test_what_phones_make_of_quotes_and_dashes(text, expected):
    assert asked(shipped(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<@U024|jane.doe>", {"authors": ("jane.doe",)}),
        ("-<@U024|jane.doe>", {"excluded_authors": ("jane.doe",)}),
        ("by:<@U024|jane.doe>", {"authors": ("jane.doe",)}),
        ("<#C1|406>", {"pull_requests": ("406",)}),
        ("by:<mailto:jane@acme.example|jane@acme.example>", {"authors": ("jane@acme.example",)}),
        ("<http://checkout.io|checkout.io>", {"names": ("checkout.io",)}),
        ('"a &lt;b&gt; &amp;amp;"', {"words": ("a <b> &amp;",)}),
        ("app:<http://checkout.io|checkout.io>", {"applications": ("checkout.io",)}),
    ],
)
def test_what_slack_wraps_around_words(text, expected):
    assert asked(shipped(text)) == expected


def test_control_characters_and_direction_marks_are_dropped():
    assert asked(shipped("bil\u202eling\x00\x1b \u200fin:sta\u200bging")) == {
        "names": ("billing",),
        "environment": "staging",
    }


def test_order_and_line_breaks_do_not_matter():
    assert shipped("since:2d in:staging billing\nby:jane") == shipped("by:jane billing\tin:staging\r\nsince:2d")


@pytest.mark.parametrize(
    "text", ["/shipped billing since:2d", "shipped billing since:2d", "SHIPPED  billing since:2d", " billing since:2d"]
)
def test_the_command_may_stand_before_or_be_left_out(text):
    assert parse(text, ASKER) == shipped("billing since:2d")
