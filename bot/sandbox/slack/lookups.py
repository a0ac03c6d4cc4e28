"""The Web API's methods that read: who am I, channels, their history, people."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.chat import Chat
from bot.sandbox.slack.refusals import Refused, missing_argument
from bot.sandbox.slack.world import Channel, Message, World

_KIND_SCOPES = {"public": "channels", "private": "groups", "im": "im"}
_KIND_OF_TYPE = {"public_channel": "public", "private_channel": "private", "im": "im"}
DEFAULT_LIMIT, MOST_LIMIT = 100, 999


class Lookups:
    def __init__(self, world: World, chat: Chat) -> None:
        self._world = world
        self._chat = chat

    def auth_test(self, arguments: dict[str, Any]) -> dict[str, Any]:
        world, app = self._world, self._world.app
        return {
            "url": f"https://{world.team_domain}.slack.com/",
            "team": world.team_domain,
            "team_id": world.team_id,
            "user": world.users[app.bot_user_id].name,
            "user_id": app.bot_user_id,
            "bot_id": app.bot_id,
            "is_enterprise_install": False,
        }

    def bots_info(self, arguments: dict[str, Any]) -> dict[str, Any]:
        app = self._world.app
        if arguments.get("bot") != app.bot_id:
            raise Refused("bot_not_found")
        bot = {"id": app.bot_id, "app_id": app.id, "user_id": app.bot_user_id, "name": app.name, "deleted": False}
        return {"bot": bot}

    def users_info(self, arguments: dict[str, Any]) -> dict[str, Any]:
        user = self._world.users.get(str(arguments.get("user", "")))
        if user is None:
            raise Refused("user_not_found")
        return {"user": user.as_json(self._world.team_id, self._world.now())}

    def users_conversations(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The bot's own: https://docs.slack.dev/reference/methods/users.conversations"""
        types = str(arguments.get("types") or "public_channel").split(",")
        if not set(types) <= _KIND_OF_TYPE.keys():
            raise Refused("invalid_types")
        kinds = {_KIND_OF_TYPE[one] for one in types}
        for kind in sorted(kinds):
            self._need(kind, "read")
        archived = not _true(arguments.get("exclude_archived"))
        bot, after = self._world.app.bot_user_id, str(arguments.get("cursor") or "")
        mine = sorted(
            (channel for channel in self._world.channels.values() if channel.kind in kinds and bot in channel.members),
            key=lambda channel: channel.id,
        )
        found = [channel for channel in mine if channel.id > after and (archived or not channel.archived)]
        page = found[: _limit(arguments)]
        cursor = page[-1].id if len(page) < len(found) else ""
        return {"channels": list(map(_conversation, page)), "response_metadata": {"next_cursor": cursor}}

    def conversations_info(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._chat.known_channel(arguments)
        self._need(channel.kind, "read")
        answer = {**_conversation(channel), "is_member": self._world.app.bot_user_id in channel.members}
        if _true(arguments.get("include_num_members")):
            answer["num_members"] = len(channel.members)
        return {"channel": answer}

    def conversations_open(self, arguments: dict[str, Any]) -> dict[str, Any]:
        users = arguments.get("users")
        if not users:
            raise missing_argument("users")
        if users not in self._world.users:
            raise Refused("user_not_found")
        return {"channel": {"id": self._world.direct_messages(str(users)).id}}

    def conversations_history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._readable(arguments)
        newest_first = [m for m in reversed(self._world.messages(channel.id)) if m.thread_ts in (None, m.ts)]
        if cursor := arguments.get("cursor"):
            newest_first = [m for m in newest_first if _ts(m.ts) < _ts(cursor)]
        return self._page(newest_first, arguments)

    def conversations_replies(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel = self._readable(arguments)
        ts = str(arguments.get("ts", ""))
        thread = [m for m in self._world.messages(channel.id) if ts in (m.ts, m.thread_ts)]
        if not thread:
            raise Refused("thread_not_found")
        if cursor := arguments.get("cursor"):
            thread = [m for m in thread if _ts(m.ts) > _ts(cursor)]
        return self._page(thread, arguments)

    def _readable(self, arguments: dict[str, Any]) -> Channel:
        channel = self._chat.known_channel(arguments)
        self._need(channel.kind, "history")
        if self._world.app.bot_user_id not in channel.members:
            raise Refused("not_in_channel")
        return channel

    def _need(self, kind: str, what: str) -> None:
        needed, scopes = f"{_KIND_SCOPES[kind]}:{what}", self._world.app.scopes
        if needed not in scopes:
            raise Refused("missing_scope", needed=needed, provided=",".join(sorted(scopes)))

    def _page(self, messages: list[Message], arguments: dict[str, Any]) -> dict[str, Any]:
        """The first page of them; ``oldest`` and ``latest`` exclude their own moment unless ``inclusive``."""
        oldest, latest = _ts(arguments.get("oldest"), (0, 0)), _ts(arguments.get("latest"), (10**12, 0))
        ends = (oldest, latest) if _true(arguments.get("inclusive")) else ()
        within = [m for m in messages if oldest < _ts(m.ts) < latest or _ts(m.ts) in ends]
        page = within[: _limit(arguments)]
        more = len(within) > len(page)
        with_metadata = _true(arguments.get("include_all_metadata"))
        return {
            "messages": [m.as_json(metadata=with_metadata) for m in page],
            "has_more": more,
            "response_metadata": {"next_cursor": page[-1].ts if more else ""},
        }


def _conversation(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_im": channel.kind == "im",
        "is_private": channel.kind != "public",
        "is_archived": channel.archived,
    }


def _limit(arguments: dict[str, Any]) -> int:
    limit = str(arguments.get("limit") or DEFAULT_LIMIT)
    if not limit.isdecimal() or int(limit) > MOST_LIMIT:
        raise Refused("invalid_limit")
    return int(limit)


def _true(value: Any) -> bool:
    return value is True or str(value).lower() in ("1", "true")


def _ts(value: Any, otherwise: tuple[int, int] = (0, 0)) -> tuple[int, int]:
    """A timestamp as numbers that compare exactly: seconds and their fraction to six places."""
    if not value:
        return otherwise
    seconds, _, fraction = str(value).partition(".")
    try:
        return int(seconds), int(fraction.ljust(6, "0")[:6] or 0)
    except ValueError:
        raise Refused("invalid_ts_latest") from None
