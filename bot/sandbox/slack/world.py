"""One workspace with one app in it: people, channels, messages. State and its own rules, nothing of the wire."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from bot.sandbox.slack.clock import Clock, SystemClock

SLACKBOT = "USLACKBOT"
DEFAULT_SCOPES = frozenset({"commands", "chat:write", "users:read", "app_mentions:read", "im:history"})
DEFAULT_EVENTS = frozenset({"app_mention", "app_home_opened", "message.im"})
DEFAULT_COMMANDS = frozenset({"/shipped", "/release", "/digest"})

T = TypeVar("T")


@dataclass(slots=True)
class User:
    """A person, or the app's bot user. ``tz`` is an IANA zone."""

    id: str
    name: str
    real_name: str = ""
    tz: str = "UTC"
    is_bot: bool = False
    deleted: bool = False

    def as_json(self, team_id: str, now: datetime) -> dict[str, Any]:
        local = now.astimezone(ZoneInfo(self.tz))
        offset = local.utcoffset()
        real_name = self.real_name or self.name
        return {
            "id": self.id,
            "team_id": team_id,
            "name": self.name,
            "real_name": real_name,
            "tz": self.tz,
            "tz_label": local.tzname(),
            "tz_offset": int(offset.total_seconds()) if offset is not None else 0,
            "is_bot": self.is_bot,
            "deleted": self.deleted,
            "profile": {"real_name": real_name, "display_name": self.name},
        }


@dataclass(slots=True)
class Channel:
    """A conversation. A direct message is ``kind="im"`` with two members and no name."""

    id: str
    name: str
    kind: Literal["public", "private", "im"] = "public"
    members: set[str] = field(default_factory=set)
    archived: bool = False

    @property
    def name_in_commands(self) -> str:
        """The ``channel_name`` that a slash command carries: only public channels have a real one."""
        return {"public": self.name, "private": "privategroup", "im": "directmessage"}[self.kind]


@dataclass(slots=True)
class App:
    """The app as its settings pages show it, and what it was granted.

    With a ``request_url``, everything is delivered there by signed HTTP; without one, over Socket Mode.
    ``command_url_replaces``: whether ``replace_original`` on a *command's* response_url replaces the message that was
    sent through it before. Slack documents the replacing of a source message only, and a command has none; apps that
    tried saw a second message (https://github.com/slackapi/bolt-js/issues/2287).
    """

    id: str = "A0SHIPPED"
    name: str = "What Shipped"
    bot_id: str = "B0SHIPPED"
    bot_user_id: str = "U0SHIPPED"
    bot_token: str = "xoxb-sandbox-bot"  # noqa: S105  # opens nothing but this sandbox
    app_token: str = "xapp-sandbox-app"  # noqa: S105  # opens nothing but this sandbox
    signing_secret: str = "sandbox-signing-secret"  # noqa: S105  # signs for nobody but this sandbox
    scopes: set[str] = field(default_factory=lambda: set(DEFAULT_SCOPES))
    events: set[str] = field(default_factory=lambda: set(DEFAULT_EVENTS))
    commands: set[str] = field(default_factory=lambda: set(DEFAULT_COMMANDS))
    should_escape: bool = True
    home_tab: bool = True
    request_url: str | None = None
    revoked: bool = False
    command_url_replaces: bool = False


@dataclass(slots=True, eq=False)
class Message:
    """A message in a channel. ``only_for``: the one person who sees an ephemeral message; such a one is not stored by
    Slack, so it is neither in the history nor can ``chat.update`` find it.
    """

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    thread_ts: str | None = None
    only_for: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    subtype: str | None = None
    edited_ts: str | None = None
    state: dict[str, dict[str, Any]] = field(default_factory=dict)

    def as_json(self, *, metadata: bool = False) -> dict[str, Any]:
        """The message as the Web API returns it; its metadata only where it was asked for."""
        optional: dict[str, Any] = {
            "subtype": self.subtype,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "blocks": self.blocks,
            "attachments": self.attachments,
            "thread_ts": self.thread_ts,
            "edited": {"user": self.user, "ts": self.edited_ts} if self.edited_ts else None,
            "metadata": self.metadata if metadata else None,
        }
        always = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts}
        return always | {key: value for key, value in optional.items() if value}


def default_users() -> list[User]:
    return [
        User("U0JANE", "jane.doe", "Jane Doe", "Europe/Berlin"),
        User("U0SAM", "sam.poe", "Sam Poe", "America/New_York"),
        User("U0KIM", "kim.roe", "Kim Roe", "Asia/Kolkata"),
    ]


