from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain import lookup
from bot.domain.lookup import Found, Sought
from tests.builders import NOW, deployment, flag, pull_request

HOUR = timedelta(hours=1)
SHA = "a90a8a2f" + "0" * 32


def found(*deployments, environment: str = "production") -> Found:
    return ((environment, tuple(deployments)),)


@pytest.mark.parametrize(
    ("version", "typed", "matches"),
    [
        (SHA, "a90a8a2", True),
        (SHA, "A90A8A2", True),
        (SHA, "a9", True),
        (SHA, "b90", False),
        ("a90a8a2", SHA, False),
        ("2.31.0", "2.31", True),
        ("2.31.0", "2.3", False),
        ("v2.31.0", "2.31.0", True),
        ("2.31.0", "v2.31.0", True),
        ("2.31.0-rc1", "2.31.0", True),
        ("release_7", "release", True),
        ("x", "x", True),
    ],
)
def test_a_version_is_named_by_its_beginning_where_a_part_of_it_ends(version, typed, matches):
    assert bool(lookup.by_version(found(deployment(version=version)), typed)) is matches


def test_a_version_given_whole_names_only_itself():
    both = found(deployment("a", version="2.31.0"), deployment("b", version="2.31.0-rc1"))
    assert [m.name for m in lookup.by_version(both, "2.31.0")] == ["2.31.0"]


def test_one_version_of_two_applications_is_two_matches():
    both = found(deployment("a", application="web"), deployment("b", application="api"))
    assert [m.application for m in lookup.by_version(both, "a90a8a2")] == ["api", "web"]


def test_a_commit_of_a_pull_request_finds_the_pull_request():
    one = deployment(version="2.31.0", pull_requests=[pull_request(406, merge_commit=SHA, head_commit="c0ffee1")])
    for typed in ("a90a8a2", "c0ffee1"):
        (match,) = lookup.by_version(found(one), typed)
        assert (match.sought, match.name) == (Sought.PULL_REQUEST, "406")
    assert lookup.by_version(found(one), "a90a8") == ()  # too short to be a commit


def test_a_number_in_two_repositories_is_two_matches_and_an_address_tells_them_apart():
    one = deployment(pull_requests=[pull_request(7, url="https://h.example/a/pull/7")])
    two = deployment(pull_requests=[pull_request(7, url="https://h.example/b/pull/7")])
    assert len(lookup.by_pull_request(found(one, two), "7")) == 2
    (match,) = lookup.by_pull_request(found(one, two), "7", "http://H.example/b/pull/7/?w=1#diff")
    assert match.pull_request is not None
    assert match.pull_request.url.endswith("/b/pull/7")
    two = deployment(pull_requests=[pull_request(7, url="https://h.example/acme-b/pull/7")])
    assert lookup.by_pull_request(found(two), "7", "b/pull/7") == ()


def test_an_address_may_lack_its_host():
    one = deployment(pull_requests=[pull_request(7, url="https://h.example/acme/web/pull/7")])
    two = deployment(pull_requests=[pull_request(7, url="https://h.example/acme/web-api/pull/7")])
    (match,) = lookup.by_pull_request(found(one, two), "7", "Acme/web/pull/7")
    assert match.pull_request == one.pull_requests[0]


def test_it_arrived_with_the_first_deployment_that_finished():
    change = pull_request(406)
    late = deployment("late", started_at=NOW - HOUR, pull_requests=[change])
    first = deployment("first", started_at=NOW - 3 * HOUR, pull_requests=[change])
    broken = deployment("broken", started_at=NOW - 4 * HOUR, status="failed", pull_requests=[change])
    (match,) = lookup.by_pull_request(found(late, first, broken), "406")
    (place,) = match.places
    assert place.arrived is first
    assert place.latest is late
    only_failed = lookup.by_pull_request(found(broken), "406")[0].places[0]
    assert only_failed.arrived is None


def test_a_flag_is_found_in_any_case_and_told_apart_by_project():
    one = deployment(flag_references=[flag("New-Checkout"), flag("new-checkout", project="other")])
    assert len(lookup.by_flag(found(one), "new-checkout")) == 2
    assert lookup.by_flag(found(one), "checkout") == ()


