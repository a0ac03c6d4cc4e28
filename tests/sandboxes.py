"""The embedded LaunchDarkly in a thread of its own, for tests that run the program as a process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from bot.sandbox.launchdarkly import SandboxLaunchDarkly


@contextmanager
def running_launchdarkly(now: datetime | None = None) -> Iterator[SandboxLaunchDarkly]:
    """The sandbox, answering until the block ends; its switches may be thrown from the test's own thread."""
    sandbox = SandboxLaunchDarkly(now=now) if now else SandboxLaunchDarkly()
    started = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with sandbox:
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert started.wait(10), "the sandbox did not start"
        yield sandbox
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
