"""The work that goes on after Slack has its acknowledgement: kept, bounded, and drained when the process stops.

Bolt and ``asyncio.create_task`` keep no reference to what they start, so the garbage collector may end it half way
(https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task). ``Tasks`` keeps them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine

logger = logging.getLogger(__name__)

CutOff = Callable[[], Awaitable[object]]

# How long people are told, once the drain's time is over: the host's patience ends soon after ours.
FAREWELL_SECONDS = 3.0


class Tasks:
    """The running tasks of one process, at most ``limit`` at a time."""

    def __init__(self, limit: int = 500) -> None:
        self._limit = limit
        self._running: dict[asyncio.Task[object], CutOff | None] = {}
        self._draining = False

    def __len__(self) -> int:
        return len(self._running)

    @property
    def draining(self) -> bool:
        """Whether the process is about to stop: nothing new is taken."""
        return self._draining

    def start(self, coro: Coroutine[object, object, object], *, on_cut_off: CutOff | None = None) -> bool:
        """Run ``coro`` in the background and return True; False, with ``coro`` closed, when draining or full.

        ``on_cut_off`` is awaited once if the work had to be cancelled in ``drain``, and never when it ended by itself.
        What ``coro`` raises is logged: nobody awaits it.
        """
        if self._draining or len(self._running) >= self._limit:
            coro.close()
            return False
        task = asyncio.get_running_loop().create_task(coro)
        self._running[task] = on_cut_off
        task.add_done_callback(self._ended)
        return True

    async def drain(self, seconds: float) -> int:
        """Take nothing new, wait up to ``seconds`` for what runs, cancel the rest; returns how many were cut off.

        Cancelled before they are told: nobody gets an answer after the word that there will be none.
        """
        self._draining = True
        if self._running:
            await asyncio.wait(list(self._running), timeout=seconds)
        left = dict(self._running)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=FAREWELL_SECONDS)
        cut = [on_cut_off for task, on_cut_off in left.items() if not task.done() or task.cancelled()]
        farewells = [asyncio.ensure_future(on_cut_off()) for on_cut_off in cut if on_cut_off is not None]
        if farewells:
            done, late = await asyncio.wait(farewells, timeout=FAREWELL_SECONDS)
            for farewell in late:
                farewell.cancel()
            for farewell in done:
                if error := farewell.exception():
                    logger.warning("could not tell that an answer was cut off: %s", type(error).__name__)
        return len(cut)

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._running.pop(task, None)
        if not task.cancelled() and (error := task.exception()):
            logger.error("a background task failed", exc_info=error)
