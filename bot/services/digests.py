"""The digests of a worker: a tick finds what is due and delivers it, a purge forgets what is long past."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from bot.domain.digests import NO_PROGRESS, due_occurrence
from bot.services.clock_guard import ClockGuard
from bot.services.delivery import DigestDelivery
from bot.services.deployments import DeploymentService
from bot.services.digest_ports import Delivery, DeliveryLedger, SubscriptionStore
from bot.services.digest_reading import Due, SharedReads
from bot.services.unknown_deliveries import UnknownDeliveries

logger = logging.getLogger(__name__)

AT_ONCE = 20
"""How many digests a worker has in hand at a time: so many that no turn is missed, so few that no lease runs out."""


@dataclass(frozen=True, slots=True)
class DigestHealth:
    """How digests are doing: ages in seconds; None where nothing waits, and where no tick was made here."""

    oldest_undelivered: float | None
    last_tick: float | None


class Digests:
    """What the scheduler runs. ``clock`` gives the present moment, aware; ``retention`` is how long rows are kept."""

    def __init__(
        self,
        subscriptions: SubscriptionStore,
        ledger: DeliveryLedger,
        deployments: DeploymentService,
        delivery: DigestDelivery,
        unknowns: UnknownDeliveries,
        *,
        clock: Callable[[], datetime],
        guard: ClockGuard | None = None,
        retention: timedelta = timedelta(days=90),
    ) -> None:
        self._subscriptions = subscriptions
        self._ledger = ledger
        self._deployments = deployments
        self._delivery = delivery
        self._unknowns = unknowns
        self._clock = clock
        self._guard = guard
        self._retention = retention
        self._last_tick: datetime | None = None

    async def tick(self, now: datetime) -> None:
        """Deliver everything that is due at ``now``. It never raises: what fails now is found again by a later tick.

        Nothing is delivered, and no tick counted, at a ``now`` that the guard does not believe.
        """
        if self._guard is not None and not await self._guard.believes(now):
            return
        await _guarded("looking for digests", self._tick(now))
        self._last_tick = self._clock()

    async def purge(self, now: datetime) -> None:
        """Forget deliveries older than the retention time. It never raises."""
        await _guarded("removing old deliveries", self._ledger.purge(now - self._retention))

    def stop(self) -> None:
        """Begin nothing more; the tick that runs ends with the messages in flight."""
        self._delivery.stop()

    async def due(self, now: datetime) -> list[Due]:
        """The digests that are due, oldest first, those with the same question side by side."""
        active = await self._subscriptions.active()
        progress = await self._ledger.progress([subscription.id for subscription in active])
        found = []
        for subscription in active:
            occurrence = due_occurrence(subscription, now, progress.get(subscription.id, NO_PROGRESS))
            if occurrence is not None:
                found.append(Due(subscription, occurrence))
        return _in_order(found)

    async def health(self) -> DigestHealth:
        """For who watches over the process. Raises ``StorageError``."""
        now = self._clock()
        waiting = [one.occurrence.due_at for one in await self.due(now)]
        if oldest := await self._ledger.oldest_undelivered():
            waiting.append(oldest)
        return DigestHealth(
            oldest_undelivered=(now - min(waiting)).total_seconds() if waiting else None,
            last_tick=(now - self._last_tick).total_seconds() if self._last_tick else None,
        )

    async def _tick(self, now: datetime) -> None:
        unknown = await self._ledger.unknowns(now=now)
        await _each([partial(self._settle, one) for one in unknown])
        due = await self.due(now)  # only now: what could not be settled otherwise is a part of the next digest
        reads = SharedReads(self._deployments, due)
        await _each([partial(self._deliver, one, reads) for one in due])

    async def _settle(self, delivery: Delivery) -> None:
        if again := await self._unknowns.settle(delivery):
            due, claim = again
            await self._delivery.deliver(due, SharedReads(self._deployments, [due]), claim)

    async def _deliver(self, due: Due, reads: SharedReads) -> None:
        try:
            await self._delivery.deliver(due, reads)
        finally:
            reads.finished(due)


def _in_order(due: Sequence[Due]) -> list[Due]:
    """By question, in the order of the first due time of each: a reading is then needed for a short while only."""

    def question(one: Due) -> str:
        asked = one.question
        return repr((asked.project, asked.environment, asked.applications, asked.kind))

    groups = [list(group) for _, group in groupby(sorted(due, key=question), key=question)]
    groups.sort(key=lambda group: min(one.occurrence.due_at for one in group))
    return [one for group in groups for one in group]


async def _each(jobs: Sequence[Callable[[], Coroutine[object, object, object]]]) -> None:
    """Do them in order, some at once."""
    limit = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for job in jobs:
            await limit.acquire()
            running = group.create_task(_guarded("delivering a digest", job()))
            running.add_done_callback(lambda _: limit.release())


async def _guarded(what: str, work: Coroutine[object, object, object]) -> None:
    try:
        await work
    except Exception:  # whatever one digest's fault is, it must not take the others' with it, nor end the ticks
        logger.exception("%s failed", what)
