"""Changes as they happen, by Server-Sent Events: https://html.spec.whatwg.org/multipage/server-sent-events.html

Each event is one JSON object ``{"put": {key: value}, "drop": [key]}``. The first one after connecting holds everything
and says so with ``"fresh": true``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

from aiohttp import web

from bot.sandbox.playground.guard import HEADERS
from bot.sandbox.slack import World

HEARTBEAT_SECONDS = 15.0
_TOGETHER_SECONDS = 0.01  # what happens at once is sent at once

Json = dict[str, Any]


async def stream(request: web.Request, world: World, seen: Callable[[], Json]) -> web.StreamResponse:
    """Answer with everything that ``seen`` gives, and then with what changes in it, until the page goes away."""
    response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    with suppress(ConnectionError):  # the page has gone
        async for event in _events(world, seen):
            await response.write(event)
    return response


async def _events(world: World, seen: Callable[[], Json]) -> AsyncIterator[bytes]:
    before: dict[str, str] = {}
    fresh = True
    while True:
        version = world.version
        now = {key: json.dumps(value) for key, value in seen().items()}
        put = [f"{json.dumps(key)}:{value}" for key, value in now.items() if before.get(key) != value]
        drop = [key for key in before if key not in now]
        if put or drop or fresh:
            what = f'{{"put":{{{",".join(put)}}},"drop":{json.dumps(drop)},"fresh":{json.dumps(fresh)}}}'
            yield f"data: {what}\n\n".encode()
        before, fresh = now, False
        while world.version == version:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await world.change_after(version)
            except TimeoutError:
                yield b": still here\n\n"
        await asyncio.sleep(_TOGETHER_SECONDS)
