from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from slack_sdk.models.blocks import DividerBlock

from bot.domain.deployments import COMPLETE, Completeness, Deployment, LeadTimeStages
from bot.domain.summary import Copy, Summary, summarize
from bot.formatting.message import Message
from bot.formatting.shipped import PAGE, format_shipped, page_count, shipments_on
from tests.builders import NOW, deployment, flag, pull_request, query, reading

GAP = Completeness(("Page 3 did not come",))
HOUR = timedelta(hours=1)


def summary(*deployments, completeness=COMPLETE, copy=None, outside=0, **changes) -> Summary:
    read = reading(*deployments, completeness=completeness, copy=copy, outside=outside)
    return summarize(query(**changes), read, NOW)


def formatted(of: Summary, page: int = 1) -> Message:
    return format_shipped(of, base_url="https://ld.example", page=page)


def lines(*deployments, **changes) -> list[str]:
    return formatted(summary(*deployments, **changes)).text.splitlines()


def several(count: int, **changes) -> list[Deployment]:
    return [
        deployment(f"d{n}", version=f"v{n}", started_at=NOW - n * HOUR / 60, **changes) for n in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    ("deployments", "changes", "headline"),
    [
        ([], {}, "Nothing shipped to production"),
        ([], {"applications": ("billing",)}, "No deployment to production matches “billing”"),
        ([], {"completeness": GAP}, "No deployments to production found in what could be read"),
        (
            [deployment(pull_request_count=3)],
            {"authors": ("jane.doe",)},
            "No deployments to production found in what could be read",
        ),
        ([deployment()], {}, "1 deployment to production"),
        ([deployment()], {"completeness": GAP}, "At least 1 deployment to production"),
        (several(8), {"environment": "staging"}, "8 deployments to staging"),
    ],
)
def test_the_first_line_is_the_answer_and_no_stronger_than_the_reading(deployments, changes, headline):
    assert lines(*deployments, **changes)[0] == f"{headline} · the last 24 hours"


def test_the_second_line_says_what_the_answer_covers():
    second = lines(
        deployment(),
        project="web",
        applications=("billing-*", "checkout"),
        authors=("jane.doe",),
        excluded_authors=("renovate",),
        pull_requests=("406",),
        words=("invoice",),
        flags=("new-*",),
        status="failed",
        kind="rollback",
    )[1]
    assert second == (
        "Since Sun 22 Nov 10:00 UTC · project web · only billing-*, checkout · by jane.doe · not by renovate · "
        "pull request #406 · titles with invoice · flag new-* · status failed · kind rollback"
    )


def test_what_is_missing_stands_right_below_the_headline():
    told = lines(deployment(), completeness=GAP)
    assert told[2:4] == ["⚠️ This answer may be incomplete:", "• Page 3 did not come."]


def test_many_gaps_are_counted():
    told = lines(deployment(), completeness=Completeness(tuple(f"Page {n} did not come" for n in range(9))))
    assert "• and 4 more gaps" in told


def test_deployments_that_may_belong_to_the_answer_make_it_incomplete():
    told = lines(deployment(pull_request_count=3), deployment("d2", pull_requests=[pull_request()]), words=("change",))
    assert told[0].startswith("At least 1 deployment")
    assert told[3].startswith("• 1 more deployment may belong to this answer")


def test_a_stale_copy_says_why_and_from_when():
    told = lines(deployment(), copy=Copy("LaunchDarkly did not answer (503)"))
    assert told[2] == "⚠️ Not fresh. LaunchDarkly did not answer (503). This is the copy of Mon 23 Nov 10:00 UTC."


def test_an_ordinary_copy_says_that_it_is_one():
    assert lines(deployment(), copy=Copy())[-1].startswith("As of Mon 23 Nov 10:00 UTC (cached)")


def test_the_small_print_counts_what_was_left_out():
    last = lines(deployment(pull_requests=[pull_request()]), deployment("d2", archived=True), outside=2)[-1]
    assert last == (
        "As of Mon 23 Nov 10:00 UTC · 1 deployment hidden in LaunchDarkly left out · "
        "2 deployments outside the window left out"
    )


def test_missing_pull_requests_have_a_known_cause():
    assert "GitHub app" in lines(deployment())[-1]
    assert "GitHub app" not in lines(deployment(pull_requests=[pull_request()]))[-1]


