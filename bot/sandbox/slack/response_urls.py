"""``response_url``: five answers within thirty minutes to where something was typed or clicked.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bot.sandbox.slack import interruptions
from bot.sandbox.slack.chat import Chat
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.refusals import Refused, check_blocks
from bot.sandbox.slack.world import Message, World

MOST_USES = 5
LIFE = timedelta(minutes=30)
# Too much text in all blocks together is not refused here: https://github.com/slackapi/bolt-js/issues/2509
_NOT_CHECKED = frozenset({"msg_blocks_too_long", "msg_too_long"})


@dataclass(slots=True)
class _Target:
    """Where answers go. ``source``: the message with the button; a command has none."""

    user: str
    channel: str
    source: Message | None
    until: datetime
    last: Message | None = None
    uses: int = 0


class ResponseUrls:
    def __init__(self, world: World, chat: Chat, journal: Journal, faults: Faults, base_url: Callable[[], str]) -> None:
        self._world, self._chat, self._journal, self._faults, self._base_url = world, chat, journal, faults, base_url
        self._targets: dict[str, _Target] = {}

    def new(self, user: str, channel: str, source: Message | None = None) -> str:
        key = self._world.new_id("R")
        self._targets[key] = _Target(user, channel, source, self._world.now() + LIFE)
        return f"{self._base_url()}/response/{key}"

    async def handle(self, request: web.Request) -> web.Response:
        fault = self._faults.next_for("response_url")
        body: dict[str, Any] = {}
        try:
            body = _message(await request.text())
            await interruptions.before(fault, self._world.clock)
            self._use(request.match_info["key"], body)
            interruptions.after(fault)
        except Refused as refused:
            status = refused.status if refused.status != 200 else 400
            self._journal.note("app", "response_url", body, refused.error, status)
            return web.json_response(refused.as_json(), status=status, headers=refused.headers)
        except interruptions.BrokenOff as broken:
            self._journal.note("app", "response_url", body, broken.kind, broken.status)
            return broken.answer(request)
        self._journal.note("app", "response_url", body, "ok", 200)
        return web.Response(text="ok")

    def answer(self, user: str, channel: str, content: Mapping[str, Any]) -> Message | None:
        """A message in the acknowledgement of a command; ``Refused`` when it is a broken one."""
        check_blocks(content, allowed=_NOT_CHECKED)
        return self._post(_Target(user, channel, None, self._world.now()), content)

    def _use(self, key: str, body: dict[str, Any]) -> None:
        target = self._targets.get(key)
        if target is None or self._world.now() > target.until:
            raise Refused("expired_url", status=404)
        if target.uses >= MOST_USES:
            raise Refused("used_url", status=404)
        deletes = _true(body.get("delete_original"))
        has_content = any(body.get(part) for part in ("text", "blocks", "attachments"))
        if has_content or not deletes:
            check_blocks(body, allowed=_NOT_CHECKED)
        target.uses += 1
        original = self._original(target)
        if deletes and original is not None:
            self._world.remove(original)
        if not has_content:
            return
        # What was clicked is replaced unless the answer says otherwise.
        replaces = _true(body.get("replace_original", target.source is not None)) and not deletes
        if replaces and original is not None:
            self._chat.rewrite(original, body)
        else:
            target.last = self._post(target, body)

    def _original(self, target: _Target) -> Message | None:
        """What ``replace_original`` and ``delete_original`` are about, if it is still there."""
        original = target.source
        if original is None and self._world.app.command_url_replaces:
            original = target.last
        return original if original in self._world.all_messages else None

    def _post(self, target: _Target, content: Mapping[str, Any]) -> Message:
        public = content.get("response_type") == "in_channel"
        thread_ts = content.get("thread_ts")
        if thread_ts is None and not public and target.source is not None:
            thread_ts = target.source.thread_ts
        channel = self._world.channels[target.channel]
        return self._chat.store(channel, content, thread_ts=thread_ts, only_for=None if public else target.user)


def _message(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused("invalid_payload", status=400)
    return body


def _true(value: Any) -> bool:
    """Slack's own examples send these as strings."""
    return value is True or str(value).lower() == "true"
