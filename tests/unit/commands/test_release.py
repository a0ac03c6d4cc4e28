from __future__ import annotations

import pytest

from bot.commands.parser import parse, parse_command
from bot.commands.questions import ShowHelp, Target, TargetKind
from tests.unit.commands.asking import ASKER, release

UUID = "0B6cb9d0-2b7e-4cbb-9d6d-0a3f6c8e2a55"
GITHUB = "https://github.com/acme/billing/pull/406"
GITLAB = "https://gitlab.com/acme/shop/web/-/merge_requests/5"


@pytest.mark.parametrize(
    ("text", "kind", "named", "url"),
    [
        ("#406", TargetKind.PULL_REQUEST, "406", ""),
        ("pr:406", TargetKind.PULL_REQUEST, "406", ""),
        ("pr 406", TargetKind.PULL_REQUEST, "406", ""),
        ("pr:#0406", TargetKind.PULL_REQUEST, "406", ""),
        (GITHUB, TargetKind.PULL_REQUEST, "406", GITHUB),
        (f"<{GITHUB}>", TargetKind.PULL_REQUEST, "406", GITHUB),
        (f"<{GITHUB}/files?a=1&amp;b=2|{GITHUB}>", TargetKind.PULL_REQUEST, "406", GITHUB),
        (f"{GITHUB}#discussion_r1,2", TargetKind.PULL_REQUEST, "406", GITHUB),
        ("github.com/acme/billing/pull/406", TargetKind.PULL_REQUEST, "406", GITHUB),
        (f"pr:{GITHUB}", TargetKind.PULL_REQUEST, "406", GITHUB),
        (GITLAB, TargetKind.PULL_REQUEST, "5", GITLAB),
        ("acme-shop/billing-service#406", TargetKind.PULL_REQUEST, "406", "acme-shop/billing-service/pull/406"),
        ("pr:acme/billing#0406", TargetKind.PULL_REQUEST, "406", "acme/billing/pull/406"),
        ("flag:new-checkout", TargetKind.FLAG, "new-checkout", ""),
        ("flag new-checkout", TargetKind.FLAG, "new-checkout", ""),
        ("version:2.31.0", TargetKind.VERSION, "2.31.0", ""),
        ("app:billing", TargetKind.APPLICATION, "billing", ""),
        (UUID, TargetKind.DEPLOYMENT, UUID, ""),
        ("406", TargetKind.ANYTHING, "406", ""),
        ("a90a8a2", TargetKind.ANYTHING, "a90a8a2", ""),
        ("`a90a8a2`", TargetKind.ANYTHING, "a90a8a2", ""),
        ("2026-11-01", TargetKind.ANYTHING, "2026-11-01", ""),
        ("Billing-*", TargetKind.ANYTHING, "Billing-*", ""),
        ("a90a8a2 a90a8a2", TargetKind.ANYTHING, "a90a8a2", ""),
    ],
)
def test_targets(text, kind, named, url):
    assert release(text).target == Target(kind, named, url)


def test_what_narrows_the_search():
    question = release("#406 in:staging project:shop app:billing,web public")
    assert (question.environment, question.project, question.applications, question.public) == (
        "staging",
        "shop",
        ("billing", "web"),
        True,
    )
    assert question.target.kind is TargetKind.PULL_REQUEST


@pytest.mark.parametrize(
    ("text", "target", "narrowing"),
    [
        ("checkout-web staging", "checkout-web", ("staging",)),
        ("#406 in staging", "406", ("staging",)),
        ("flag:x staging", "x", ("staging",)),
        ("app:web staging", "web", ("staging",)),
        ("what", "what", ()),
        ('"to" staging', "to", ("staging",)),
    ],
)
def test_a_second_bare_word_can_only_be_an_environment(text, target, narrowing):
    question = release(text)
    assert (question.target.text, question.narrowing, question.applications) == (target, narrowing, ())


@pytest.mark.parametrize(
    "text",
    [
        "billing-service@ca7d74e",
        "billing-service ca7d74e",
        "billing-service, ca7d74e",
        "app:billing-service version:ca7d74e",
    ],
)
def test_an_application_and_a_version_beside_it_are_that_applications_version(text):
    question = release(f"{text} since:7d")
    assert question.target == Target(TargetKind.VERSION, "ca7d74e")
    assert (question.applications, question.narrowing) == (("billing-service",), ())
    assert release(f"is {text} in staging").narrowing == ("staging",)


def test_an_application_alone_is_the_target_and_narrows_nothing():
    assert release("app:billing").applications == ()


def test_thirty_days_unless_told():
    assert release("#406").window.words == "the last 30 days"
    assert release("#406").window.end is None
    assert release("#406 since:90d").window.words == "the last 90 days"
    assert release("#406 last week").window.words == "last week (16–22 Nov)"
    assert release("since friday #406").window.words == "since Friday 20 Nov"


@pytest.mark.parametrize("text", ["", "  ", "help", "?", "--help"])
def test_nothing_named_is_help(text):
    assert parse_command("/release", text, ASKER) == ShowHelp("/release")


def test_help_with_a_topic():
    assert parse("/release help Windows", ASKER) == ShowHelp("/release", "windows")
    assert parse("help since:", ASKER) == ShowHelp("/shipped", "since")


def test_a_quoted_help_is_something_to_look_for():
    assert release('"help"').target == Target(TargetKind.ANYTHING, "help")
