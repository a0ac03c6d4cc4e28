from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.facts.block_kit import violations
from bot.formatting.digest import format_digest
from bot.formatting.message import Message
from tests.builders import deployment, flag, pull_request
from tests.unit.formatting.digests import BASE_URL, LATE, MESSAGES, OCCURRENCE, WEEKEND, at, busy, digest, told
from tests.unit.formatting.test_any_answer import deployments as any_deployments
from tests.unit.formatting.test_snapshots import hostile

MOST_BLOCKS = 20


def mentions(message: Message) -> list[str]:
    """What Slack would take for a mention: in the text, and in mrkdwn; in rich text it takes nothing for one."""
    objects = [one for block in message.blocks for one in (block.get("text"), *block.get("elements", ())) if one]
    written = [message.text, *(one["text"] for one in objects if one["type"] == "mrkdwn")]
    assert len(written) > 1
    return re.findall(r"<[!@](?!date)[^>]*>", " ".join(written))


@pytest.mark.parametrize("name", MESSAGES)
def test_every_digest_is_short_and_mentions_nobody(name):
    message = MESSAGES[name]()
    assert len(message.blocks) < MOST_BLOCKS  # one is left for the button
    assert not mentions(message)


def test_the_headline_says_window_and_counts_and_failures_come_first():
    lines = digest(*WEEKEND).text.splitlines()
    assert lines[0] == "Shipped to production, Fri 20 Nov 10:30 – Mon 23 Nov 10:30 CET"
    assert lines[1].startswith("6 deployments · 1 failed · 4 pull requests by 3 people (+1 by robots) · 2 flags")
    assert lines[2] == "❌ Failed"
    assert lines[3].startswith("• checkout-web")


def test_flags_are_added_up_and_people_counted_once_per_pull_request():
    text = digest(*WEEKEND).text
    assert "Flags touched: old-ranking +0 −9, new-checkout +2 −1" in text
    assert "People: jo.park 2, jane.doe, sam.lee" in text


def test_what_was_learned_of_late_is_said_to_be_from_before():
    assert "1 deployment from before Fri 20 Nov 10:30 CET" in digest(*WEEKEND).text
    assert "from before" not in digest(*WEEKEND[:4]).text


def test_late_is_said_with_what_it_covers():
    assert "Late: covers Fri 20 Nov 10:30 – Mon 23 Nov 14:30 CET" in digest(*WEEKEND, due=LATE).text
    assert "Late" not in digest(*WEEKEND).text


def test_of_a_busy_week_every_deployment_is_told_or_counted():
    text = digest(*busy()).text
    one_by_one = len(re.findall(r"^• .*(?:finished|failed) ", text, re.MULTILINE))
    rest = sum(int(count) for count in re.findall(r"and (\d+) more deployments", text))
    shown = digest(*busy()).blocks
    assert one_by_one + rest == len(told(*busy()).shipments)
    assert len(shown) < MOST_BLOCKS


def test_a_busy_application_does_not_hide_the_others():
    loud = [at(f"loud-{n}", n / 10 + 0.1) for n in range(30)]
    text = digest(*loud, at("quiet", 60, application="ledger")).text
    assert re.search(r"^ledger$", text, re.MULTILINE)
    assert "and 19 more deployments: billing-service 19" in text


def test_nothing_is_said_only_after_a_whole_reading():
    assert digest().text.startswith("Nothing shipped to production")
    assert "found in what could be read" in MESSAGES["digest_of_a_gap"]().text
    assert MESSAGES["digest_of_nothing_that_matches"]().text.startswith("Nothing that this digest asks for")


def test_strangers_words_stay_words():
    evil = deployment("d2", flag_references=[flag("<!here>")], pull_requests=[pull_request(1, author="<!channel>")])
    assert not mentions(digest(hostile(), evil, name="<!everyone>"))


@settings(max_examples=40)
@given(st.lists(any_deployments, max_size=6), st.text(max_size=80))
def test_whatever_shipped_slack_takes_the_message(listed, name):
    message = format_digest(told(*listed), OCCURRENCE, name=name, base_url=BASE_URL)
    assert not violations({"text": message.text, "blocks": list(message.blocks)})
    assert len(message.blocks) < MOST_BLOCKS
