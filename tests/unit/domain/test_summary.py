from __future__ import annotations

from datetime import timedelta

from bot.domain.deployments import Completeness
from bot.domain.summary import Copy, flags_touched, summarize
from tests.builders import NOW, deployment, flag, pull_request, query, reading

HOUR = timedelta(hours=1)


def test_failures_come_first_then_applications_by_their_newest():
    summary = summarize(
        query(),
        reading(
            deployment("b1", application="billing", started_at=NOW - 2 * HOUR),
            deployment("c1", application="checkout", started_at=NOW - 1 * HOUR),
            deployment("b2", application="billing", started_at=NOW - 4 * HOUR),
            deployment("f", application="search", status="failed", started_at=NOW - 5 * HOUR),
        ),
        NOW,
    )
    assert [s.deployment.id for s in summary.shipments] == ["f", "c1", "b1", "b2"]
    assert [g.application for g in summary.groups] == ["checkout", "billing"]
    assert (summary.totals.deployments, summary.totals.failed, summary.totals.finished) == (4, 1, 3)


def test_each_pull_request_person_and_flag_is_counted_once():
    change = pull_request(1, author="Jane.Doe")
    bump = pull_request(3, author="dependabot[bot]")
    summary = summarize(
        query(),
        reading(
            deployment("a", pull_requests=[change, bump], flag_references=[flag("x"), flag("y")]),
            deployment("b", pull_requests=[change, pull_request(2, author="jane.doe")], flag_references=[flag("x")]),
        ),
        NOW,
    )
    totals = summary.totals
    assert (totals.pull_requests, totals.robot_pull_requests, totals.people, totals.flags) == (2, 1, 1, 2)


def test_the_same_number_in_two_repositories_is_two_pull_requests():
    one = deployment(pull_requests=[pull_request(1, url="https://h/a/1"), pull_request(1, url="https://h/b/1")])
    assert summarize(query(), reading(one), NOW).totals.pull_requests == 2


def test_a_shipment_accounts_for_every_pull_request_that_launchdarkly_counts():
    one = deployment(
        pull_requests=[
            pull_request(1, author="jane.doe"),
            pull_request(2, author="sam.lee"),
            pull_request(3, author="renovate[bot]"),
        ],
        pull_request_count=9,
    )
    (shipment,) = summarize(query(excluded_authors=("sam.lee",)), reading(one), NOW).shipments
    parts = (len(shipment.pull_requests), len(shipment.robot_pull_requests), shipment.left_out, shipment.unread)
    assert parts == (1, 1, 1, 6)


def test_hidden_deployments_are_left_out_and_counted():
    summary = summarize(query(), reading(deployment("a"), deployment("h", archived=True)), NOW)
    assert (len(summary.shipments), summary.hidden) == (1, 1)


def test_nothing_shipped_is_said_only_after_a_complete_read_that_found_nothing():
    assert summarize(query(), reading(), NOW).nothing_shipped
    assert not summarize(query(), reading(deployment()), NOW).nothing_shipped
    assert not summarize(query(), reading(completeness=Completeness(("a gap",))), NOW).nothing_shipped


def test_what_may_match_by_something_unread_is_undecided_not_absent():
    listed = deployment(pull_requests=[pull_request(1, author="sam.lee")], pull_request_count=2)
    summary = summarize(query(authors=("jane.doe",)), reading(listed), NOW)
    assert (summary.totals.deployments, summary.undecided, summary.nothing_shipped) == (0, 1, False)
    unlisted_flag = deployment(flag_references=[flag("other")], flag_reference_count=3)
    assert summarize(query(flags=("new-checkout",)), reading(unlisted_flag), NOW).undecided == 1
    wrong_application = query(authors=("jane.doe",), applications=("search-api",))
    assert summarize(wrong_application, reading(listed), NOW).undecided == 0


def test_the_words_that_were_seen_are_known_when_a_status_or_kind_finds_nothing():
    summary = summarize(query(kind="rollback"), reading(deployment(), deployment("b", kind="redeployment")), NOW)
    assert summary.kinds_seen == ("deployment", "redeployment")
    assert summary.statuses_seen == ("finished",)


def test_a_copy_is_passed_on_with_its_reason():
    summary = summarize(query(), reading(deployment(), copy=Copy("LaunchDarkly answered 503.")), NOW)
    assert summary.copy == Copy("LaunchDarkly answered 503.")
    assert summary.as_of == NOW


def test_flags_are_added_up_most_changed_first():
    summary = summarize(
        query(),
        reading(
            deployment("a", flag_references=[flag("x", 1, 0), flag("y", 5, 5)]),
            deployment("b", flag_references=[flag("x", 2, 1), flag("x", 9, 9, project="other")]),
        ),
        NOW,
    )
    touched = [(f.project, f.key, f.added, f.removed) for f in flags_touched(summary.shipments)]
    assert touched == [("other", "x", 9, 9), ("default", "y", 5, 5), ("default", "x", 3, 1)]