def test_a_bare_word_that_names_several_things_lists_them_all():
    one = deployment(application="search", version="search", flag_references=[flag("search")])
    assert [m.sought for m in lookup.anything(found(one), "search")] == [
        Sought.APPLICATION,
        Sought.VERSION,
        Sought.FLAG,
    ]


def test_digits_may_be_a_version_and_a_pull_request():
    one = deployment(version="406", pull_requests=[pull_request(406)])
    assert [m.sought for m in lookup.anything(found(one), "406")] == [Sought.VERSION, Sought.PULL_REQUEST]


def test_the_newest_deployment_of_a_match_is_found_over_all_places():
    older = deployment("o", environment="production", started_at=NOW - 5 * HOUR)
    newer = deployment("n", environment="staging", started_at=NOW - 1 * HOUR)
    match = lookup.by_application((("production", (older,)), ("staging", (newer,))), "billing-service")[0]
    assert match.newest is newer


def test_production_is_told_first():
    assert lookup.order_environments(["test", "staging", "Production-EU", "prod"]) == (
        "Production-EU",
        "prod",
        "test",
        "staging",
    )


def test_names_that_were_seen_are_known_for_near_spellings():
    seen = found(deployment(flag_references=[flag("x")]))
    assert (lookup.known_applications(seen), lookup.known_flags(seen), lookup.known_versions(seen)) == (
        {"billing-service"},
        {"x"},
        {"a90a8a2"},
    )


def story(*told: tuple[str, str, bool]) -> Found:
    """One deployment an hour, oldest first: its version, its kind, and whether it lists pull request 406."""
    made = [
        deployment(
            f"d{n}",
            version=version,
            kind=kind,
            started_at=NOW - (len(told) - n) * HOUR,
            pull_requests=[pull_request(406)] if carries else [],
        )
        for n, (version, kind, carries) in enumerate(told)
    ]
    return found(*reversed(made))


@pytest.mark.parametrize(
    ("told", "rollback", "again"),
    [
        ([("v1", "deployment", False), ("v2", "deployment", True)], None, None),
        ([("v2", "deployment", True), ("v1", "rollback", False)], "d1", None),
        ([("v2", "deployment", True), ("v1", "Auto-Rollback", False), ("v1b", "deployment", False)], "d1", None),
        ([("v2", "deployment", True), ("v1", "rollback", False), ("v3", "deployment", True)], "d1", "d2"),
        ([("v1", "rollback", False), ("v2", "deployment", True)], None, None),
        # Back to a version that went out with it or after it: still there.
        ([("v2", "deployment", True), ("v3", "deployment", False), ("v2", "rollback", False)], None, None),
        ([("v2", "deployment", True), ("v3", "deployment", False), ("v3", "rollback", False)], None, None),
        ([("v2", "deployment", True), ("v1", "rollback", False), ("v2", "rollback", False)], "d1", "d2"),
        ([("v2", "deployment", True), ("v1", "redeployment", False)], None, None),
    ],
)
def test_a_rollback_after_the_arrival_is_known_and_what_brought_it_back(told, rollback, again):
    (match,) = lookup.by_pull_request(story(*told), "406")
    (place,) = match.places
    assert (place.rollback and place.rollback.id, place.again and place.again.id) == (rollback, again)


def test_only_a_finished_rollback_of_the_same_application_counts():
    arrived = deployment("a", started_at=NOW - 5 * HOUR, pull_requests=[pull_request(406)])
    failed = deployment("f", version="v0", kind="rollback", status="failed")
    other = deployment("o", version="v0", kind="rollback", application="web")
    (match,) = lookup.by_pull_request(found(other, failed, arrived), "406")
    assert match.places[0].rollback is None


def test_what_was_not_listed_may_have_it_unless_it_lists_it_or_is_older_than_it():
    listing = deployment("l", pull_requests=[pull_request(406)], pull_request_count=9)
    cut = deployment("c", pull_request_count=3)
    old = deployment("o", pull_request_count=3, started_at=NOW - timedelta(days=5))
    flagged = deployment("f", flag_reference_count=2)
    everything = found(listing, cut, flagged, old)
    matches = lookup.by_pull_request(everything, "406")
    assert lookup.unlisted(everything, matches, pull_requests=True, flags=False) == (1, 0)
    assert lookup.unlisted(everything, (), pull_requests=True, flags=True) == (3, 1)
    assert lookup.unlisted(everything, (), pull_requests=False, flags=False) == (0, 0)
