"""Where an answer goes, and how: beside a command, in place of a message, into a thread, into a modal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from enum import Enum
from typing import Any, Protocol, TypeVar

from slack_sdk.models.blocks import Block

from bot.formatting import notices
from bot.formatting.message import Message
from bot.slack.messenger import Messenger, NotDelivered, quietly
from bot.slack.modals import blocks_view, loading_view, message_view, plain_view

logger = logging.getLogger(__name__)

Made = TypeVar("Made")


class Place(Enum):
    """Who sees an answer, and so what it may offer."""

    PRIVATE = "private"  # one person, in a channel in which it can be shared
    PUBLIC = "public"  # everybody there
    DIRECT = "direct"  # one person, who talks with the bot alone
    VIEW = "view"  # one person, in a modal


class Reply(Protocol):
    """One place for one answer. What Slack refuses is raised as ``NotDelivered`` when no other way is left.

    ``answer`` and ``privately`` return by which road it went.
    """

    place: Place

    async def reading(self, notice: Message) -> None:
        """Say that it takes longer. The answer replaces the notice wherever Slack can do that. Never raises."""

    async def answer(self, message: Message) -> str:
        """The answer."""

    async def privately(self, message: Message) -> str:
        """What only the asker has to know: a problem, help."""


class UrlReply:
    """Through the ``response_url`` of a command, a button or a menu: five uses within thirty minutes.

    ``replaces``: the answer takes the place of the message with the button. When the address has expired, the answer
    goes by ``chat.postEphemeral`` or ``chat.postMessage``; a public answer only where it is sure that it is not there.
    https://docs.slack.dev/interactivity/handling-user-interaction
    """

    def __init__(
        self,
        messenger: Messenger,
        url: str,
        *,
        channel: str,
        user: str,
        place: Place = Place.PRIVATE,
        replaces: bool = False,
        thread_ts: str | None = None,
    ) -> None:
        self.place = place
        self._messenger = messenger
        self._url = url
        self._channel = channel
        self._user = user
        self._replaces = replaces
        self._thread_ts = thread_ts
        self._noticed = False

    async def reading(self, notice: Message) -> None:
        with suppress(NotDelivered):
            await self._say(notice, replace=self._replaces)
            self._noticed = True

    async def answer(self, message: Message) -> str:
        if self.place is not Place.PUBLIC:
            return await self._private(message, replace=self._replaces or self._noticed)
        try:
            await self._messenger.respond(
                self._url, message, response_type="in_channel", replace_original=False, **self._thread()
            )
        except NotDelivered as failed:
            if failed.ambiguous:
                raise
            await self._messenger.post(self._channel, message, thread_ts=self._thread_ts)
            return "chat.postMessage"
        return "response_url"

    async def privately(self, message: Message) -> str:
        return await self._private(message, replace=self._noticed)

    async def remove_original(self) -> None:
        """Take the message with the button away."""
        await self._messenger.delete_original(self._url)

    async def _private(self, message: Message, *, replace: bool) -> str:
        try:
            await self._say(message, replace=replace)
        except NotDelivered:  # also when it may have arrived: a second private copy is better than none
            await self._messenger.post_privately(self._channel, self._user, message, thread_ts=self._thread_ts)
            return "chat.postEphemeral"
        return "response_url"

    async def _say(self, message: Message, *, replace: bool) -> None:
        # What is replaced keeps its audience; to name one would be a second opinion.
        audience = {} if replace else {"response_type": "ephemeral"}
        await self._messenger.respond(self._url, message, replace_original=replace, **audience, **self._thread())

    def _thread(self) -> dict[str, str]:
        return {"thread_ts": self._thread_ts} if self._thread_ts else {}


class PostedReply:
    """A message of its own: in the thread in which the bot was named, or in a person's direct messages with it.

    ``thread_ts`` is where to answer. ``started`` is whether that thread exists already: Slack shows a private message
    only in a thread that does (https://docs.slack.dev/reference/methods/chat.postEphemeral). ``direct``: there is
    nobody else to be private from.
    """

    def __init__(
        self,
        messenger: Messenger,
        *,
        channel: str,
        user: str,
        thread_ts: str | None,
        started: bool = False,
        direct: bool = False,
    ) -> None:
        self.place = Place.DIRECT if direct else Place.PUBLIC
        self._messenger = messenger
        self._channel = channel
        self._user = user
        self._thread_ts = thread_ts
        self._started = started
        self._notice_ts = ""

    async def reading(self, notice: Message) -> None:
        with suppress(NotDelivered):
            self._notice_ts = await self._messenger.post(self._channel, notice, thread_ts=self._thread_ts)

    async def answer(self, message: Message) -> str:
        if self._notice_ts:
            try:
                await self._messenger.update(self._channel, self._notice_ts, message)
            except NotDelivered as failed:
                if failed.ambiguous:
                    raise
            else:
                return "chat.update"
        await self._messenger.post(self._channel, message, thread_ts=self._thread_ts)
        return "chat.postMessage"

    async def privately(self, message: Message) -> str:
        if self.place is Place.DIRECT:
            return await self.answer(message)
        if self._notice_ts:
            with suppress(NotDelivered):
                await self._messenger.delete(self._channel, self._notice_ts)
        thread_ts = self._thread_ts if self._started else None
        await self._messenger.post_privately(self._channel, self._user, message, thread_ts=thread_ts)
        return "chat.postEphemeral"


class ViewReply:
    """Into an open modal, which has shown from the start that something is being read."""

    def __init__(self, messenger: Messenger, view_id: str, title: str) -> None:
        self.place = Place.VIEW
        self._messenger = messenger
        self.view_id = view_id
        self._title = title

    async def reading(self, notice: Message) -> None:
        pass

    async def answer(self, message: Message) -> str:
        try:
            await self._messenger.update_view(self.view_id, message_view(self._title, message))
        except NotDelivered as refused:
            if refused.code != "invalid_arguments":
                raise
            fields = {"code": refused.code, "pointers": ",".join(refused.pointers)}
            logger.error("Slack refused a view; its plain text is shown", extra={"fields": fields})
            await self._messenger.update_view(self.view_id, plain_view(self._title, message.text))
        return "views.update"

    async def privately(self, message: Message) -> str:
        return await self.answer(message)

    async def show(self, blocks: Sequence[Block]) -> str:
        """Blocks that only a modal has room for."""
        await self._messenger.update_view(self.view_id, blocks_view(self._title, blocks))
        return "views.update"


async def opened(messenger: Messenger, title: str, trigger_id: str, otherwise: Reply) -> ViewReply | None:
    """A modal that says that something is being read: first of all, for a trigger lasts three seconds.

    None where Slack does not open it, which ``otherwise`` tells.
    """
    try:
        view_id = await messenger.open_view(trigger_id, loading_view(title))
    except NotDelivered as failed:
        logger.warning("Slack did not open a modal: %s", failed.code)
        await quietly(otherwise.privately(notices.not_opened()))
        return None
    return ViewReply(messenger, view_id, title)


async def patiently(work: Coroutine[Any, Any, Made], seconds: float, reply: Reply, notice: Message) -> Made:
    """What the work makes; where that takes longer than people wait without wondering, they are told first."""
    making = asyncio.ensure_future(work)
    try:
        await asyncio.wait({making}, timeout=seconds)
        if not making.done():
            await reply.reading(notice)
        return await making
    finally:
        making.cancel()
