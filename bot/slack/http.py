"""Slack over HTTP: one small server whose every request is proved to come from Slack before Bolt sees it.

Bolt would check signatures too, but it writes the bodies of refused requests to the log and answers a timestamp that
is no number with a crash.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

logger = logging.getLogger(__name__)

EVENTS_PATH = "/slack/events"
MAX_BODY_BYTES = 1024 * 1024
# https://docs.slack.dev/authentication/verifying-requests-from-slack/
MAX_AGE_SECONDS = 5 * 60
_MEDIA_TYPES = ("application/x-www-form-urlencoded", "application/json")


def signed(secret: str, *, timestamp: str | None, signature: str | None, body: bytes, now: float) -> bool:
    """Whether Slack signed ``body`` within five minutes of ``now`` (epoch seconds). It never raises."""
    if timestamp is None or signature is None or not (timestamp.isascii() and timestamp.isdigit()):
        return False
    if len(timestamp) > 12 or abs(now - int(timestamp)) > MAX_AGE_SECONDS:
        return False
    expected = "v0=" + hmac.new(secret.encode(), b"v0:%b:%b" % (timestamp.encode(), body), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))


class HttpServer:
    """``POST /slack/events`` for Slack, ``GET /healthz`` and ``GET /readyz`` for the host.

    ``health`` are the routes of a fuller ``/healthz`` and what belongs to it.
    ``not_ready`` gives the reason why no question can be answered now, or "" where one can: the process is alive
    (``/healthz``) even when it is not ready (``/readyz``). ``clock`` gives epoch seconds.
    """

    def __init__(
        self,
        bolt: AsyncApp,
        *,
        signing_secret: str,
        host: str,
        port: int,
        not_ready: Callable[[], str],
        health: Sequence[web.RouteDef] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._bolt = bolt
        self._secret = signing_secret
        self._host = host
        self._port = port
        self._not_ready = not_ready
        self._clock = clock
        application = web.Application(client_max_size=MAX_BODY_BYTES)
        application.add_routes(
            [
                web.post(EVENTS_PATH, self._events),
                web.get("/readyz", self._readiness),
                *(health or [web.get("/healthz", self._health)]),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=3.0)

    async def start(self) -> int:
        """Listen; returns the port, which the system chooses where 0 was asked for. Raises ``OSError``."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        port: int = self._runner.addresses[0][1]
        return port

    async def close(self) -> None:
        """Stop listening; requests under way get three seconds to end."""
        await self._runner.cleanup()

    async def _events(self, request: web.Request) -> web.Response:
        if request.content_type not in _MEDIA_TYPES:
            return web.Response(status=415)
        body = await request.read()  # aiohttp answers 413 where it is longer than the application allows
        if _is_certificate_probe(request, body):
            return web.Response(status=200)
        if not signed(
            self._secret,
            timestamp=request.headers.get("X-Slack-Request-Timestamp"),
            signature=request.headers.get("X-Slack-Signature"),
            body=body,
            now=self._clock(),
        ):
            logger.warning(
                "refused a request that Slack did not sign just now; where these are Slack's own, "
                "SLACK_SIGNING_SECRET is another app's or this machine's clock is wrong"
            )
            return web.json_response({"error": "invalid signature"}, status=401)
        try:
            payload = _payload(request.content_type, body.decode())
        except ValueError:  # not UTF-8, or not JSON where it says so
            return web.Response(status=400)
        # In this mode Bolt takes a parsed payload and leaves the signature, checked above, alone.
        verified = AsyncBoltRequest(mode="socket_mode", body=payload, headers=dict(request.headers))
        return await to_aiohttp_response(await self._bolt.async_dispatch(verified))

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _readiness(self, _: web.Request) -> web.Response:
        if reason := self._not_ready():
            return web.json_response({"status": "not ready", "reason": reason}, status=503)
        return web.json_response({"status": "ready"})


def _payload(content_type: str, body: str) -> dict[str, Any]:
    """An event as JSON, a command as a form, or an interaction as JSON in a form's ``payload``; ``ValueError`` else.

    Bolt's own parser takes every form that has the letters "payload" anywhere for an interaction, and so loses the
    command ``/shipped payload-service``.
    """
    if content_type == "application/json":
        parsed = json.loads(body)
    else:
        form = dict(parse_qsl(body, keep_blank_values=True))
        parsed = json.loads(form["payload"]) if "payload" in form else form
    if not isinstance(parsed, dict):
        raise ValueError("Slack sends objects")
    return parsed


def _is_certificate_probe(request: web.Request, body: bytes) -> bool:
    """Slack probes the certificate of a distributed app's command, unsigned; the answer tells nothing.

    https://docs.slack.dev/interactivity/implementing-slash-commands/
    """
    is_form = request.content_type == "application/x-www-form-urlencoded"
    return is_form and len(body) < 200 and b"ssl_check=1" in body.split(b"&")
