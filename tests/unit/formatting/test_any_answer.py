"""Whatever strangers wrote and however much there is of it: a message that Slack takes, and nothing in it is theirs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.deployments import Completeness, Deployment, FlagReference, LeadTimeStages, PullRequest
from bot.domain.filters import NO_FILTERS, Filters
from bot.domain.lookup import Lookup, Match, Searched, anything, by_deployment
from bot.domain.query import DeploymentQuery, TimeWindow
from bot.domain.summary import Copy, summarize
from bot.facts.block_kit import violations
from bot.formatting.details import deployment_blocks
from bot.formatting.message import Message
from bot.formatting.release import format_lookup
from bot.formatting.shipped import format_shipped, page_count, shipments_on
from tests.builders import NOW, deployment, flag, pull_request, query, reading

NASTY = [
    "<!channel>",
    "<@U1>",
    "<#C1|x>",
    "*b*",
    "`c`",
    "&<>",
    "\n\n",
    "\u202e",
    "🚀" * 3_000,
    "<" * 10_000,
    "a\u0301" * 99,
]
text = st.sampled_from(["", "billing", *NASTY]) | st.text(max_size=60)
instants = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
recent = st.integers(0, 10_000).map(lambda minutes: NOW - timedelta(minutes=minutes))
lengths = st.none() | st.timedeltas(timedelta(0), timedelta(days=5_000))
counts = st.integers(0, 10**12)
pull_requests = st.builds(
    PullRequest,
    id=text,
    number=text,
    title=text,
    author=text,
    url=text | st.just("https://github.com/acme/billing/pull/1") | text.map("https://github.com/{}".format),
    status=text,
    created_at=st.none() | instants,
    merged_at=st.none() | instants,
    merge_commit=text,
    head_commit=text,
    files_changed=counts,
    lines_added=counts,
    lines_deleted=counts,
)
deployments = st.builds(
    Deployment,
    id=st.uuids().map(str),
    project=text,
    environment=text,
    application=text,
    version=text,
    started_at=instants | recent,
    ended_at=st.none() | instants | recent,
    duration=lengths,
    status=text | st.sampled_from(["finished", "failed", "started"]),
    kind=text,
    active=st.booleans(),
    archived=st.booleans(),
    contributors=counts,
    lines_added=counts,
    lines_deleted=counts,
    lead_time=lengths,
    stages=st.none() | st.builds(LeadTimeStages, lengths, lengths, lengths, lengths),
    pull_requests=st.lists(pull_requests, max_size=7).map(tuple),
    pull_request_count=counts,
    flag_references=st.lists(st.builds(FlagReference, text, text, counts, counts), max_size=6).map(tuple),
    flag_reference_count=counts,
    metadata=st.dictionaries(text, text | counts, max_size=3),
)
words = st.lists(text, max_size=2).map(tuple)
windows = st.builds(TimeWindow, instants | recent, st.none() | instants, words=text)
filters = st.builds(
    Filters,
    applications=words,
    kind=st.none() | text,
    status=st.none() | text,
    authors=words,
    excluded_authors=words,
    flags=words,
    pull_requests=words,
    words=words,
)
queries = st.builds(
    DeploymentQuery, project=text, environment=text, window=windows, filters=st.just(NO_FILTERS) | filters
)
gaps = st.lists(text, max_size=8).map(tuple).map(Completeness)
copies = st.none() | st.builds(Copy, text)
MENTION = re.compile(r"<[!@#](?!date\^)")


def parsed_by_slack(message: Message) -> list[str]:
    """The texts in which Slack looks for mark-up: ``text`` and every mrkdwn object; never rich text."""
    found = [message.text]

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if value.get("type") == "mrkdwn":
                found.append(value["text"])
            for member in value.values():
                walk(member)
        elif isinstance(value, list | tuple):
            for item in value:
                walk(item)

    walk(message.blocks)
    return found


def check(message: Message) -> None:
    assert violations({"text": message.text, "blocks": list(message.blocks)}) == []
    assert message.text.strip()
    assert len(message.blocks) <= 20
    assert "<" not in message.text
    assert not [mention for part in parsed_by_slack(message) for mention in MENTION.findall(part)]
    message.text.encode()


@settings(max_examples=60)
@given(queries, st.lists(deployments, max_size=12), gaps, copies, st.integers(-1, 4))
def test_any_summary_is_a_valid_message(asked, items, completeness, copy, page):
    summary = summarize(asked, reading(*items, completeness=completeness, copy=copy), NOW)
    check(format_shipped(summary, base_url="https://ld.example", page=page))


@settings(max_examples=60)
@given(text, st.lists(deployments, max_size=6), gaps, copies, windows, words, st.integers(0, 3))
def test_any_lookup_is_a_valid_message(asked, items, completeness, copy, window, environments, chosen):
    found = tuple((one.environment, (one,)) for one in items)
    every = anything(found, "*") + (by_deployment(found, items[0].id) if items else ())
    matches: tuple[Match, ...] = every if chosen == 0 else every[chosen - 1 : chosen]
    searched = Searched(asked, window, environments, len(items), completeness, NOW, copy)
    check(format_lookup(Lookup(asked, matches, searched, environments), base_url="https://ld.example"))


@settings(max_examples=40)
@given(deployments)
def test_any_deployment_fits_into_a_modal(subject):
    blocks = [b.to_dict() for b in deployment_blocks(subject, zone=UTC, now=NOW, base_url="https://ld.example")]
    title = {"type": "plain_text", "text": "Details"}
    assert violations({"type": "modal", "title": title, "blocks": blocks}, "modal") == []


def test_the_worst_page_still_fits_and_counts_what_it_leaves_out():
    worst = "<!channel>&" * 1_000
    items = [
        deployment(
            f"d{n}",
            application=f"{n}{worst}",
            version=worst,
            status=worst,
            kind=worst,
            started_at=NOW - timedelta(minutes=n),
            pull_requests=[
                pull_request(m, title=worst, author=worst, url=f"https://github.com/{'x' * 450}/{m}") for m in range(40)
            ],
            flag_references=[flag(f"{m}{worst}", project=worst) for m in range(30)],
        )
        for n in range(20)
    ]
    asked = query(project=worst, environment=worst, window=TimeWindow(NOW - timedelta(days=9), words=worst))
    summary = summarize(asked, reading(*items, completeness=Completeness((worst,) * 50), copy=Copy(worst)), NOW)
    for page in range(1, page_count(summary) + 1):
        message = format_shipped(summary, base_url="https://ld.example", page=page)
        check(message)
        shown = str(message.blocks)
        assert shown.count("40 pull requests'") == len(shipments_on(summary, page))
