"""Socket Mode: up to ten connections of the app, each payload sent to one of them.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Literal

from aiohttp import WSMsgType, web

from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.world import World

MOST_CONNECTIONS = 10
LAST_SECONDS = 10.0  # that a connection stays open after it was told to refresh
Reason = Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"]


class NoConnection(Exception):
    """The app has no connection open."""


class _Connection:
    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self.socket, self.transport = socket, transport
        self.leaving = False
        self.waiting: dict[str, asyncio.Future[dict[str, Any] | None]] = {}


class Sockets:
    """The app's open connections. ``address`` gives the server's own ``host:port``."""

    def __init__(self, world: World, faults: Faults, address: Callable[[], str]) -> None:
        self._world, self._faults, self._address = world, faults, address
        self._connections: list[_Connection] = []
        self._tickets: set[str] = set()
        self._turn = 0
        self._endings: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> int:
        """How many connections can be sent to."""
        return sum(not connection.leaving for connection in self._connections)

    def new_url(self) -> str:
        """A place to connect to, once: the answer of ``apps.connections.open``."""
        ticket = self._world.new_id("ticket")
        self._tickets.add(ticket)
        return f"ws://{self._address()}/link/?ticket={ticket}&app_id={self._world.app.id}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPUnauthorized(text="no such ticket")
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        connection = _Connection(socket, request.transport)
        if self.connected >= MOST_CONNECTIONS:
            await self._say_goodbye(connection, "too_many_websockets")
            return socket
        self._connections.append(connection)
        self._world.changed()
        try:
            await self._converse(connection)
        finally:
            self._connections.remove(connection)
            for ack in connection.waiting.values():
                ack.cancel()
            self._world.changed()
        return socket

    async def send(self, envelope: dict[str, Any]) -> dict[str, Any] | None:
        """Send to the connection whose turn it is; return the acknowledgement's payload when it comes.

        ``NoConnection`` where there is none. Waits for ever on one that never answers, also when it breaks.
        """
        ready = [connection for connection in self._connections if not connection.leaving]
        if not ready:
            raise NoConnection
        self._turn += 1
        connection = ready[self._turn % len(ready)]
        envelope_id = self._world.new_id("envelope-")
        ack: asyncio.Future[dict[str, Any] | None] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = ack
        try:
            if not self._faults.silent_sockets:
                await self._say(connection, {"envelope_id": envelope_id, **envelope})
            await asyncio.wait({ack})
            if ack.cancelled():  # the connection broke: Slack cannot know, and waits until the time is up
                await asyncio.Event().wait()
            return ack.result()
        finally:
            connection.waiting.pop(envelope_id, None)

    async def disconnect(self, reason: Reason = "refresh_requested") -> None:
        """Tell every connection that it must end; Slack does so every few hours. ``warning`` ends none yet.

        A connection that is to be refreshed gets nothing more, and is closed ten seconds later if the app has not done
        so; with the other reasons, at once.
        """
        for connection in [*self._connections]:
            await self._say_goodbye(connection, reason)

    def drop(self) -> None:
        """Break all connections in the middle, without a word."""
        for connection in [*self._connections]:
            connection.leaving = True
            if connection.transport is not None:
                connection.transport.abort()

    async def close(self) -> None:
        for ending in self._endings:
            ending.cancel()
        await asyncio.gather(*self._endings, return_exceptions=True)
        for connection in [*self._connections]:
            connection.leaving = True
            await connection.socket.close()

    async def _converse(self, connection: _Connection) -> None:
        hello = {
            "type": "hello",
            "num_connections": self.connected,
            "connection_info": {"app_id": self._world.app.id},
            "debug_info": {"host": "sandbox", "approximate_connection_time": 18_060},
        }
        if not self._faults.silent_sockets:
            await self._say(connection, hello)
        async for message in connection.socket:
            if message.type is WSMsgType.PING and not self._faults.silent_sockets:
                await connection.socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                said = json.loads(message.data)
                ack = connection.waiting.get(said.get("envelope_id", ""))
                if ack is not None and not ack.done():
                    ack.set_result(said.get("payload") or None)

    async def _say_goodbye(self, connection: _Connection, reason: Reason) -> None:
        connection.leaving = reason != "warning"
        await self._say(connection, {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}})
        self._world.changed()
        if reason == "refresh_requested":
            ending = asyncio.create_task(self._end_later(connection))
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)
        elif connection.leaving:
            await connection.socket.close()

    async def _end_later(self, connection: _Connection) -> None:
        await self._world.clock.sleep(LAST_SECONDS)
        await connection.socket.close()

    async def _say(self, connection: _Connection, what: dict[str, Any]) -> None:
        try:
            await connection.socket.send_json(what)
        except ConnectionError:
            connection.leaving = True
