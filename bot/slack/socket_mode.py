"""Slack over Socket Mode: a connection that is kept alive, and renewed when it is dead though the process lives.

https://docs.slack.dev/apis/events-api/using-socket-mode/
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import WSMessage
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

logger = logging.getLogger(__name__)


def _without_traceback(record: logging.LogRecord) -> bool:
    record.exc_info = None
    return True


# The SDK writes a traceback for every attempt that fails; its one line says as much.
sdk_logger = logging.getLogger("slack_sdk.socket_mode")
sdk_logger.addFilter(_without_traceback)

_CLOSE_SECONDS = 5.0
LINK_DISABLED = "Socket Mode was turned off for this app; turn it on in the app's settings, or run “whatshipped web”"


@dataclass(frozen=True, slots=True)
class Pace:
    """The seconds of the watchdog: how often it looks, when a connection counts as dead, and how long one may take."""

    look: float = 5.0
    dead_after: float = 60.0
    connect: float = 30.0
    ping: float = 10.0


class SocketMode:
    """One connection at a time. ``clock`` is monotonic seconds; ``sleep`` waits between two looks."""

    def __init__(
        self,
        bolt: AsyncApp,
        app_token: str,
        *,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._bolt = bolt
        self._app_token = app_token
        self._pace = pace or Pace()
        self._clock = clock
        self._sleep = sleep
        self._handler: AsyncSocketModeHandler | None = None
        self._connected = False
        self._up = asyncio.Event()
        self._disabled = asyncio.Event()

    @property
    def connected(self) -> bool:
        """Whether the connection was alive when it was last looked at."""
        return self._connected

    async def up(self) -> None:
        """Returns once the connection has been alive for the first time."""
        await self._up.wait()

    async def run(self) -> str:
        """Connect and stay connected until cancelled; returns, with the reason, only where Slack ended it for good."""
        watch = asyncio.ensure_future(self._watch())
        disabled = asyncio.ensure_future(self._disabled.wait())
        try:
            await asyncio.wait({watch, disabled}, return_when=asyncio.FIRST_COMPLETED)
            if watch.done():
                watch.result()  # it never ends by itself: let its error be seen
        finally:
            for task in (watch, disabled):
                task.cancel()
            await asyncio.gather(watch, disabled, return_exceptions=True)
            await self._close()
        return LINK_DISABLED

    async def _watch(self) -> None:
        alive_at = self._clock()
        await self._renew()
        while True:
            self._connected = await self._alive()
            if self._connected:
                self._up.set()
                alive_at = self._clock()
            elif self._clock() - alive_at > self._pace.dead_after:
                logger.warning(
                    "the Socket Mode connection has been dead for %.0f s: renewing it", self._clock() - alive_at
                )
                await self._renew()
                alive_at = self._clock()
            await self._sleep(self._pace.look)

    async def _renew(self) -> None:
        """A new connection in place of the old one; the SDK alone would try for ever, and tell nobody."""
        await self._close()
        self._handler = handler = AsyncSocketModeHandler(
            self._bolt,
            self._app_token,
            logger=sdk_logger,
            web_client=self._bolt.client,
            ping_interval=self._pace.ping,
        )
        handler.client.proxy = (
            self._bolt.client.proxy
        )  # one decision for both: the SDK would read the environment again
        handler.client.on_message_listeners.append(self._on_message)
        try:
            # Not ``wait_for``: up to Python 3.11 it loses a cancellation that comes as the connection does.
            async with asyncio.timeout(self._pace.connect):
                await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt has none
        except TimeoutError:
            logger.warning("Slack did not take the Socket Mode connection within %.0f s", self._pace.connect)

    async def _alive(self) -> bool:
        """Connected, answering pings, and with all three of the SDK's loops running."""
        if self._handler is None:
            return False
        client = self._handler.client
        loops = (client.message_receiver, client.message_processor, client.current_session_monitor)
        return all(loop is not None and not loop.done() for loop in loops) and await client.is_connected()

    async def _close(self) -> None:
        self._connected = False
        if self._handler is None:
            return
        handler, self._handler = self._handler, None
        with suppress(TimeoutError):  # a half-open connection may not even close
            async with asyncio.timeout(_CLOSE_SECONDS):
                await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt has none

    async def _on_message(self, message: WSMessage) -> None:
        if '"disconnect"' not in message.data:
            return
        with suppress(ValueError, AttributeError):  # not an object: not for us
            frame = json.loads(message.data)
            if frame.get("type") == "disconnect" and frame.get("reason") == "link_disabled":
                self._disabled.set()
