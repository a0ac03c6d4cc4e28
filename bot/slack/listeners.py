"""What Slack tells us: acknowledge at once, then hand over to a task that is kept. Nothing here raises.

https://docs.slack.dev/tools/bolt-python/concepts/acknowledge
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.formatting import controls, notices
from bot.formatting.controls import details_of
from bot.formatting.home import ASK
from bot.slack.background import Background, Work
from bot.slack.conversation import ANSWER_TITLE, Asked, Conversation
from bot.slack.digest_conversation import Actor, DigestConversation
from bot.slack.home import Home
from bot.slack.messenger import Messenger
from bot.slack.payloads import Body, channel_of, place_of, reply_to, team_of, value_of
from bot.slack.recent import SAME_CLICK_SECONDS, SAME_PRESS_SECONDS, Recent
from bot.slack.replies import PostedReply, Reply, UrlReply
from bot.slack.state import BadState, State, decode

# Slack repeats an event within minutes: https://docs.slack.dev/apis/events-api/#retries
SAME_EVENT_SECONDS = 3600.0

_LEADING_MENTIONS = re.compile(r"^(?:\s*<@[^>]+>[\s:,]*)+")
_DIGEST = re.compile(r"/?digests?(?=\s|$)", re.IGNORECASE)
_PAGES = frozenset({controls.PREVIOUS, controls.NEXT})


class Listeners:
    """The functions that Bolt calls. ``monotonic`` gives seconds, ``clock`` the moment."""

    def __init__(
        self,
        conversation: Conversation,
        digests: DigestConversation,
        home: Home,
        messenger: Messenger,
        background: Background,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._conversation = conversation
        self._digests = digests
        self._home = home
        self._messenger = messenger
        self._background = background
        self._clock = clock
        self._presses = Recent(SAME_PRESS_SECONDS, monotonic)
        self._clicks = Recent(SAME_CLICK_SECONDS, monotonic)
        self._events = Recent(SAME_EVENT_SECONDS, monotonic)

    async def command(self, ack: AsyncAck, body: Body) -> None:
        """A slash command."""
        await ack()
        user, channel = body["user_id"], body["channel_id"]
        command, text = body["command"], body.get("text") or ""
        if not self._presses.is_new((user, channel), (command, text)):
            return
        reply = UrlReply(self._messenger, body["response_url"], channel=channel, user=user)
        asked = Asked(user, channel, "command", body.get("user_name", ""))
        await self._background.start(self._conversation.ask(asked, State(command.lower(), text), reply), reply)

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
            await self._background.start(self._home.show(event["user"], team_of(body)), None)

    async def action(self, ack: AsyncAck, body: Body, action: Body) -> None:
        """A button was pressed, or something chosen in a menu."""
        await ack()
        user, action_id = body["user"]["id"], str(action.get("action_id", ""))
        value = value_of(action)
        if not self._clicks.is_new((user, place_of(body)), (action_id, action.get("block_id"), value)):
            return
        replaces = action_id not in (controls.BROWSE, controls.DETAILS)
        reply = reply_to(self._messenger, body, user, replaces=replaces, title=ANSWER_TITLE)
        if reply is None:
            return
        asked = Asked(user, channel_of(body), action_id, body["user"].get("username", ""))
        try:
            work = self._work(asked, action, value, body, reply)
        except ValueError:
            work = self._conversation.tell(reply, notices.old_button("/shipped"))
        await self._background.start(work, reply)

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
        user, channel = event["user"], event["channel"]
        text = _without_mention(event.get("text") or "", body) or "help"
        if digest := _DIGEST.match(text):
            actor = Actor(user, team_of(body), channel, how)
            await self._background.start(self._digests.command(actor, text[digest.end() :], reply), reply)
        else:
            await self._background.start(
                self._conversation.ask(Asked(user, channel, how), State("", text), reply), reply
            )

    def _is_for_us(self, body: Body, event: Body) -> bool:
        """A person's new words; not a robot's (two would talk for ever), not an edit, not told before."""
        if event.get("bot_id") or event.get("subtype") or not event.get("user"):
            return False
        return self._events.is_new(body.get("event_id"))


def _without_mention(text: str, body: Body) -> str:
    """The words for the bot: those after its name, wherever that stands."""
    ours = next((a.get("user_id") for a in body.get("authorizations") or () if a.get("is_bot")), None)
    before, named, after = text.partition(f"<@{ours}>")
    return (after if named else _LEADING_MENTIONS.sub("", before)).strip(" \t\n:,")
