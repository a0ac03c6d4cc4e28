"""A scripted LaunchDarkly on loopback: it pages as documented until a test tells it to misbehave."""

from __future__ import annotations

import asyncio
import ssl
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bot.domain.query import SourceQuery, TimeWindow
from tests.builders import NOW

LIST = "/api/v2/engineering-insights/deployments"
TOKEN = "api-5e1f0c2a-0000-4000-8000-00000000c0de"  # made up

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def wire_deployment(number: int, started: datetime, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.UUID(int=number)),
        "applicationKey": "billing-service",
        "applicationVersion": f"{number:07x}",
        "startedAt": ms(started),
        "endedAt": ms(started) + 60_000,
        "durationMs": 60_000,
        "status": "finished",
        "kind": "deployment",
        "active": False,
        "archived": False,
        "environmentKey": "production",
        "numberOfContributors": 1,
        "numberOfPullRequests": 0,
        "linesAdded": 1,
        "linesDeleted": 1,
        "leadTime": 0,
        **changes,
    }


def spread(count: int, over: timedelta = timedelta(days=7)) -> list[dict[str, Any]]:
    """That many deployments, evenly spread over the time before now."""
    return [wire_deployment(n + 1, NOW - over * ((n + 0.5) / count)) for n in range(count)]


def query(over: timedelta = timedelta(days=7), **changes: Any) -> SourceQuery:
    return SourceQuery("default", "production", TimeWindow(NOW - over), **changes)


class Time:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = NOW.timestamp()
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class LaunchDarkly:
    """``fail`` scripts the next matching answers; ``tamper`` may change every page before it is sent."""

    def __init__(self, certificate: ssl.SSLContext | None = None) -> None:
        self._certificate = certificate
        self.deployments: list[dict[str, Any]] = []
        self.singles: dict[str, dict[str, Any]] = {}
        self.others: dict[str, Handler] = {}
        self.tamper: Callable[[dict[str, Any], web.Request], None] = lambda page, request: None
        self.headers: dict[str, str] = {}
        self.requests: list[web.Request] = []
        self.in_flight = self.most_in_flight = 0
        self._faults: list[tuple[Callable[[web.Request], bool], Handler]] = []
        self.base_url = ""

    def fail(self, answer: Handler, times: int = 1, when: Callable[[web.Request], bool] = lambda request: True) -> None:
        self._faults += [(when, answer)] * times

    @property
    def lists(self) -> list[web.Request]:
        return [request for request in self.requests if request.path == LIST]

    async def __aenter__(self) -> LaunchDarkly:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._certificate)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base_url = f"{'https' if self._certificate else 'http'}://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            for _ in range(20):  # long enough for others to come in meanwhile
                await asyncio.sleep(0)
            for fault in self._faults:
                if fault[0](request):
                    self._faults.remove(fault)
                    return await fault[1](request)
            if request.path in self.others:
                return await self.others[request.path](request)
            if request.path == LIST:
                return self._list(request)
            single = self.singles.get(request.path.rpartition("/")[2])
            return web.json_response(single, headers=self.headers) if single else await status(404)(request)
        finally:
            self.in_flight -= 1

    def _list(self, request: web.Request) -> web.Response:
        asked = request.query
        if not asked.get("projectKey") or not asked.get("environmentKey"):
            return web.json_response({"code": "invalid_request", "message": "projectKey is required"}, status=400)
        inside = [d for d in self.deployments if int(asked["from"]) <= d["startedAt"] <= int(asked["to"])]
        inside.sort(key=lambda d: d["startedAt"], reverse=True)
        ids = [d["id"] for d in inside]
        start = ids.index(asked["after"]) + 1 if asked.get("after") in ids else 0
        items = inside[start : start + int(asked["limit"])]
        page: dict[str, Any] = {"totalCount": len(inside), "items": items, "_links": {"self": {"href": LIST}}}
        if start + len(items) < len(inside):
            page["_links"]["next"] = {"href": f"{LIST}?after={items[-1]['id']}", "type": "application/json"}
        self.tamper(page, request)
        return web.json_response(page, headers=self.headers)


def status(code: int, body: object = None, **headers: str) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is None:
            return web.Response(status=code, headers=named)
        return web.json_response(body, status=code, headers=named)

    return answer


def text(body: str, kind: str = "application/json") -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=body, content_type=kind)

    return answer


async def cut_body(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "5000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"totalCount": 1, "items": [')
    assert request.transport is not None
    request.transport.close()
    return response


async def reset(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def silence(request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError("never answered")
