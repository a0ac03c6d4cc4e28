"""Every kind of message as a file: ``.json`` to paste into Slack's Block Kit Builder, ``.txt`` to read.

After a wanted change: ``UPDATE_SNAPSHOTS=1 python -m pytest tests/unit/formatting``, then read the difference.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.deployments import COMPLETE, Completeness, Deployment, LeadTimeStages
from bot.domain.errors import (
    CommandError,
    ProjectNotShown,
    SourceAuthError,
    SourceContractError,
    SourceNotFound,
    SourceRateLimited,
    SourceRefused,
    SourceUnavailable,
    WhatShippedError,
)
from bot.domain.lookup import (
    Lookup,
    Match,
    Searched,
    Sought,
    anything,
    by_application,
    by_deployment,
    by_flag,
    by_pull_request,
    by_version,
)
from bot.domain.query import TimeWindow
from bot.domain.summary import Copy, summarize
from bot.formatting.details import deployment_blocks
from bot.formatting.message import Message, check_message
from bot.formatting.problem import format_problem
from bot.formatting.release import format_lookup
from bot.formatting.shipped import format_shipped
from tests.builders import NOW, deployment, flag, pull_request, query, reading
from tests.unit.formatting import digests, subscription_messages

BASE_URL = "https://app.launchdarkly.com"
ZONE = ZoneInfo("Europe/Berlin")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WINDOW = TimeWindow(NOW - timedelta(days=1, hours=11), zone=ZONE, words="today and yesterday")
HOSTILE = "<!channel> <@U1> *bold* `code` _it_ ~no~ & <https://evil.example|click> \u202egnp.exe\n> quoted 🚀"

BILLING = deployment(
    "d-billing",
    pull_requests=[
        pull_request(406, title="Round half up in invoices"),
        pull_request(411, title="Show VAT on credit notes", author="sam.lee"),
        pull_request(412, title="Bump httpx from 0.27 to 0.28", author="dependabot[bot]"),
        pull_request(413, title="Update dependency ruff", author="renovate[bot]"),
    ],
    flag_references=[flag(), flag("old-vat", 0, 3, project="finance")],
    lead_time=timedelta(days=2, hours=4),
    stages=LeadTimeStages(3 * HOUR, 26 * HOUR, 22 * HOUR, 4 * MINUTE),
    metadata={"buildNumber": "1234", "region": ["eu", "us"]},
)
CHECKOUT_FAILED = deployment(
    "d-failed",
    application="checkout-web",
    version="3f9ac01b" * 5,
    status="failed",
    started_at=NOW - 2 * HOUR,
    pull_requests=[pull_request(88, title="Retry card payments once", author="jo.park")],
)
CHECKOUT_REDEPLOYED = deployment(
    "d-again", application="checkout-web", version="9c1d2e3", kind="redeployment", started_at=NOW - HOUR
)
SEARCH_RUNNING = deployment(
    "d-running", application="search", status="started", started_at=NOW - 20 * MINUTE, ended_at=None, duration=None
)
SEARCH_ENDLESS = deployment(
    "d-endless", application="search", status="started", started_at=NOW - 9 * HOUR, ended_at=None, duration=None
)
SEARCH_ODD = deployment(
    "d-odd",
    application="search",
    status="awaiting_approval",
    started_at=NOW - 30 * HOUR,
    ended_at=None,
    duration=None,
    pull_requests=[pull_request(51, title="Index in the background")],
    pull_request_count=7,
)
COMPANY = [BILLING, CHECKOUT_FAILED, CHECKOUT_REDEPLOYED, SEARCH_RUNNING, SEARCH_ENDLESS, SEARCH_ODD]
CUT_OFF = Completeness(("Page 3 of 5 did not come (LaunchDarkly answered 503): deployments before 06:12 are missing",))
NAMES = ("billing-service", "checkout-web", "search", "ledger")


def many(count: int = 400) -> list[Deployment]:
    return [
        deployment(
            f"d{index}",
            application=NAMES[index % 4],
            version=f"{index:07x}",
            status="failed" if index % 37 == 0 else "finished",
            started_at=NOW - index * 5 * MINUTE,
            pull_requests=[pull_request(index, title=f"Change number {index}")],
        )
        for index in range(1, count + 1)
    ]


def hostile() -> Deployment:
    return deployment(
        "d-hostile",
        application="a*b_c`d",
        version="<!here>",
        status="<@U2>",
        kind="*kind*",
        pull_requests=[
            pull_request("<!1>", title=HOSTILE, author="<!everyone>"),
            pull_request(2, title="x" * 10_000, url="javascript:alert(1)"),
            pull_request(3, title="", author="", url="https://github.com@evil.example/"),
            pull_request(4, title="👩‍👩‍👧‍👦" * 60, url="https://github.com/acme/a b|c"),
        ],
        flag_references=[flag("k|<!channel>", 1, 1)],
    )


def shipped(*deployments, page: int = 1, completeness: Completeness = COMPLETE, copy: Copy | None = None, **changes):
    asked = query(**{"window": WINDOW, **changes})
    read = reading(*deployments, completeness=completeness, copy=copy)
    summary = replace(summarize(asked, read, NOW), wider="/shipped status:failed since:7d")
    return format_shipped(summary, base_url=BASE_URL, page=page)


def searched(**changes) -> Searched:
    fields = {
        "project": "default",
        "window": TimeWindow(NOW - timedelta(days=30), zone=ZONE),
        "environments": ("production", "staging", "test"),
        "deployments": 412,
        "completeness": COMPLETE,
        "as_of": NOW,
    }
    return Searched(**{**fields, **changes})


IN_STAGING = deployment(
    "d-staging", environment="staging", started_at=NOW - 5 * HOUR, pull_requests=BILLING.pull_requests[:1]
)
RETRIED = deployment(
    "d-retried", started_at=NOW - 30 * MINUTE, status="failed", pull_requests=BILLING.pull_requests[:1]
)
FOUND = (("production", (RETRIED, BILLING)), ("staging", (IN_STAGING,)))
ROLLBACK = deployment("d-rollback", version="8b0e99f", kind="rollback", started_at=NOW - 10 * MINUTE)
ROLLED_BACK = (("production", (ROLLBACK, BILLING)),)
STAGING_ONLY = FOUND[1:]


def looked_up(asked: str, matches: tuple[Match, ...], near: tuple[str, ...] = (), **changes) -> Message:
    return format_lookup(Lookup(asked, matches, searched(**changes), near), base_url=BASE_URL)


def details() -> Message:
    blocks = deployment_blocks(BILLING, zone=ZONE, now=NOW, base_url=BASE_URL)
    return check_message(Message("Details", tuple(block.to_dict() for block in blocks)))


UNDEPLOYED = Match(Sought.PULL_REQUEST, "414", "", (), pull_request(414, title="Pay by invoice"))
MESSAGES = {
    "shipped_nothing": lambda: shipped(),
    "shipped_nothing_matches": lambda: shipped(BILLING, status="failed", applications=("billing-*",)),
    "shipped_nothing_in_a_partial_read": lambda: shipped(completeness=CUT_OFF),
    "shipped_one": lambda: shipped(BILLING),
    "shipped_several_applications_with_failures": lambda: shipped(*COMPANY),
    "shipped_filtered": lambda: shipped(
        *COMPANY, authors=("jane.doe",), excluded_authors=("dependabot[bot]",), flags=("new-*",)
    ),
    "shipped_many_first_page": lambda: shipped(*many()),
    "shipped_many_second_page": lambda: shipped(*many(), page=2),
    "shipped_many_last_page": lambda: shipped(*many(), page=50),
    "shipped_partial": lambda: shipped(*COMPANY, completeness=CUT_OFF),
    "shipped_stale_copy": lambda: shipped(BILLING, copy=Copy("LaunchDarkly did not answer (503).")),
    "shipped_cached_copy": lambda: shipped(BILLING, copy=Copy()),
    "shipped_hostile_titles": lambda: shipped(hostile()),
    "shipped_closed_window": lambda: shipped(
        BILLING, window=TimeWindow(NOW - timedelta(days=22, hours=11), NOW - timedelta(days=7, hours=11), zone=ZONE)
    ),
    "release_pull_request_in_production": lambda: looked_up("#406", by_pull_request(FOUND, "406")),
    "release_pull_request_in_staging_only": lambda: looked_up("#406", by_pull_request(STAGING_ONLY, "406")),
    "release_pull_request_not_deployed": lambda: looked_up("#414", (UNDEPLOYED,)),
    "release_pull_request_failed": lambda: looked_up("#406", by_pull_request((("production", (RETRIED,)),), "406")),
    "release_version": lambda: looked_up("a90a8a2", by_version(FOUND, "a90a8a2")),
    "release_deployment": lambda: looked_up("d-billing", by_deployment(FOUND, "d-billing")),
    "release_flag": lambda: looked_up("new-checkout", by_flag(FOUND, "new-checkout")),
    "release_application": lambda: looked_up("billing-service", by_application(FOUND, "billing-service")),
    "release_several_matches": lambda: looked_up(
        "406", anything(FOUND, "billing-service") + by_flag(FOUND, "new-checkout") + anything(FOUND, "406")
    ),
    "release_not_found": lambda: looked_up("chekout", (), ("/release checkout-web", "/release checkout-api")),
    "release_pull_request_rolled_back": lambda: looked_up("#406", by_pull_request(ROLLED_BACK, "406")),
    "release_not_found_in_a_partial_search": lambda: looked_up(
        "#9", (), completeness=Completeness(("staging could not be read: LaunchDarkly answered 503.",))
    ),
    "problem_command": lambda: format_problem(
        CommandError("I do not know the filter “statsu:”. Did you mean “status:”?", "/shipped status:failed")
    ),
    "problem_auth": lambda: format_problem(
        SourceAuthError("LaunchDarkly refused the access token (401). It was revoked, or is for another host.")
    ),
    "problem_not_found": lambda: format_problem(
        SourceNotFound(
            "LaunchDarkly knows no application “chekout”.", ("checkout-web",), commands=("/shipped checkout-web",)
        )
    ),
    "problem_not_shown": lambda: format_problem(ProjectNotShown("warehouse")),
    "problem_rate_limited": lambda: format_problem(
        SourceRateLimited("LaunchDarkly's rate limit for this account is used up (429).", 12.4)
    ),
    "problem_refused": lambda: format_problem(
        SourceRefused("LaunchDarkly refused the request for project “default” (400): time range too large.")
    ),
    "problem_unavailable": lambda: format_problem(SourceUnavailable("LaunchDarkly answered 503 four times.")),
    "problem_contract": lambda: format_problem(SourceContractError("The answer ended in the middle.")),
    "problem_other": lambda: format_problem(WhatShippedError("The answer could not be sent.")),
    "details": details,
    **digests.MESSAGES,
    **subscription_messages.MESSAGES,
}


UPDATE = "UPDATE_SNAPSHOTS" in os.environ
FOLDER = Path(__file__).with_name("snapshots")


@pytest.mark.parametrize("name", MESSAGES)
def test_message_is_as_it_was_last_read_by_a_person(name):
    message = MESSAGES[name]()
    blocks = json.dumps({"blocks": list(message.blocks)}, ensure_ascii=False, indent=2)
    for file, now in ((FOLDER / f"{name}.json", blocks), (FOLDER / f"{name}.txt", message.text)):
        if UPDATE:
            file.write_text(now + "\n", encoding="utf-8")
        assert file.read_text(encoding="utf-8") == now + "\n"


@pytest.mark.parametrize("name", MESSAGES)
def test_what_a_button_is_called_begins_with_the_words_that_are_seen(name):
    """https://www.w3.org/WAI/WCAG22/Understanding/label-in-name: who speaks says what they see."""
    elements = [element for block in MESSAGES[name]().blocks for element in block.get("elements", [])]
    for button in (element for element in elements if "accessibility_label" in element):
        assert button["accessibility_label"].startswith(button["text"]["text"])


def test_no_snapshot_is_left_over():
    assert {file.stem for file in FOLDER.iterdir()} == set(MESSAGES)