def default_channels() -> list[Channel]:
    return [
        Channel("C0DEPLOYS", "deploys", members={"U0JANE", "U0SAM", "U0SHIPPED"}),
        Channel("C0GENERAL", "general", members={"U0JANE", "U0SAM", "U0KIM"}),
        Channel("C0ONCALL", "on-call", "private", {"U0JANE", "U0SHIPPED"}),
        Channel("C0SECRET", "secret-plans", "private", {"U0KIM"}),
        Channel("C0OLD", "old-project", members={"U0JANE", "U0SHIPPED"}, archived=True),
    ]


class World:
    """The workspace. Change its parts directly in a test; call ``changed`` when somebody may be waiting for that.

    ``version`` counts the changes.
    """

    def __init__(
        self,
        *,
        users: Iterable[User] | None = None,
        channels: Iterable[Channel] | None = None,
        app: App | None = None,
        clock: Clock | None = None,
        team_id: str = "T0SANDBOX",
        team_domain: str = "acme",
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.app = app or App()
        self.team_id = team_id
        self.team_domain = team_domain
        people = [*(default_users() if users is None else users)]
        people.append(User(self.app.bot_user_id, "whatshipped", self.app.name, is_bot=True))
        self.users: dict[str, User] = {user.id: user for user in people}
        self.channels: dict[str, Channel] = {c.id: c for c in (default_channels() if channels is None else channels)}
        self.all_messages: list[Message] = []
        self._last_ts = 0
        self._numbers = itertools.count(1)
        self._news = asyncio.Event()
        self.version = 0

    def now(self) -> datetime:
        return self.clock.now().astimezone(UTC)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{next(self._numbers):09d}"

    def next_ts(self) -> str:
        """A message's identity: its time in seconds with six places, never the same twice."""
        self._last_ts = max(self._last_ts + 1, int(self.now().timestamp() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def user(self, who: str) -> User:
        """By id or by name; ``LookupError`` when there is no such person."""
        for user in self.users.values():
            if who in (user.id, user.name):
                return user
        raise LookupError(f"there is no user {who!r}")

    def channel(self, which: str) -> Channel:
        """By id, by name or by ``#name``; ``LookupError`` when there is no such channel."""
        for channel in self.channels.values():
            if which == channel.id or (channel.name and which.removeprefix("#") == channel.name):
                return channel
        raise LookupError(f"there is no channel {which!r}")

    def direct_messages(self, user: str) -> Channel:
        """The conversation of one person with the app; opened when it was not."""
        members = {self.user(user).id, self.app.bot_user_id}
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == members:
                return channel
        channel = Channel(self.new_id("D"), "", "im", members)
        self.channels[channel.id] = channel
        return channel

    def add(self, message: Message) -> Message:
        self.all_messages.append(message)
        self.changed()
        return message

    def remove(self, message: Message) -> None:
        self.all_messages.remove(message)
        self.changed()

    def find(self, channel_id: str, ts: str, *, ephemeral: bool = False) -> Message | None:
        for message in self.all_messages:
            if (message.channel, message.ts) == (channel_id, ts) and bool(message.only_for) == ephemeral:
                return message
        return None

    def messages(self, channel: str) -> list[Message]:
        """What everybody in the channel sees, oldest first, replies in threads included."""
        channel_id = self.channel(channel).id
        return [m for m in self.all_messages if m.channel == channel_id and m.only_for is None]

    def visible_to(self, user: str, channel: str) -> list[Message]:
        """What one person sees there, oldest first: nothing of a private channel that they are not in."""
        viewer, place = self.user(user), self.channel(channel)
        if place.kind != "public" and viewer.id not in place.members:
            return []
        return [m for m in self.all_messages if m.channel == place.id and m.only_for in (None, viewer.id)]

    def changed(self) -> None:
        """Tell everybody who waits that something may have happened."""
        self.version += 1
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def change_after(self, version: int) -> int:
        """Return the present ``version`` as soon as it is another one: something has changed since."""
        while self.version == version:
            await self._news.wait()
        return self.version

    async def wait_for(self, predicate: Callable[[], T | None], timeout: float = 10.0) -> T:
        """The first true value that the predicate gives; asked again after each change of the workspace.

        ``timeout`` is in real seconds, whatever clock the workspace has; then ``TimeoutError``.
        """
        async with asyncio.timeout(timeout):
            while True:
                news = self._news
                if found := predicate():
                    return found
                await news.wait()

    def team_json(self) -> Mapping[str, str]:
        return {"id": self.team_id, "domain": self.team_domain}
