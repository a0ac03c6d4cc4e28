from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.deployments import COMPLETE, Completeness, Deployment
from bot.domain.lookup import (
    Found,
    Lookup,
    Match,
    Searched,
    Sought,
    by_application,
    by_deployment,
    by_flag,
    by_pull_request,
    by_version,
)
from bot.domain.query import TimeWindow
from bot.domain.summary import Copy
from bot.formatting.release import format_lookup
from tests.builders import NOW, deployment, flag, pull_request

GAP = Completeness(("staging could not be read: LaunchDarkly answered 503.",))
HOUR = timedelta(hours=1)
PR = pull_request(406, merged_at=NOW - 5 * HOUR)
FIRST = deployment("d1", started_at=NOW - 3 * HOUR, pull_requests=[PR], flag_references=[flag()])
STAGED = deployment("d0", environment="staging", started_at=NOW - 4 * HOUR, pull_requests=[PR])


def answer(
    matches: tuple[Match, ...], asked: str = "#406", near: tuple[str, ...] = (), further: str = "", **changes
) -> list[str]:
    fields = {
        "project": "default",
        "window": TimeWindow(NOW - timedelta(days=30)),
        "environments": ("production", "staging"),
        "deployments": 412,
        "completeness": COMPLETE,
        "as_of": NOW,
    }
    searched = Searched(**{**fields, **changes})
    return format_lookup(
        Lookup(asked, matches, searched, near, further), base_url="https://ld.example"
    ).text.splitlines()


def places(*deployments: Deployment) -> Found:
    environments = dict.fromkeys(d.environment for d in deployments)
    return tuple((env, tuple(d for d in deployments if d.environment == env)) for env in environments)


def test_the_first_line_says_since_when_it_is_there():
    told = answer(by_pull_request(places(FIRST, STAGED), "406"))
    assert told[0] == "Yes: pull request #406 reached production Mon 23 Nov 07:04 UTC with billing-service a90a8a2"


def test_it_got_there_with_the_first_finished_deployment():
    failed = deployment("d3", status="failed", version="bad", started_at=NOW - HOUR, pull_requests=[PR])
    attempt = deployment("d4", status="failed", version="early", started_at=NOW - 9 * HOUR, pull_requests=[PR])
    told = answer(by_pull_request(places(failed, FIRST, attempt), "406"))
    assert "reached production Mon 23 Nov 07:04 UTC" in told[0]
    assert "   – 1 later deployment with it there, the latest: bad failed Mon 23 Nov 09:04 UTC" in told
    assert "   – 1 earlier attempt there" in told
    assert "• staging: not seen" in told


@pytest.mark.parametrize(
    ("changes", "searched", "words"),
    [
        ({}, {}, "Not in production yet: "),
        ({}, {"completeness": GAP}, "Not seen in production in what could be read: "),
        (
            {"created_at": NOW - timedelta(days=90)},
            {},
            "Not seen in production since Sat 24 Oct 10:00 UTC: ",
        ),
        (
            {},
            {"window": TimeWindow(NOW - timedelta(days=30), NOW - HOUR)},
            "Not seen in production since Sat 24 Oct 10:00 UTC: ",
        ),
    ],
)
def test_not_there_is_said_no_stronger_than_the_search_allows(changes, searched, words):
    staged = deployment(environment="staging", pull_requests=[pull_request(406, **changes)])
    told = answer(by_pull_request(places(staged), "406"), **searched)
    assert told[0] == f"{words}pull request #406 reached staging Mon 23 Nov 09:04 UTC with billing-service a90a8a2"


def test_a_failure_is_not_an_arrival():
    failed = deployment(status="failed", pull_requests=[PR])
    told = answer(by_pull_request(places(failed), "406"))
    assert told[0] == ("Not in production yet: pull request #406 – billing-service a90a8a2 failed Mon 23 Nov 09:04 UTC")


def test_what_is_still_on_its_way_elsewhere_is_told():
    running = deployment(environment="staging", status="started", ended_at=None, pull_requests=[PR])
    told = answer(by_pull_request(places(running), "406"))
    assert told[0].endswith("pull request #406 – staging: running, started Mon 23 Nov 09:00 UTC")


