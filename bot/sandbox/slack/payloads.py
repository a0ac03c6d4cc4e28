"""What Slack sends to an app: the bodies of commands, interactions and events.

https://docs.slack.dev/interactivity/implementing-slash-commands,
https://docs.slack.dev/reference/interaction-payloads and https://docs.slack.dev/apis/events-api/
"""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.slack.views import View, Views
from bot.sandbox.slack.world import Channel, Message, User, World

VERIFICATION_TOKEN = "sandbox-verification"  # noqa: S105  # deprecated by Slack, still in every payload
_URL = re.compile(r"\bhttps?://[^\s<>]+")
_NAME = re.compile(r"(?<![\w<])([@#])([a-z0-9][\w.-]*\w|[a-z0-9])", re.IGNORECASE)


class Payloads:
    def __init__(self, world: World, views: Views) -> None:
        self._world, self._views = world, views

    def command(self, user: User, channel: Channel, command: str, text: str, response_url: str) -> dict[str, Any]:
        world = self._world
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": world.team_id,
            "team_domain": world.team_domain,
            "channel_id": channel.id,
            "channel_name": channel.name_in_commands,
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": self.escaped(text) if world.app.should_escape else text,
            "api_app_id": world.app.id,
            "is_enterprise_install": "false",
            "response_url": response_url,
            "trigger_id": self._views.new_trigger(user.id),
        }

    def escaped(self, text: str) -> str:
        """What ``should_escape`` makes of typed text: ``<@U1>`` for ``@name``, ``<#C1|name>`` for ``#name``, URLs in
        angle brackets, and ``&``, ``<``, ``>`` as entities.
        """
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts, end = [], 0
        for url in _URL.finditer(text):
            parts += [_NAME.sub(self._mention, text[end : url.start()]), f"<{url.group()}>"]
            end = url.end()
        return "".join([*parts, _NAME.sub(self._mention, text[end:])])

    def _mention(self, match: re.Match[str]) -> str:
        sign, name = match.groups()
        try:
            if sign == "@":
                return f"<@{self._world.user(name).id}>"
            channel = self._world.channel(name)
        except LookupError:
            return match.group()
        return f"<#{channel.id}|{channel.name if channel.kind == 'public' else ''}>"

    def block_actions(
        self, user: User, surface: Message | View, action: dict[str, Any], response_url: str | None
    ) -> dict[str, Any]:
        payload = self._interaction("block_actions", user)
        payload |= {"actions": [action], "state": {"values": surface.state}}
        if isinstance(surface, View):
            view = self._views.as_json(surface)
            modal = surface.content["type"] == "modal"
            return payload | {
                "trigger_id": self._views.new_trigger(user.id, surface if modal else None),
                "container": {"type": "view", "view_id": surface.id},
                "view": view,
            }
        channel = self._world.channels[surface.channel]
        payload |= {
            "trigger_id": self._views.new_trigger(user.id),
            "channel": {"id": channel.id, "name": channel.name_in_commands},
            "container": {
                "type": "message",
                "message_ts": surface.ts,
                "channel_id": channel.id,
                "is_ephemeral": surface.only_for is not None,
                **({"thread_ts": surface.thread_ts} if surface.thread_ts else {}),
            },
            "response_url": response_url,
        }
        if surface.only_for is None:  # Slack does not keep an ephemeral message, and so cannot send it along
            payload["message"] = surface.as_json()
        return payload

    def view_submission(self, user: User, view: View) -> dict[str, Any]:
        return self._interaction("view_submission", user) | {
            "trigger_id": self._views.new_trigger(user.id, view),
            "view": self._views.as_json(view),
            "response_urls": [],
        }

    def view_closed(self, user: User, view: View, *, all_of_them: bool) -> dict[str, Any]:
        closed = {"view": self._views.as_json(view), "is_cleared": all_of_them}
        return self._interaction("view_closed", user) | closed

    def event(self, event: dict[str, Any]) -> dict[str, Any]:
        """The wrapper around an event; ``event_id`` is what tells a repetition from a second event."""
        world = self._world
        authorization = {
            "enterprise_id": None,
            "team_id": world.team_id,
            "user_id": world.app.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": world.team_id,
            "api_app_id": world.app.id,
            "type": "event_callback",
            "event": event,
            "event_id": world.new_id("Ev"),
            "event_time": int(world.now().timestamp()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
        }

    def _interaction(self, kind: str, user: User) -> dict[str, Any]:
        world = self._world
        return {
            "type": kind,
            "token": VERIFICATION_TOKEN,
            "api_app_id": world.app.id,
            "team": dict(world.team_json()),
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": world.team_id},
            "enterprise": None,
            "is_enterprise_install": False,
        }
