"""What tests of digests do in Slack, and look at."""

from __future__ import annotations

from typing import Any

from bot.domain.digests import Subscription
from bot.sandbox.slack import Message
from tests.end_to_end.talking import DEPLOYS, JANE, Talk

SAM = "sam.poe"


async def stored(talk: Talk, channel: str = DEPLOYS) -> list[Subscription]:
    """The channel's digests."""
    channel_id = talk.slack.world.channel(channel).id
    return list(await talk.stores.subscriptions.of_channel(talk.slack.world.team_id, channel_id))


def public(talk: Talk, channel: str = DEPLOYS) -> list[str]:
    """What everybody there reads."""
    return [message.text for message in talk.slack.messages(channel)]


async def typed(talk: Talk, words: str, *, user: str = JANE, channel: str = DEPLOYS) -> Message:
    """Type a command and get the one private message that it brought."""
    before = {message.ts for message in talk.slack.visible_to(user, channel)}
    command, _, text = words.partition(" ")
    delivery = await talk.slack.command(user, channel, command, text)
    assert delivery.acked, delivery.error
    await talk.settled()
    (message,) = [m for m in talk.slack.visible_to(user, channel) if m.ts not in before and m.only_for]
    return message


async def subscribed(talk: Talk, words: str, **where: Any) -> Message:
    """Type it and press Subscribe."""
    message = await typed(talk, f"/digest {words}", **where)
    await talk.press(message, "digest-subscribe", user=where.get("user", JANE))
    return message
