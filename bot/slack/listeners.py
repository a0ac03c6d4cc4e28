"""What Slack tells us: acknowledge at once, then hand over to a task that is kept. Nothing here raises.

https://docs.slack.dev/tools/bolt-python/concepts/acknowledge
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.formatting import controls, notices
from bot.formatting.controls import details_of
from bot.formatting.home import ASK
from bot.slack.conversation import ANSWER_TITLE, Asked, Conversation
from bot.slack.messenger import Messenger
from bot.slack.recent import Recent
from bot.slack.replies import Place, PostedReply, Reply, UrlReply, ViewReply
from bot.slack.state import BadState, State, decode
from bot.slack.tasks import Tasks

logger = logging.getLogger(__name__)

Body = dict[str, Any]
Work = Coroutine[object, object, object]

# How long the same press of the same person counts as one. Slack repeats an event within minutes:
# https://docs.slack.dev/apis/events-api/#retries
SAME_PRESS_SECONDS = 4.0
SAME_EVENT_SECONDS = 3600.0

_LEADING_MENTIONS = re.compile(r"^(?:\s*<@[^>]+>[\s:,]*)+")
_PAGES = frozenset({controls.PREVIOUS, controls.NEXT})


class Listeners:
    """The functions that Bolt calls. ``monotonic`` gives seconds, ``clock`` the moment."""

    def __init__(
        self,
        conversation: Conversation,
        messenger: Messenger,
        tasks: Tasks,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._conversation = conversation
        self._messenger = messenger
        self._tasks = tasks
        self._clock = clock
        self._presses = Recent(SAME_PRESS_SECONDS, monotonic)
        self._events = Recent(SAME_EVENT_SECONDS, monotonic)

    async def command(self, ack: AsyncAck, body: Body) -> None:
        """A slash command."""
        await ack()
        user, channel = body["user_id"], body["channel_id"]
        command, text = body["command"], body.get("text") or ""
        if not self._presses.is_new((user, channel, command, text)):
            return
        reply = UrlReply(self._messenger, body["response_url"], channel=channel, user=user)
        asked = Asked(user, channel, "command", body.get("user_name", ""))
        await self._start(self._conversation.ask(asked, State(command.lower(), text), reply), reply)

    async def mention(self, ack: AsyncAck, body: Body, event: Body) -> None:
        """Somebody named the bot: answered in the thread."""
        await ack()
        if not self._is_for_us(body, event):
            return
        thread_ts = event.get("thread_ts")
        reply = PostedReply(
            self._messenger,
            channel=event["channel"],
            user=event["user"],
            thread_ts=thread_ts or event["ts"],
            started=bool(thread_ts),
        )
        await self._words("mention", body, event, reply)

    async def direct_message(self, ack: AsyncAck, body: Body, event: Body) -> None:
        """Somebody wrote to the bot itself."""
        await ack()
        if event.get("channel_type") != "im" or not self._is_for_us(body, event):
            return
        thread_ts = event.get("thread_ts")
        channel, user = event["channel"], event["user"]
        reply = PostedReply(self._messenger, channel=channel, user=user, thread_ts=thread_ts, direct=True)
        await self._words("message", body, event, reply)

    async def home_opened(self, ack: AsyncAck, body: Body, event: Body) -> None:
        """Somebody looks at the Home tab, or at the messages beside it."""
        await ack()
        if event.get("tab") == "home" and self._events.is_new(body.get("event_id")):
            await self._start(self._conversation.home(event["user"]), None)

    async def action(self, ack: AsyncAck, body: Body, action: Body) -> None:
        """A button was pressed, or something chosen in a menu."""
        await ack()
        user, action_id = body["user"]["id"], str(action.get("action_id", ""))
        value = _value(action)
        if not self._presses.is_new((user, action_id, action.get("block_id"), value, _where(body))):
            return
        reply = self._reply_to(body, user, replaces=action_id not in (controls.BROWSE, controls.DETAILS))
        if reply is None:
            return
        asked = Asked(user, _channel(body), action_id, body["user"].get("username", ""))
        try:
            work = self._work(asked, action, value, body, reply)
        except ValueError:
            work = self._conversation.tell(reply, notices.old_button("/shipped"))
        await self._start(work, reply)

    def _work(self, asked: Asked, action: Body, value: str, body: Body, reply: Reply) -> Work:
        """What the press asks for; raises ``ValueError`` where it carries nothing that we can read."""
        action_id = asked.how
        if action_id == controls.DETAILS:
            project, deployment_id = details_of(value)
            return self._conversation.details(asked, project, deployment_id, body["trigger_id"], reply)
        if action_id == controls.ENVIRONMENT:
            return self._conversation.ask(asked, decode(action["block_id"]).in_environment(value), reply)
        if action_id == controls.WINDOW:
            state = decode(action["block_id"]).in_window(value, self._clock())
            return self._conversation.ask(asked, state, reply)
        state = decode(value)
        if action_id.startswith(ASK):
            return self._conversation.ask_in_view(asked, state, body["trigger_id"], reply)
        if action_id == controls.SHARE and isinstance(reply, UrlReply):
            return self._conversation.share(asked, state, reply)
        if action_id in _PAGES or action_id == controls.BROWSE:
            return self._conversation.ask(asked, state, reply)
        raise BadState(action_id)

    async def _words(self, how: str, body: Body, event: Body, reply: Reply) -> None:
        asked = Asked(event["user"], event["channel"], how)
        text = _without_mention(event.get("text") or "", body) or "help"
        await self._start(self._conversation.ask(asked, State("", text), reply), reply)

    def _is_for_us(self, body: Body, event: Body) -> bool:
        """A person's new words; not a robot's (two would talk for ever), not an edit, not told before."""
        if event.get("bot_id") or event.get("subtype") or not event.get("user"):
            return False
        return self._events.is_new(body.get("event_id"))

    def _reply_to(self, body: Body, user: str, *, replaces: bool) -> Reply | None:
        """Where the answer to a press belongs: in the same modal, or where the message stands."""
        view = body.get("view") or {}
        if view.get("type") == "modal":
            return ViewReply(self._messenger, view["id"], ANSWER_TITLE)
        container = body.get("container") or {}
        if url := body.get("response_url"):
            channel = _channel(body)
            is_direct = channel.startswith("D") and not container.get("is_ephemeral")
            return UrlReply(
                self._messenger,
                url,
                channel=channel,
                user=user,
                place=Place.DIRECT if is_direct else Place.PRIVATE,
                replaces=replaces,
                thread_ts=container.get("thread_ts"),
            )
        if view:  # the Home tab, where an answer opens in a modal of its own
            return PostedReply(self._messenger, channel=user, user=user, thread_ts=None, direct=True)
        return None

    async def _start(self, work: Work, reply: Reply | None) -> None:
        async def told_that_cut_off() -> None:
            if reply is not None:
                await self._conversation.tell(reply, notices.cut_off())

        if not self._tasks.start(self._guarded(work, reply), on_cut_off=told_that_cut_off):
            work.close()
            if reply is not None:
                await self._conversation.tell(reply, notices.no_time())

    async def _guarded(self, work: Work, reply: Reply | None) -> None:
        try:
            await work
        except Exception:  # the boundary: a fault of ours is logged, and told to whoever waits
            logger.exception("a question failed")
            if reply is not None:
                await self._conversation.tell(reply, notices.failed())


def _value(action: Body) -> str:
    """What a button carries, or what was chosen in a menu."""
    return str((action.get("selected_option") or action).get("value") or "")


def _channel(body: Body) -> str:
    return str((body.get("channel") or {}).get("id") or "")


def _where(body: Body) -> str:
    container = body.get("container") or {}
    return str(container.get("message_ts") or container.get("view_id") or "")


def _without_mention(text: str, body: Body) -> str:
    """The words for the bot: those after its name, wherever that stands."""
    ours = next((a.get("user_id") for a in body.get("authorizations") or () if a.get("is_bot")), None)
    before, named, after = text.partition(f"<@{ours}>")
    return (after if named else _LEADING_MENTIONS.sub("", before)).strip(" \t\n:,")
