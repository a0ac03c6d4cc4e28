"""The people's side over HTTP, for curl and for a page in a browser: JSON in, JSON out, under ``/_sandbox/``.

``POST /_sandbox/command {"user": "jane.doe", "channel": "#deploys", "command": "/shipped", "text": "since:2d"}``
does what ``Person.command`` does; every method in ``VERBS`` and every switch in ``FAULTS`` has its own address, with
its arguments by name. ``GET`` reads: ``state``, ``log``, ``messages``, ``visible``, ``views``, ``home``.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from aiohttp import web

from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.elements import NotPossible
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.views import View, Views
from bot.sandbox.slack.world import Message, World

VERBS = ("command", "say", "mention", "direct_message", "open_home", "click", "choose", "submit", "close", "dismiss")
FAULTS = (
    "rate_limit",
    "server_error",
    "reset_before",
    "reset_after",
    "slow",
    "refuse",
    "refuse_connections",
    "drop_sockets",
    "silence_sockets",
    "revoke_token",
    "archive",
    "remove_bot",
    "take_scopes",
    "clear",
)
_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


class Control:
    def __init__(self, world: World, person: Person, views: Views, faults: Faults, journal: Journal) -> None:
        self._world, self._person, self._views, self._faults, self._journal = world, person, views, faults, journal

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/_sandbox/faults/{name}", self.fault),
            web.post("/_sandbox/{verb}", self.do),
            web.get("/_sandbox/{what}", self.show),
        ]

    async def do(self, request: web.Request) -> web.Response:
        verb = request.match_info["verb"]
        if verb not in VERBS:
            return _wrong(f"there is no {verb!r}; there is: {', '.join(VERBS)}", 404)
        _refuse_strangers(request)
        return await call(getattr(self._person, verb), await json_object(request))

    async def fault(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in FAULTS:
            return _wrong(f"there is no fault {name!r}; there is: {', '.join(FAULTS)}", 404)
        _refuse_strangers(request)
        return await call(getattr(self._faults, name), await json_object(request))

    async def show(self, request: web.Request) -> web.Response:
        _refuse_strangers(request)
        user, channel = request.query.get("user", ""), request.query.get("channel", "")
        try:
            match request.match_info["what"]:
                case "state":
                    return web.json_response(self._state())
                case "log":
                    return web.json_response([exchange.as_json() for exchange in self._journal.exchanges])
                case "messages":
                    return web.json_response([_message(m) for m in self._person.messages(channel)])
                case "visible":
                    return web.json_response([_message(m) for m in self._person.visible_to(user, channel)])
                case "views":
                    return web.json_response([self._view(view) for view in self._person.views(user)])
                case "home":
                    home = self._person.home(user)
                    return web.json_response(self._view(home) if home else None)
        except LookupError as error:
            return _wrong(str(error.args[0]), 404)
        return _wrong("there is: state, log, messages, visible, views, home", 404)

    def _state(self) -> dict[str, Any]:
        now = self._world.now()
        return {
            "now": now.isoformat(),
            "app": {"id": self._world.app.id, "name": self._world.app.name, "bot": self._world.app.bot_user_id},
            "users": [user.as_json(self._world.team_id, now) for user in self._world.users.values()],
            "channels": [
                {"id": c.id, "name": c.name, "kind": c.kind, "archived": c.archived, "members": sorted(c.members)}
                for c in self._world.channels.values()
            ],
            "commands": sorted(self._world.app.commands),
        }

    def _view(self, view: View) -> dict[str, Any]:
        return {**self._views.as_json(view), "errors": view.errors}


def _message(message: Message) -> dict[str, Any]:
    return {**message.as_json(metadata=True), "channel": message.channel, "only_for": message.only_for}


async def call(what: Callable[..., Any], arguments: Mapping[str, Any]) -> web.Response:
    """Do something that a person can do, with its arguments by name; what cannot be done is told in words."""
    try:
        inspect.signature(what).bind(**arguments)
    except TypeError as error:
        return _wrong(str(error), 400)
    hints = get_type_hints(what)
    if wrong := [name for name, value in arguments.items() if not _fits(value, hints[name])]:
        return _wrong(f"{wrong[0]} cannot be that", 400)
    try:
        result = what(**arguments)
        if inspect.isawaitable(result):
            result = await result
    except LookupError as error:
        return _wrong(str(error.args[0]), 404)
    except NotPossible as error:
        return _wrong(str(error), 409)
    said = {"said": result} if isinstance(result, str) else {}
    return web.json_response(
        {"ok": True, "delivery": result.as_json() if isinstance(result, Delivery) else None, **said}
    )


async def json_object(request: web.Request) -> dict[str, Any]:
    """The request's body. Half an emoji, which no client of Slack's sends on, becomes the character for "unknown"."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="send application/json")
    try:
        text = json.dumps(json.loads(await request.read() or b"{}"), ensure_ascii=False)
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest(text="the body is not JSON") from None
    body = json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="the body must be an object")
    return body


def _fits(value: object, hint: Any) -> bool:
    """Whether a JSON value is of that type, or of one of those types."""
    if isinstance(hint, UnionType):
        return any(_fits(value, one) for one in get_args(hint))
    return hint is Any or isinstance(value, (int, float) if hint is float else get_origin(hint) or hint)


def _refuse_strangers(request: web.Request) -> None:
    """Pages of other hosts must not drive the sandbox, whatever name they have given to this machine."""
    host = request.url.host or ""
    origin = request.headers.get("Origin")
    if host not in _LOCAL_NAMES or origin not in (None, f"{request.scheme}://{request.host}"):
        raise web.HTTPForbidden(text="this is for the same machine and its own page")


def _wrong(what: str, status: int) -> web.Response:
    return web.json_response({"ok": False, "error": what}, status=status)
