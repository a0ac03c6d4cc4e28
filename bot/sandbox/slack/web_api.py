"""The Web API's front door: arguments in every form that Slack takes, tokens, scopes, limits, faults, then the method.

https://docs.slack.dev/apis/web-api/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.sandbox.slack import interruptions
from bot.sandbox.slack.chat import Chat
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.lookups import Lookups
from bot.sandbox.slack.rate_limits import RateLimits
from bot.sandbox.slack.refusals import Refused
from bot.sandbox.slack.views import Views
from bot.sandbox.slack.world import World

# Arguments that are JSON inside a form, and what Slack answers when they are not JSON.
_STRUCTURED = {
    "blocks": "invalid_blocks_format",
    "attachments": "invalid_attachments",
    "metadata": "invalid_metadata_format",
    "view": "invalid_arguments",
}
_TIER_2, _TIER_3, _TIER_4 = 20, 50, 100


@dataclass(frozen=True, slots=True)
class Method:
    """``per_minute``: the rate limit, None for none. ``app_token``: needs the xapp token instead of the bot's."""

    call: Callable[[dict[str, Any]], dict[str, Any]]
    scope: str | None = None
    per_minute: int | None = None
    app_token: bool = False


class WebApi:
    """Answers ``/api/{method}``."""

    def __init__(
        self,
        world: World,
        chat: Chat,
        views: Views,
        journal: Journal,
        faults: Faults,
        limits: RateLimits,
        open_connection: Callable[[], str],
    ) -> None:
        self._world, self._journal, self._faults, self._limits = world, journal, faults, limits
        lookups = Lookups(world, chat)
        self.methods: dict[str, Method] = {
            "apps.connections.open": Method(lambda _: {"url": open_connection()}, app_token=True),
            "auth.test": Method(lookups.auth_test),
            "bots.info": Method(lookups.bots_info, "users:read", _TIER_3),
            "chat.delete": Method(chat.delete, "chat:write", _TIER_3),
            "chat.getPermalink": Method(chat.get_permalink),
            "chat.postEphemeral": Method(chat.post_ephemeral, "chat:write", _TIER_4),
            "chat.postMessage": Method(chat.post_message, "chat:write", _TIER_3),
            "chat.update": Method(chat.update, "chat:write", _TIER_3),
            "conversations.history": Method(lookups.conversations_history, None, _TIER_3),
            "conversations.info": Method(lookups.conversations_info, None, _TIER_3),
            "conversations.open": Method(lookups.conversations_open, "im:write", _TIER_3),
            "conversations.replies": Method(lookups.conversations_replies, None, _TIER_3),
            "users.conversations": Method(lookups.users_conversations, None, _TIER_3),
            "users.info": Method(lookups.users_info, "users:read", _TIER_4),
            "views.open": Method(views.open, None, _TIER_4),
            "views.publish": Method(views.publish, None, _TIER_4),
            "views.push": Method(views.push, None, _TIER_4),
            "views.update": Method(views.update, None, _TIER_4),
        }

    async def handle(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        fault = self._faults.next_for(name)
        body: dict[str, Any] = {}
        answer: dict[str, Any] = {}
        headers: dict[str, str] = {}
        status = 200
        try:
            body = await _arguments(request)
            await interruptions.before(fault, self._world.clock)
            answer = {"ok": True, **self._answer(name, body, _token(request, body))}
            interruptions.after(fault)
        except Refused as refused:
            answer, status, headers = refused.as_json(), refused.status, refused.headers
        except interruptions.BrokenOff as broken:
            self._journal.note("app", name, body, broken.kind, broken.status)
            return broken.answer(request)
        self._journal.note("app", name, body, answer.get("error", "ok"), status)
        headers["x-oauth-scopes"] = ",".join(sorted(self._world.app.scopes))
        return web.json_response(answer, status=status, headers=headers)

    def _answer(self, name: str, arguments: dict[str, Any], token: str | None) -> dict[str, Any]:
        method = self.methods.get(name)
        if method is None:
            raise Refused("unknown_method", req_method=name)
        self._authorize(method, token)
        wait = self._limits.retry_after(name, method.per_minute, str(arguments.get("channel", "")))
        if wait:
            raise Refused("ratelimited", status=429, headers={"Retry-After": str(wait)})
        return method.call(arguments)

    def _authorize(self, method: Method, token: str | None) -> None:
        app = self._world.app
        if not token:
            raise Refused("not_authed")
        if token not in (app.bot_token, app.app_token):
            raise Refused("invalid_auth")
        if (token == app.app_token) is not method.app_token:
            raise Refused("not_allowed_token_type")
        if app.revoked and not method.app_token:
            raise Refused("token_revoked")
        if method.scope and method.scope not in app.scopes:
            raise Refused("missing_scope", needed=method.scope, provided=",".join(sorted(app.scopes)))


async def _arguments(request: web.Request) -> dict[str, Any]:
    """Query, form or JSON, all in one mapping; JSON inside a form is decoded."""
    arguments: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except ValueError:
            raise Refused("invalid_json") from None
        if not isinstance(body, dict):
            raise Refused("json_not_object")
        # A token is taken from the header or a form, never from JSON.
        arguments |= {key: value for key, value in body.items() if key != "token"}
    else:
        arguments |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    for key, error in _STRUCTURED.items():
        if isinstance(arguments.get(key), str):
            try:
                arguments[key] = json.loads(arguments[key])
            except ValueError:
                raise Refused(error) from None
    return {key: value for key, value in arguments.items() if value is not None}


def _token(request: web.Request, arguments: Mapping[str, Any]) -> str | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme == "Bearer" else arguments.get("token")
