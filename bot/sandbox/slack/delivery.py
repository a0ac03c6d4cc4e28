"""From Slack to the app: one delivery over Socket Mode or by signed HTTP, and what the app said to it.

https://docs.slack.dev/authentication/verifying-requests-from-slack and https://docs.slack.dev/apis/events-api/
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.sockets import NoConnection, Sockets
from bot.sandbox.slack.world import World

ACK_SECONDS = 3.0
KEPT = 10_000  # deliveries to look back at; a demo may run for days
Kind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(slots=True)
class Delivery:
    """What was sent to the app and what came back.

    ``error`` is what the person is told when it was not acknowledged: ``operation_timeout`` after three seconds,
    ``dispatch_failed`` where nobody listened, ``http_…`` for a status other than 200. ``ack_ms`` is measured on the
    workspace's clock. ``ack_payload``: the body of the acknowledgement, None when it was empty.
    """

    kind: Kind
    payload: dict[str, Any]
    acked: bool = False
    ack_ms: int | None = None
    ack_payload: dict[str, Any] | None = None
    error: str = ""
    attempt: int = 1

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "acked": self.acked,
            "ack_ms": self.ack_ms,
            "ack_payload": self.ack_payload,
            "error": self.error,
            "attempt": self.attempt,
        }


class Courier:
    """Delivers by signed HTTP where the app has a ``request_url``, else over Socket Mode.

    ``stamp`` gives the seconds of ``X-Slack-Request-Timestamp``: real time whatever the workspace's clock says, because
    the receiver compares it with its own. ``retry_delays``: seconds to wait before each repetition of an event that
    was not acknowledged; empty for none. Commands and interactions are never repeated.
    """

    def __init__(self, world: World, sockets: Sockets, journal: Journal) -> None:
        self._world, self._sockets, self._journal = world, sockets, journal
        self._session: aiohttp.ClientSession | None = None
        self._retries: set[asyncio.Task[None]] = set()
        self.stamp: Callable[[], float] = time.time
        self.retry_delays: Sequence[float] = (0, 60, 300)
        self.deliveries: deque[Delivery] = deque(maxlen=KEPT)

    async def deliver(self, kind: Kind, payload: dict[str, Any]) -> Delivery:
        """One delivery; its repetitions, if there must be any, happen in the background."""
        first = await self._attempt(kind, payload)
        if kind == "events_api" and not first.acked and self.retry_delays:
            task = asyncio.create_task(self._repeat(first))
            self._retries.add(task)
            task.add_done_callback(self._retries.discard)
        return first

    def signed(self, body: str) -> dict[str, str]:
        """The headers that prove that the body comes from Slack."""
        stamp = str(int(self.stamp()))
        secret = self._world.app.signing_secret.encode()
        digest = hmac.new(secret, f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    async def verify_request_url(self) -> bool:
        """Whether the app's endpoint answers Slack's question for it: ``url_verification`` with its challenge."""
        challenge = self._world.new_id("challenge")
        status, text = await self._post({"type": "url_verification", "challenge": challenge}, "events_api", {})
        return status == 200 and challenge in text

    async def close(self) -> None:
        for task in self._retries:
            task.cancel()
        await asyncio.gather(*self._retries, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _repeat(self, first: Delivery) -> None:
        reason = "http_timeout" if first.error == "operation_timeout" else "http_error"
        for number, delay in enumerate(self.retry_delays, start=1):
            await self._world.clock.sleep(delay)
            if (await self._attempt(first.kind, first.payload, retry=(number, reason))).acked:
                return

    async def _attempt(self, kind: Kind, payload: dict[str, Any], retry: tuple[int, str] = (0, "")) -> Delivery:
        delivery = Delivery(kind, payload, attempt=retry[0] + 1)
        self.deliveries.append(delivery)
        started = self._world.now()
        by_http = self._world.app.request_url is not None
        sending = self._by_http(delivery, retry) if by_http else self._by_socket(delivery, retry)
        try:
            delivery.ack_payload = await self._within_three_seconds(sending)
            delivery.acked = True
            delivery.ack_ms = round((self._world.now() - started).total_seconds() * 1000)
        except TimeoutError:
            delivery.error = "operation_timeout"
        except NotTaken as not_taken:
            delivery.error = str(not_taken)
        self._journal.note("slack", kind, payload, delivery.error or "ok", at=started)
        return delivery

    async def _within_three_seconds(self, sending: Coroutine[Any, Any, dict[str, Any] | None]) -> dict[str, Any] | None:
        ack, timer = asyncio.create_task(sending), asyncio.create_task(self._timer())
        try:
            await asyncio.wait({ack, timer}, return_when=asyncio.FIRST_COMPLETED)
            if not ack.done():
                raise TimeoutError
            return ack.result()
        finally:
            ack.cancel()
            timer.cancel()
            await asyncio.gather(ack, timer, return_exceptions=True)

    async def _timer(self) -> None:
        await self._world.clock.sleep(ACK_SECONDS)

    async def _by_socket(self, delivery: Delivery, retry: tuple[int, str]) -> dict[str, Any] | None:
        envelope: dict[str, Any] = {
            "type": delivery.kind,
            "payload": delivery.payload,
            "accepts_response_payload": delivery.kind != "events_api",
        }
        if delivery.kind == "events_api":
            envelope |= {"retry_attempt": retry[0], "retry_reason": retry[1].replace("http_timeout", "timeout")}
        try:
            return await self._sockets.send(envelope)
        except NoConnection:
            raise NotTaken("dispatch_failed") from None

    async def _by_http(self, delivery: Delivery, retry: tuple[int, str]) -> dict[str, Any] | None:
        headers = {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]} if retry[0] else {}
        try:
            status, text = await self._post(delivery.payload, delivery.kind, headers)
        except (aiohttp.ClientError, ConnectionError):
            raise NotTaken("dispatch_failed") from None
        if status != 200:
            raise NotTaken(f"http_{status}")
        if not text.lstrip().startswith("{"):
            return {"text": text} if text else None
        said: dict[str, Any] = json.loads(text)
        return said or None

    async def _post(self, payload: Mapping[str, Any], kind: Kind, headers: Mapping[str, str]) -> tuple[int, str]:
        content_type = "application/x-www-form-urlencoded"
        if kind == "events_api":
            body, content_type = json.dumps(payload), "application/json"
        elif kind == "interactive":
            body = urlencode({"payload": json.dumps(payload)})
        else:
            body = urlencode(payload)
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False)
        every = {"Content-Type": content_type, **self.signed(body), **headers}
        async with self._session.post(
            str(self._world.app.request_url), data=body, headers=every, allow_redirects=False
        ) as response:
            return response.status, await response.text()


class NotTaken(Exception):
    """The app did not take the delivery; the text is the code that the person is shown."""