def test_yes_is_not_said_about_another_environment_when_production_could_not_be_read():
    told = answer(by_pull_request(places(STAGED), "406"), environments=("staging",), completeness=GAP)
    assert told[0].startswith("Found: pull request #406 reached staging")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "is merged (Mon 23 Nov 07:00 UTC), but no deployment that was read carries it"),
        (
            {"merged_at": None, "status": "open"},
            "is not merged (status “open”), and no deployment that was read carries it",
        ),
        ({"merged_at": None, "status": ""}, "is not merged, and no deployment that was read carries it"),
    ],
)
def test_a_pull_request_in_no_deployment_says_whether_it_is_merged(changes, words):
    told = answer((Match(Sought.PULL_REQUEST, "406", "", (), pull_request(406, **changes)),))
    assert told[0] == f"Not in production yet: pull request #406 {words}"


def test_what_is_known_without_being_deployed_is_told_as_such():
    told = answer((Match(Sought.VERSION, "1.2", "web", ()),))
    assert told[0].endswith(": 1.2 is known, but no deployment that was read carries it")


def test_an_application_says_where_it_was_not_seen():
    assert "• not seen in staging" in answer(by_application(places(FIRST), "billing-service"))


def test_a_flag_in_many_environments_counts_them():
    touching = places(*(deployment(environment=f"env-{n}", flag_references=[flag()]) for n in range(9)))
    assert "• and 3 more environments" in answer(by_flag(touching, "new-checkout"))


def test_a_version_names_its_application():
    told = answer(by_version(places(FIRST), "a90a8a2"))
    assert told[0] == "Yes: billing-service a90a8a2 reached production Mon 23 Nov 07:04 UTC"


def test_a_deployment_is_told_for_its_own_environment_alone():
    told = answer(by_deployment(places(STAGED), "d0"))
    assert told[0] == "Deployment of billing-service a90a8a2 to staging: finished Mon 23 Nov 06:04 UTC"
    assert not any("production: " in line for line in told)


def test_a_long_list_of_authors_is_named_beside_the_shortened_list():
    crowd = deployment(pull_requests=[pull_request(n, author=f"person-{n}") for n in range(10)])
    told = answer(by_version(places(crowd), "a90a8a2"))
    assert "• 5 more of 10 pull requests" in told
    assert any(line.startswith("• authors: person-0, person-1") and line.endswith("and 2 more") for line in told)


@pytest.mark.parametrize(
    ("added", "removed", "word"), [(2, 0, "added"), (0, 3, "removed"), (1, 1, "added and removed"), (0, 0, "listed")]
)
def test_a_flag_is_told_by_its_references_only(added, removed, word):
    touching = deployment(flag_references=[flag("new-checkout", added, removed)])
    told = answer(by_flag(places(touching), "new-checkout"), "new-checkout")
    assert told[0] == (
        f"Flag new-checkout: references {word} in production with billing-service a90a8a2, "
        "finished Mon 23 Nov 09:04 UTC"
    )
    assert f"• billing-service a90a8a2 finished Mon 23 Nov 09:04 UTC · +{added} −{removed} ({word})" in told
    assert any("do not say whether the flag is on, or gone" in line for line in told)


def test_a_flag_touched_elsewhere_only_says_so_and_counts_the_deployments():
    touching = [deployment(f"d{n}", environment="staging", flag_references=[flag()]) for n in range(9)]
    told = answer(by_flag(places(*touching), "new-checkout"), "new-checkout")
    assert told[0].startswith("No change seen in production. Flag new-checkout: references added in staging")
    assert "• 4 more of 9 deployments" in told


def test_an_application_is_told_by_its_latest_finished_release():
    later = [
        deployment(f"l{n}", version=f"later-{n}", status="failed", started_at=NOW - timedelta(minutes=n))
        for n in (1, 2, 3)
    ]
    told = answer(by_application(places(*later, FIRST, STAGED), "billing-service"), "billing-service")
    assert told[0] == "Latest release of billing-service to production: a90a8a2 finished Mon 23 Nov 07:04 UTC"
    assert "   – later: later-1 failed Mon 23 Nov 10:03 UTC" in told
    assert "   – 1 more of 3 not known to be finished" in told