def test_totals_are_told_once_for_the_whole_answer():
    told = lines(
        deployment("a", pull_requests=[pull_request(1), pull_request(2, author="dependabot[bot]")]),
        deployment("b", status="failed", pull_requests=[pull_request(1)], flag_references=[flag()]),
        deployment("c", status="started", ended_at=None, pull_request_count=4),
        deployment("d", status="started", ended_at=None, started_at=NOW - 7 * HOUR),
        deployment("e", status="on hold"),
    )
    assert told[2] == (
        "1 failed · 1 running · 1 without an end event · 1 with another status · "
        "at least 1 pull request by at least 1 person (+1 by robots) · 1 flag · +60 −15 lines"
    )


@pytest.mark.parametrize(
    ("changes", "counted"),
    [
        ({"flag_references": [flag()], "flag_reference_count": 3}, "no pull requests known · at least 1 flag"),
        ({"flag_reference_count": 3}, "no pull requests known · flags not listed"),
        ({"pull_request_count": 3}, "pull requests not listed"),
    ],
)
def test_what_launchdarkly_counts_without_listing_it_is_no_exact_number(changes, counted):
    assert lines(deployment(**changes))[2] == counted


def test_failures_come_first_and_name_their_application():
    told = lines(deployment("new"), deployment("old", application="web", status="failed", started_at=NOW - 3 * HOUR))
    assert told[3] == "❌ Failed"
    assert told[4].startswith("• web a90a8a2 failed ")
    assert told[5] == "billing-service"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "a90a8a2 finished Mon 23 Nov 09:04 UTC, took 4 min"),
        ({"version": "a" * 40}, "aaaaaaa finished Mon 23 Nov 09:04 UTC, took 4 min"),
        ({"duration": None}, "a90a8a2 finished Mon 23 Nov 09:04 UTC"),
        ({"ended_at": None, "duration": None}, "a90a8a2 finished, started Mon 23 Nov 09:00 UTC"),
        ({"kind": "rollback", "duration": None}, "a90a8a2 (rollback) finished Mon 23 Nov 09:04 UTC"),
        ({"status": "started", "ended_at": None, "duration": None}, "a90a8a2 running, started Mon 23 Nov 09:00 UTC"),
        ({"status": "started", "duration": None}, "a90a8a2 status “started”, ended Mon 23 Nov 09:04 UTC"),
        ({"status": "on hold", "duration": None}, "a90a8a2 status “on hold”, ended Mon 23 Nov 09:04 UTC"),
        ({"status": "", "ended_at": None, "duration": None}, "a90a8a2 no status, started Mon 23 Nov 09:00 UTC"),
        (
            {"started_at": NOW - 9 * HOUR, "status": "started", "ended_at": None, "duration": None},
            "a90a8a2 no end event (started 9 h ago, Mon 23 Nov 01:00 UTC)",
        ),
        (
            {"duration": None, "lead_time": 52 * HOUR},
            "a90a8a2 finished Mon 23 Nov 09:04 UTC · lead time 2 d 4 h",
        ),
        (
            {"duration": None, "lead_time": 52 * HOUR, "stages": LeadTimeStages(HOUR, 26 * HOUR, None, None)},
            "a90a8a2 finished Mon 23 Nov 09:04 UTC · lead time 2 d 4 h, slowest: review 1 d 2 h",
        ),
    ],
)
def test_a_deployment_is_told_as_far_as_it_is_known(changes, words):
    assert lines(deployment(**changes))[4] == f"• {words}"


def test_live_is_never_claimed():
    assert formatted(summary(deployment(active=True))).text == formatted(summary(deployment(active=False))).text


def test_pull_requests_are_listed_up_to_five_and_the_others_counted():
    told = lines(
        deployment(
            pull_requests=[pull_request(n) for n in range(7)]
            + [pull_request(n, author=f"robot-{n}[bot]") for n in range(10, 15)],
            pull_request_count=20,
        )
    )
    assert told[5:10] == [f"   – #{n} Change number {n} – jane.doe" for n in range(5)]
    assert told[10:13] == [
        "   – 2 more of 7 pull requests",
        "   – +5 by robots (robot-10[bot], robot-11[bot], robot-12[bot] and 2 more)",
        "   – 12 of 20 pull requests listed by LaunchDarkly",
    ]


def test_pull_requests_outside_the_filters_are_counted():
    told = lines(deployment(pull_requests=[pull_request(1), pull_request(2, author="sam.lee")]), authors=("jane.doe",))
    assert told[4:7][-1] == "   – 1 other pull request outside the filters"


def test_flags_are_listed_most_changed_first_and_the_others_counted():
    flags = [flag(f"flag-{n}", n, 0) for n in range(6)]
    told = lines(deployment(flag_references=[*flags, flag("far", 9, 1, project="web")], flag_reference_count=9))
    assert told[5:7] == [
        "   – flags: far +9 −1 (project web), flag-5 +5 −0, flag-4 +4 −0, flag-3 +3 −0, 3 more of 7",
        "   – 7 of 9 flag references listed by LaunchDarkly",
    ]


