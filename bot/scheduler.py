"""The clock that drives digests: one tick a minute, and a stop that lets the message in flight arrive.

APScheduler runs the ticks and nothing else: which digests are due is for the store and the domain to say.
https://apscheduler.readthedocs.io/en/3.x/
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.services.digests import Digests

logger = logging.getLogger(__name__)


def _is_news(record: logging.LogRecord) -> bool:
    return "maximum number of running instances" not in str(record.msg)


# A tick that takes longer than a minute is not joined by another, and that is no reason for a warning each time.
logging.getLogger("apscheduler.scheduler").addFilter(_is_news)

_PURGE_AT = {"hour": 3, "minute": 17}  # UTC


class DigestScheduler:
    """Ticks from ``start`` to ``stop``. ``clock`` gives the present moment, aware."""

    def __init__(self, digests: Digests, *, clock: Callable[[], datetime]) -> None:
        self._digests = digests
        self._clock = clock
        self._running: set[asyncio.Task[None]] = set()
        # A tick that is missed is made up for by the next one, and one that takes long is not joined by another.
        options = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=options)
        each_minute = CronTrigger(second=0, timezone=UTC)
        self._scheduler.add_job(_until_stopped, each_minute, args=[self.tick], next_run_time=datetime.now(UTC))
        self._scheduler.add_job(_until_stopped, CronTrigger(**_PURGE_AT, timezone=UTC), args=[self._purge])

    def start(self) -> None:
        """Begin: the first tick comes at once, the next at each full minute."""
        self._scheduler.start()

    async def stop(self, seconds: float) -> None:
        """No more ticks; what runs gets so many seconds to end, and what has not left by then is left to others."""
        self._digests.stop()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)  # it would cancel what runs, were that its own
        if self._running:
            _, late = await asyncio.wait(set(self._running), timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
            if late:
                logger.warning("digests were still under way after %.0f s", seconds)

    async def tick(self) -> None:
        """Deliver what is due; at each full minute, and whenever somebody does not want to wait for that."""
        await self._apart(asyncio.create_task(self._digests.tick(self._clock())))

    async def _purge(self) -> None:
        await self._apart(asyncio.create_task(self._digests.purge(self._clock())))

    async def _apart(self, task: asyncio.Task[None]) -> None:
        """Await work that the scheduler cannot cancel."""
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.shield(task)


async def _until_stopped(work: Callable[[], Awaitable[None]]) -> None:
    """The scheduler's stop cancels the waiting, not the work: that is waited for in ``stop``, and is no error."""
    with suppress(asyncio.CancelledError):
        await work()