@pytest.mark.parametrize(
    ("deployments", "searched", "headline"),
    [
        ([FIRST], {"completeness": GAP}, "Latest release found of billing-service to production: "),
        (
            [deployment(status="failed")],
            {},
            "No finished deployment of billing-service to production found; the latest:",
        ),
        ([STAGED], {}, "No deployment of billing-service to production found"),
    ],
)
def test_an_application_without_a_certain_release_is_told_as_such(deployments, searched, headline):
    told = answer(by_application(places(*deployments), "billing-service"), "billing-service", **searched)
    assert told[0].startswith(headline)


def test_several_matches_are_listed_with_the_command_for_each():
    found = places(FIRST, deployment("d9", application="web", pull_requests=[pull_request(406, url="")]))
    matches = (
        *by_pull_request(found, "406"),
        *by_flag(found, "new-checkout"),
        *by_application(found, "web"),
        *by_version(found, "a90a8a2"),
        *by_deployment(found, "d9"),
    )
    told = answer(matches, "406", scope="project:shop since:90d")
    assert told[0] == f"{len(matches)} things match 406 – which one?"
    assert [line.strip(" –") for line in told if "/release" in line] == [
        "/release https://github.com/acme/billing/pull/406 project:shop since:90d",
        "/release flag:new-checkout project:shop since:90d",
        "/release app:web project:shop since:90d",
        "/release version:a90a8a2 app:billing-service project:shop since:90d",
        "/release version:a90a8a2 app:web project:shop since:90d",
        "/release d9 project:shop since:90d",
    ]


def test_more_matches_than_can_be_listed_are_counted():
    found = places(*(deployment(f"d{n}", application=f"app-{n:02}") for n in range(14)))
    assert "4 more of 14 not listed: ask more exactly." in answer(by_application(found, "*"), "app-*")


def test_not_found_says_how_far_it_looked_and_what_to_type():
    looked = "No match in 412 deployments to production, staging of project default, since Sat 24 Oct 10:00 UTC."
    near = ("/release checkout-web since:2d", "/release app:größer")
    assert answer((), "chekout", near, further="/release chekout since:90d") == [
        "Not found: chekout",
        looked,
        "Did you mean /release checkout-web since:2d or /release app:größer?",
        "As of Mon 23 Nov 10:00 UTC",
    ]
    assert answer((), "#9", further="/release #9 since:90d")[2] == "Look further back: /release #9 since:90d"


@pytest.mark.parametrize(
    ("again", "told"),
    [
        (
            False,
            "Reached production: pull request #406, Mon 23 Nov 07:04 UTC with billing-service a90a8a2; "
            "a rollback (8b0e99f) followed Mon 23 Nov 08:04 UTC, so it may be out again",
        ),
        (
            True,
            "Yes: pull request #406 reached production Mon 23 Nov 07:04 UTC with billing-service a90a8a2; again "
            "Mon 23 Nov 09:04 UTC with billing-service b11c0de, after a rollback (8b0e99f) Mon 23 Nov 08:04 UTC",
        ),
    ],
)
def test_a_rollback_after_the_arrival_is_told_and_no_more_is_claimed(again, told):
    there = [
        deployment("r", version="8b0e99f", kind="rollback", started_at=NOW - 2 * HOUR),
        FIRST,
    ]
    if again:
        there.insert(0, deployment("again", version="b11c0de", pull_requests=[PR]))
    assert answer(by_pull_request(places(*there), "406"))[0] == told


def test_a_partial_search_never_says_not_found_flatly():
    told = answer((), completeness=GAP)
    assert told[0] == "Not found in what could be read: #406"
    assert "• staging could not be read: LaunchDarkly answered 503." in told


def test_a_stale_search_says_so():
    told = answer((), copy=Copy("LaunchDarkly did not answer (503)."))
    assert any(line.startswith("⚠️ Not fresh. LaunchDarkly did not answer (503).") for line in told)


def test_many_environments_are_counted():
    names = tuple(f"env-{n}" for n in range(12))
    told = answer(by_version(places(FIRST), "a90a8a2"), environments=("production", *names))
    assert "• and 5 more environments" in told
    applications = places(*(deployment(environment=name) for name in names))
    assert "• and 6 more environments" in answer(by_application(applications, "*"), environments=names)
