"""Slash commands, over both roads: what is typed, what only the asker sees, what everybody sees."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.facts.block_kit import violations
from bot.sandbox.slack import Message
from bot.slack.surface import COMMANDS
from tests.end_to_end.talking import DEPLOYS, JANE, talking


@pytest.fixture(params=["socket", "http"])
async def talk(request):
    async with talking(transport=request.param) as talk:
        yield talk


def labels(message: Message) -> list[str]:
    elements = [e for block in message.blocks if block["type"] == "actions" for e in block["elements"]]
    return [(e.get("text") or e.get("placeholder"))["text"] for e in elements]


async def test_an_answer_is_private_and_offers_to_be_shared(talk):
    talk.launchdarkly.deploy("billing-service", titles=["Round half up"], version="v9.9.9")
    message = await talk.type("/shipped billing since:1h")
    assert message.only_for == "U0JANE"
    assert message.text.startswith("1 deployment to production")
    assert "v9.9.9" in message.text
    assert "Round half up" in message.text
    assert labels(message) == ["Share to channel", "Environment", "Time", "Details of …"]
    assert talk.slack.messages(DEPLOYS) == []


async def test_a_release_is_found_in_every_environment(talk):
    message = await talk.type("/release #406")
    assert message.only_for == "U0JANE"
    assert "pull request #406 reached production" in message.text
    assert labels(message) == ["Share to channel", "Time", "Details of …"]


async def test_public_in_the_words_posts_at_once_and_says_who_asked_what(talk):
    message = await talk.type("/shipped today public")
    assert message.only_for is None
    assert message.text.endswith("Asked by jane.doe: /shipped today public")
    assert labels(message) == ["Browse privately", "Details of …"]


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
async def test_help_is_private_and_names_applications_that_there_are(talk, command):
    message = await talk.type(f"{command} help")
    assert message.only_for == "U0JANE"
    assert "billing-service" in message.text
    assert labels(message) == []


async def test_a_mistake_is_answered_privately_with_what_to_type(talk):
    message = await talk.type("/shipped sinc:2d public")
    assert message.only_for == "U0JANE"
    assert "/shipped since:2d" in message.text


async def test_an_unknown_key_is_answered_with_near_ones(talk):
    message = await talk.type("/shipped in:producton")
    assert message.only_for == "U0JANE"
    assert "production" in message.text.partition("Did you mean")[2]


async def test_today_begins_at_the_askers_midnight(talk):
    await talk.type("/shipped today", user="sam.poe")
    (query,) = talk.reads()
    start = datetime.fromtimestamp(int(query["from"]) / 1000, ZoneInfo("America/New_York"))
    assert (start.hour, start.minute) == (0, 0)


async def test_a_command_works_where_the_bot_is_not_a_member(talk):
    message = await talk.type("/shipped today", channel="#general")
    assert message.only_for == "U0JANE"
    assert "deployment" in message.text


async def test_a_command_works_in_a_direct_message_with_the_bot(talk):
    channel = talk.slack.world.direct_messages(JANE).id
    assert "/shipped" in (await talk.type("/shipped help", channel=channel)).text


async def test_a_name_that_slack_turned_into_a_form_is_read_as_typed(talk):
    talk.launchdarkly.deploy("billing-service", author="jane.doe", titles=["Round half up"])
    message = await talk.type("/shipped https://checkout.io since:1h")
    assert message.only_for == "U0JANE"  # a private answer, not a failure


async def test_nothing_that_is_said_unfolds_links_or_breaks_a_limit(talk):
    await talk.type("/shipped last 30 days")
    await talk.type("/shipped last 30 days public")
    said = [exchange.body for exchange in talk.slack.journal.calls("response_url")]
    assert len(said) == 2
    for body in said:
        assert (body["unfurl_links"], body["unfurl_media"]) == (False, False)
        assert violations({"text": body["text"], "blocks": body["blocks"]}) == []


async def test_hostile_titles_ping_nobody(talk):
    title = "<!channel> <@U0SAM> @everyone *bold* <https://evil.example|click>"
    talk.launchdarkly.deploy("billing-service", titles=[title])
    message = await talk.type("/shipped billing since:1h public")
    everything = str(message.text) + str(message.blocks)
    assert "&lt;!channel&gt;" in message.text
    assert "<!channel>" not in message.text
    assert "<@U0SAM>" not in message.text
    assert "'mrkdwn', 'text': '<" not in everything
