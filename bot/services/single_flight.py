"""Equal work asked for at the same time is done once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class SingleFlight(Generic[Key, Value]):
    """Callers with equal keys share one run and its result, or its error.

    The run belongs to nobody: a caller that is cancelled leaves the others waiting, and a run whose callers have all
    gone still ends, so that its result can be kept.
    """

    def __init__(self) -> None:
        self._running: dict[Key, asyncio.Task[Value]] = {}

    async def run(self, key: Key, work: Callable[[], Awaitable[Value]]) -> Value:
        """The result of ``work``, or of the equal work that is already under way."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.ensure_future(_awaited(work))
            self._running[key] = task
            task.add_done_callback(lambda done: self._finish(key, done))
        return await asyncio.shield(task)

    def _finish(self, key: Key, done: asyncio.Task[Value]) -> None:
        del self._running[key]
        if not done.cancelled():
            done.exception()  # told to whoever waits; seen here so that asyncio does not report it when nobody does

    async def aclose(self) -> None:
        """Cancel what is still running and wait for it."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _awaited(work: Callable[[], Awaitable[Value]]) -> Value:
    return await work()