def test_pages_hold_eight_deployments_each_and_lose_none():
    whole = summary(*several(20), deployment("x", application="web", status="failed"))
    assert page_count(whole) == 3
    paged = [shipment for page in (1, 2, 3) for shipment in shipments_on(whole, page)]
    assert paged == list(whole.shipments)
    told = [line for page in (1, 2, 3) for line in formatted(whole, page).text.splitlines() if line.startswith("• ")]
    assert len(told) == 21


def test_every_page_says_where_it_is_and_the_first_gives_the_overview():
    whole = summary(*several(20), deployment("x", application="web", status="failed"))
    first, second, last = (formatted(whole, page).text for page in (1, 2, 3))
    assert "Deployments 1–8 of 21 · page 1 of 3" in first
    assert "By application: billing-service 20, web 1 (1 failed)" in first
    assert "Deployments 9–16 of 21 · page 2 of 3" in second
    assert "billing-service (continued)" in second
    assert "By application" not in second
    assert "Deployments 17–21 of 21 · page 3 of 3" in last


def test_a_page_with_one_row_says_so():
    assert "Deployment 9 of 9 · page 2 of 2" in formatted(summary(*several(PAGE + 1)), 2).text


@pytest.mark.parametrize("page", [0, -3])
def test_pages_count_from_one(page):
    whole = summary(*several(20))
    assert formatted(whole, page) == formatted(whole, 1)


def test_one_page_needs_no_page_line():
    assert "page" not in formatted(summary(*several(PAGE))).text


def test_an_overview_of_many_applications_is_cut_with_a_count():
    told = formatted(summary(*(deployment(f"d{n}", application=f"app-{n:02}") for n in range(20)))).text
    assert "app-14 1 and 5 more applications" in told


def test_nothing_found_says_what_would_have_been():
    told = lines(deployment(), status="broken", kind="patch", flags=("f",), authors=("jane.doe",))
    assert "Statuses in this window: finished" in told
    assert "Kinds in this window: deployment" in told
    assert any("GitHub app" in line and "code references" in line for line in told)


@pytest.mark.parametrize(
    ("filters", "headline"),
    [
        ({"words": ("biling",)}, "No deployment to production matches “biling” · 2 others in the last 24 hours"),
        ({"kind": "rollback"}, "No deployment to production matches “rollback” · 2 others in the last 24 hours"),
        (
            {"words": ("biling",), "authors": ("x",)},
            "No deployment to production matches · 2 others in the last 24 hours",
        ),
        ({"status": "failed"}, "No deployment to production matches “failed” · 2 others in the last 24 hours"),
        # LaunchDarkly was asked for this kind alone, so how many others there are is not known.
        ({"kind": "redeployment"}, "No deployment to production matches “redeployment” · the last 24 hours"),
    ],
)
def test_a_miss_names_what_was_asked_for_and_counts_the_others(filters, headline):
    assert lines(*several(2), **filters)[0] == headline


def test_nothing_found_offers_a_corrected_or_a_wider_question_and_two_causes_at_most():
    missed = summary(deployment(), words=("biling",), flags=("f",))
    wider = formatted(replace(missed, wider="/shipped biling since:7d")).text.splitlines()
    assert "Try: /shipped biling since:7d" in wider
    assert sum(line.count(";") for line in wider if line.startswith("If you expected")) == 1
    corrected = formatted(replace(missed, corrected=("/shipped billing",), wider="/shipped biling since:7d")).text
    assert "Did you mean /shipped billing?" in corrected
    assert "biling since:7d" not in corrected


def test_a_page_that_is_not_there_is_said_not_to_be():
    told = formatted(summary(*several(12)), page=99).text
    assert "There is no page 99. Deployments 9–12 of 12 · page 2 of 2" in told
    assert "There is no page 2. Deployment 1 of 1 · page 1 of 1" in formatted(summary(deployment()), page=2).text


def test_what_launchdarkly_does_not_name_is_told_alike_everywhere():
    told = lines(*(deployment(f"d{n}", application="", version="", status="", ended_at=None) for n in range(12)))
    assert "By application: unnamed application 12" in told
    assert "• no version, no status, started Mon 23 Nov 09:00 UTC, took 4 min" in told


def test_controls_stand_below():
    made = format_shipped(summary(deployment()), base_url="", controls=[DividerBlock()])
    assert made.blocks[-1] == {"type": "divider"}
