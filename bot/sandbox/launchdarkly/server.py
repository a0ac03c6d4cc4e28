"""The embedded LaunchDarkly's HTTP: tokens, versions, rate-limit headers, and the faults on the way."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.sandbox.launchdarkly.company import Company
from bot.sandbox.launchdarkly.endpoints import ENDPOINTS, Endpoint
from bot.sandbox.launchdarkly.faults import SWITCHES, Break, BrokenAnswer, Faults
from bot.sandbox.launchdarkly.parameters import Parameters
from bot.sandbox.launchdarkly.records import Deployment
from bot.sandbox.launchdarkly.refusals import Refusal
from bot.sandbox.launchdarkly.representations import INSIGHTS, Json, millis

TOKEN = "api-5a4d0b0c-0000-4000-8000-73616e64626f"  # noqa: S105 - made up, opens nothing but the sandbox

_BETA = (INSIGHTS, "/api/v2/applications")
_WINDOW = timedelta(seconds=10)  # rate limits count requests per ten seconds
_LIMIT = 1000
_WEB_PAGE = "<!doctype html><title>Something is wrong</title><p>Please try again later."
_FLAG_PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>A flag in LaunchDarkly</title><p>{}'
_LOGGED = ("LD-API-Version", "User-Agent", "Accept", "Accept-Encoding")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One API request as it came in; ``headers`` has neither the token nor anything else that need not be kept."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


def _nothing(request: LoggedRequest, outcome: str) -> None:
    pass


def system_clock() -> datetime:
    return datetime.now(UTC)


class SandboxLaunchDarkly:
    """An async context manager: inside it, ``base_url`` answers like LaunchDarkly, on loopback only.

    ``now`` is the clock, or a fixed moment (aware) for tests: the company's history ends there, default windows and the
    ``Date`` header follow it. ``sleep`` is what a slow answer waits with; ``on_answer`` is told
    of each API request when it is over, with its status or how it broke. ``requests`` logs every API request,
    ``most_in_flight`` how many were being answered at the same time at most. ``faults`` has the switches; people throw
    them with ``POST /_sandbox/faults`` (``{"fault": "rate_limit", "times": 2}``) and read the log with
    ``GET /_sandbox/requests``.
    """

    def __init__(
        self,
        *,
        seed: int = 7,
        now: datetime | Callable[[], datetime] = system_clock,
        token: str = TOKEN,
        port: int = 0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        on_answer: Callable[[LoggedRequest, str], None] = _nothing,
    ) -> None:
        moment = now
        self.now: Callable[[], datetime] = (lambda: moment) if isinstance(moment, datetime) else moment
        self.company = Company(seed, self.now())
        self.token = token
        self.faults = Faults()
        self.requests: list[LoggedRequest] = []
        self.most_in_flight = 0
        self._arrival = asyncio.Event()
        self._in_flight = 0
        self._port = port
        self._sleep = sleep
        self._on_answer = on_answer
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0.1)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.faults.release()
        await self._runner.cleanup()

    async def arrived(self, count: int) -> None:
        """Returns once that many API requests came in, answered or (see ``faults.hold``) not yet."""
        while len(self.requests) < count:
            self._arrival.clear()
            await self._arrival.wait()

    def deploy(self, application: str, at: datetime | None = None, **details: Any) -> Deployment:
        """A new deployment that happens now or at that moment; ``details`` are those of ``Company.deploy``."""
        return self.company.deploy(application, (at or self.now()).replace(microsecond=0), **details)

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._api])
        for path, endpoint in ENDPOINTS.items():
            application.router.add_get(path, self._handler(endpoint), allow_head=False)
        application.router.add_get("/projects/{project}/flags/{key}", _flag_page)
        application.router.add_post("/_sandbox/faults", self._throw)
        application.router.add_get("/_sandbox/requests", self._log)
        return application

    def _handler(self, endpoint: Endpoint) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            if self.faults.late_pending and request.query.get("after"):
                self.faults.late_pending = False
                self.company.report_late()
            query = Parameters(list(request.query.items()))
            body = endpoint(self.company, request.match_info, query, self.now())
            return web.json_response(self.faults.twist(request.path, request.query, body))

        return handle

    @web.middleware
    async def _api(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith("/api/"):
            return await handler(request)
        headers = {name: ", ".join(request.headers.getall(name)) for name in _LOGGED if name in request.headers}
        logged = LoggedRequest(request.method, request.path, dict(request.query), headers)
        self.requests.append(logged)
        self._arrival.set()
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            response, outcome = await self._answer(request, handler)
        except asyncio.CancelledError:
            self._on_answer(logged, "nobody waited")
            raise
        finally:
            self._in_flight -= 1
        self._on_answer(logged, outcome or str(response.status))
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> tuple[web.StreamResponse, str]:
        """The answer, and how it broke where its status does not say so."""
        await self.faults.wait()
        broken = self.faults.next_answer(request.path)
        if broken and broken.wait:
            await self._sleep(broken.wait)
            broken = None
        if broken and not (broken.breaks is Break.CUT and broken.status == 200):
            outcome = broken.breaks.value if broken.breaks in (Break.RESET, Break.WRONG_SHAPE) else ""
            return self._broken(request, broken), outcome
        response = await self._right(request, handler)
        response.headers.update(self._headers())
        return (await _cut(request, response), Break.CUT.value) if broken else (response, "")

    async def _right(self, request: web.Request, handler: Handler) -> web.Response:
        try:
            self._admit(request)
            response = await handler(request)
        except Refusal as refusal:
            return web.json_response(refusal.body, status=refusal.status)
        except web.HTTPMethodNotAllowed as error:
            allow = {"Allow": ", ".join(sorted(error.allowed_methods))}
            return web.json_response(Refusal(405).body, status=405, headers=allow)
        except web.HTTPNotFound:
            return web.json_response(Refusal(404).body, status=404)
        except _Unauthorized:
            return web.Response(status=401)
        assert isinstance(response, web.Response)  # noqa: S101 - every endpoint answers with JSON, see _handler
        return response

    def _admit(self, request: web.Request) -> None:
        authorization = request.headers.get("Authorization", "")
        if not authorization or authorization.lower().startswith("bearer "):
            raise _Unauthorized  # seen in the wild: 401 without a body
        if authorization != self.token:
            raise Refusal(401)
        versions = ", ".join(request.headers.getall("LD-API-Version", []))
        if request.path.startswith(_BETA):
            if versions != "beta":
                raise Refusal(403)
        elif "," in versions:
            raise Refusal(400, "Too many values for parameter LD-API-Version")

    def _headers(self) -> dict[str, str]:
        now = self.now()
        left = _LIMIT - self._in_flight if self.faults.remaining is None else self.faults.remaining
        reset = str(millis(now + _WINDOW))
        return {
            "Date": format_datetime(now.astimezone(UTC), usegmt=True),
            "X-Ratelimit-Global-Limit": str(_LIMIT),
            "X-Ratelimit-Global-Remaining": str(left),
            "X-Ratelimit-Route-Limit": str(_LIMIT),
            "X-Ratelimit-Route-Remaining": str(left),
            "X-Ratelimit-Reset": reset,
            "X-Ratelimit-Auth-Token-Limit": str(_LIMIT),
            "X-Ratelimit-Auth-Token-Remaining": str(left),
            "X-Ratelimit-Auth-Token-Reset": reset,
        }

    def _broken(self, request: web.Request, broken: BrokenAnswer) -> web.Response:
        headers = self._headers()
        if broken.bare:
            headers = {"Date": headers["Date"], **broken.headers}
        for name, seconds in (
            ("X-Ratelimit-Reset", broken.reset_in),
            ("X-Ratelimit-Auth-Token-Reset", broken.token_reset_in),
        ):
            if seconds is not None:
                headers[name] = str(millis(self.now() + timedelta(seconds=seconds)))
        if broken.breaks is Break.RESET:
            _reset(request)
        if broken.breaks is Break.NOT_JSON:
            return web.Response(text=_WEB_PAGE, content_type="text/html", status=broken.status, headers=headers)
        body: Json | list[str] = ["neither", "list", "nor", "object"]
        if broken.breaks is None and broken.body is not None:
            body = broken.body
        return web.json_response(body, status=broken.status, headers=headers)

    async def _throw(self, request: web.Request) -> web.Response:
        try:
            order = await request.json()
        except json.JSONDecodeError:
            order = None
        if not isinstance(order, dict):
            text = f'Send JSON such as {{"fault": "rate_limit", "times": 2}}. Faults: {", ".join(SWITCHES)}.'
            return web.json_response({"error": text}, status=400)
        try:
            self.faults.throw(str(order.pop("fault", "")), order)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"ok": True})

    async def _log(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(logged) for logged in self.requests])


async def _flag_page(request: web.Request) -> web.Response:
    """Where a link of an answer leads: LaunchDarkly's own page is for people, and there is none here."""
    project, key = (escape(request.match_info[name]) for name in ("project", "key"))
    text = f"In LaunchDarkly, this link opens the flag <b>{key}</b> of the project <b>{project}</b>. Both are made up."
    headers = {"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"}
    return web.Response(text=_FLAG_PAGE.format(text), content_type="text/html", headers=headers)


class _Unauthorized(Exception):
    """401 with an empty body."""


async def _cut(request: web.Request, response: web.Response) -> web.StreamResponse:
    """Announce the whole body, send half of it and hang up."""
    whole = response.body
    assert isinstance(whole, bytes)  # noqa: S101 - a JSON response keeps its body as bytes
    half = web.StreamResponse(status=response.status, headers=response.headers)
    half.content_length = len(whole)
    half.force_close()
    await half.prepare(request)
    await half.write(whole[: len(whole) // 2])
    if request.transport:
        request.transport.close()
    return half


def _reset(request: web.Request) -> None:
    """Close so that the peer gets a TCP reset instead of an orderly end."""
    if request.transport:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
