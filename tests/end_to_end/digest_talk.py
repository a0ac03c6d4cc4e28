"""What tests of digests do in Slack, and look at."""

from __future__ import annotations

from typing import Any

from bot.domain.digests import Subscription
from bot.facts.block_kit import violations
from bot.sandbox.slack import Message, View
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


def top(talk: Talk, user: str = JANE) -> View:
    """The modal on top of the person's screen, which Slack would take."""
    view = talk.slack.views(user)[-1]
    content = {key: value for key, value in view.content.items() if key not in ("view_id", "trigger_id")}
    assert violations({**content, "blocks": view.blocks}, "modal") == []
    return view


async def submitted(talk: Talk, **values: Any) -> View | None:
    """Fill the form in, ask for the preview, and wait for it."""
    delivery = await talk.slack.submit(JANE, None, {f"digest-form-{name}": value for name, value in values.items()})
    assert delivery.acked, delivery.error
    await talk.settled()
    return top(talk) if talk.slack.views(JANE) else None


async def home(talk: Talk, user: str = JANE) -> View:
    """The Home tab, looked at anew."""
    await talk.slack.open_home(user)
    await talk.settled()
    return await home_now(talk, user)


async def home_now(talk: Talk, user: str = JANE) -> View:
    """The Home tab as it stands there."""
    view = talk.slack.home(user)
    assert view
    assert violations({"type": "home", "blocks": view.blocks}, "home") == []
    return view
