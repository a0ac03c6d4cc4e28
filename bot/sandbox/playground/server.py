"""The page's address on loopback: its files, its stream of changes, and what people do in it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.sandbox.playground.actions import Actions
from bot.sandbox.playground.guard import guard
from bot.sandbox.playground.snapshot import Scene
from bot.sandbox.playground.stream import stream
from bot.sandbox.slack import User

STATIC = Path(__file__).parent / "static"
MOST_BODY_BYTES = 256 * 1024

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class PlaygroundServer:
    """An async context manager: inside it, ``url`` shows the scene. ``port`` 0 takes a free one; raises ``OSError``."""

    def __init__(self, scene: Scene, *, port: int = 0) -> None:
        self._scene = scene
        self._port = port
        self._files = {path.name: path for path in STATIC.iterdir() if path.suffix in _TYPES}
        application = web.Application(middlewares=[guard], client_max_size=MOST_BODY_BYTES)
        application.add_routes(
            [
                web.get("/", self._page),
                web.get("/static/{name}", self._file),
                web.get("/events", self._events, allow_head=False),
                web.post("/do/{verb}", Actions(scene.slack, scene.controls).do),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=0.1)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _page(self, request: web.Request) -> web.Response:
        return self._answer("index.html")

    async def _file(self, request: web.Request) -> web.Response:
        return self._answer(request.match_info["name"])

    def _answer(self, name: str) -> web.Response:
        path = self._files.get(name)
        if path is None:
            raise web.HTTPNotFound(text="there is no such file")
        return web.Response(body=path.read_bytes(), headers={"Content-Type": _TYPES[path.suffix]})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """``?user=`` names the person who looks; ``&zone=`` is the browser's, which becomes that of their profile."""
        world = self._scene.slack.world
        try:
            user = world.user(request.query.get("user", ""))
        except LookupError as error:
            raise web.HTTPNotFound(text=str(error)) from None
        _set_zone(user, request.query.get("zone", ""))
        return await stream(request, world, lambda: self._scene.seen_by(user))


def _set_zone(user: User, zone: str) -> None:
    try:
        user.tz = ZoneInfo(zone).key
    except (KeyError, ValueError, OSError):  # unknown; not a key at all; a folder or an impossible file name
        return
