"""One digest on its way: claim, read, choose, word, take a turn, say that it leaves, post, record.

Every step that can be the last one before a crash leaves a row in the ledger that says what to do next. Nothing but
this module takes these steps, and nothing in it decides what is due.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.digests import NO_PROGRESS, ON_TIME_FOR
from bot.domain.errors import SourceError, SourceRateLimited
from bot.domain.query import DeploymentQuery
from bot.domain.schedule import next_due
from bot.formatting.digest import format_digest, format_unread
from bot.formatting.message import Message
from bot.services.digest_ports import (
    Claim,
    DeliveryLedger,
    Digest,
    DigestMessenger,
    DigestMeter,
    Hitch,
    NotPosted,
)
from bot.services.digest_reading import Due, SharedReads, summary_of
from bot.services.digest_troubles import Troubles

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=4)
"""How long a worker may be silent before another takes its work: longer than one read, one turn and one post."""

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=15)
_LONGEST_WAIT = 60.0  # seconds; what may come later than that is left to a later tick
_WHOLE_WITHIN = timedelta(minutes=10)  # a reading with gaps is made again for so long before it is told as it is
_GAPS_REREAD_FOR = timedelta(days=14)  # how long a window with gaps is read again: a gap that stays must not add up

NOTHING, STOPPING = "nothing to say", "the bot was stopped"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message, and what the ledger is to know of it."""

    message: Message
    deployments: tuple[str, ...] = ()
    covers: bool = True
    reason: str = ""
    everything: DeploymentQuery | None = None


class DigestDelivery:
    """Delivers digests for one worker. ``base_url`` is where LaunchDarkly's web pages are.

    ``owner`` names the worker and is no other's; ``clock`` gives the present moment, ``sleep`` waits seconds. Of
    ``allowed_projects`` alone is told; of all where there are none.
    """

    def __init__(
        self,
        ledger: DeliveryLedger,
        messenger: DigestMessenger,
        troubles: Troubles,
        meter: DigestMeter,
        *,
        owner: str,
        base_url: str,
        clock: Callable[[], datetime],
        allowed_projects: Collection[str] = (),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._ledger = ledger
        self._messenger = messenger
        self._troubles = troubles
        self._meter = meter
        self._owner = owner
        self._base_url = base_url
        self._clock = clock
        self._allowed_projects = frozenset(allowed_projects)
        self._sleep = sleep
        self._stopping = False
        self._preparing: set[asyncio.Task[object]] = set()

    def stop(self) -> None:
        """Let what has not left yet to another worker, or to the next start."""
        self._stopping = True
        for task in self._preparing:
            task.cancel()

    async def deliver(self, due: Due, reads: SharedReads, claim: Claim | None = None) -> None:
        """Bring one digest to its end, as far as this worker may. ``claim`` is given where there is one already.

        Raises ``StorageError``; the claim is then left to expire.
        """
        if self._allowed_projects and due.subscription.project not in self._allowed_projects:
            await self._troubles.not_allowed(due.subscription)
            return
        while not self._stopping:
            claim = claim or await self.claim(due)
            if claim is None:
                return
            wait = await self.attempt(await self._as_claimed(due, claim), claim, reads)
            if wait is None or wait > _LONGEST_WAIT:
                return
            claim = None
            with self._until_it_leaves():
                await self._sleep(wait)

    async def claim(self, due: Due) -> Claim | None:
        """The right to deliver it, for a while."""
        return await self._ledger.claim(due.occurrence, owner=self._owner, now=self._clock(), lease=LEASE)

    async def _as_claimed(self, due: Due, claim: Claim) -> Due:
        """What is to be told under the claim.

        Between our finding it due and our claiming it, another worker may have found that the digest before was not
        posted after all. No other one of the subscription is on its way now, so what the ledger says now stays true.
        """
        subscription, occurrence = due.subscription, claim.occurrence
        progress = (await self._ledger.progress([subscription.id])).get(subscription.id, NO_PROGRESS)
        start = max(subscription.counts_from, progress.covered_until or subscription.counts_from)
        return Due(subscription, replace(occurrence, window_start=min(occurrence.window_start, start)))

    async def attempt(self, due: Due, claim: Claim, reads: SharedReads) -> float | None:
        """One attempt; the seconds after which another is worth it, or None where it has come to an end."""
        with self._until_it_leaves():
            try:
                if self._stopping:  # since it was claimed
                    raise asyncio.CancelledError
                prepared = await self.prepare(due, claim, reads)
                if isinstance(prepared, Prepared):
                    await self._messenger.turn(due.subscription.channel_id)
            except asyncio.CancelledError:
                await asyncio.shield(self._hand_over(claim))
                raise
        match prepared:
            case Prepared():
                return await self.send(due, claim, prepared)
            case Postponed():
                await self._fail(claim, prepared.reason, prepared.label, prepared.until)
            case None:
                if await self._ledger.skip(claim, NOTHING, now=self._clock()):
                    self._meter.ended("skipped")
        return None  # to a later tick, which reads again

    @contextmanager
    def _until_it_leaves(self) -> Iterator[None]:
        """What a stop may interrupt."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 -- a coroutine runs in one
        self._preparing.add(task)
        try:
            yield
        finally:
            self._preparing.discard(task)

    async def prepare(self, due: Due, claim: Claim, reads: SharedReads) -> Prepared | Postponed | None:
        """The message; None where there is nothing to say and the channel does not wish to hear that."""
        try:
            reading = await reads.read(due)
        except SourceError as error:
            return self._unread(due, claim, error)
        told = await self._ledger.told(due.subscription.id, due.occurrence.reading_window.start)
        summary = summary_of(due, reading, told)
        if summary.nothing_shipped and not due.subscription.say_when_empty:
            return None
        now, occurrence, gaps = self._clock(), due.occurrence, summary.completeness.gaps
        if gaps and now < occurrence.window_end + _WHOLE_WITHIN:
            return Postponed(gaps[0], "partial reading", now + _pause(claim.attempt))
        late = occurrence.late or now - occurrence.due_at > ON_TIME_FOR
        return Prepared(
            format_digest(summary, replace(occurrence, late=late), name=due.subscription.name, base_url=self._base_url),
            deployments=tuple(shipment.deployment.id for shipment in summary.shipments),
            covers=not gaps or occurrence.window_end - occurrence.window_start > _GAPS_REREAD_FOR,
            reason=gaps[0] if gaps else "",
            everything=summary.query if summary.totals.deployments else None,
        )

    def _unread(self, due: Due, claim: Claim, error: SourceError) -> Prepared | Postponed:
        """Another attempt, as long as there is time; then a word about it, and the deployments in the next digest."""
        now = self._clock()
        again = now + _pause(claim.attempt)
        if isinstance(error, SourceRateLimited) and error.retry_after is not None:
            again = max(again, now + timedelta(seconds=error.retry_after))
        if again <= due.occurrence.deadline:
            return Postponed(error.message, type(error).__name__, again)
        next_at = next_due(due.subscription.schedule, now)
        message = format_unread(due.subscription, due.occurrence, error.message, next_at=next_at, now=now)
        return Prepared(message, covers=False, reason=error.message)

    async def send(self, due: Due, claim: Claim, prepared: Prepared) -> float | None:
        """Say in the ledger that it leaves, let it leave, and say what became of it."""
        leaving = await self._ledger.begin_sending(
            claim,
            prepared.deployments,
            now=self._clock(),
            lease=LEASE,
            covers=prepared.covers,
            reason=prepared.reason,
        )
        if not leaving:
            return None  # taken over, or no longer wanted
        channel, key = due.subscription.channel_id, claim.occurrence.key
        try:
            posted = await self._messenger.post(Digest(channel, key, prepared.message, prepared.everything))
        except NotPosted as failed:
            return await self.not_posted(due, claim, failed)
        now = self._clock()
        if await self._ledger.mark_sent(claim, posted, now=now):
            self._meter.ended("sent")
            self._meter.sent_after((now - claim.occurrence.due_at).total_seconds())
        return None

    async def not_posted(self, due: Due, claim: Claim, failed: NotPosted) -> float | None:
        """What Slack's refusal, or its silence, means for the occurrence."""
        now = self._clock()
        match failed.hitch:
            case Hitch.UNCLEAR:
                if await self._ledger.mark_unknown(claim, failed.code, now=now):
                    self._meter.ended("unknown", failed.code)
                return None
            case Hitch.LATER:
                waits = _pause(claim.attempt) if failed.retry_after is None else timedelta(seconds=failed.retry_after)
                again = now + waits
                return await self._fail(
                    claim, failed.code, failed.code, again if again <= claim.occurrence.deadline else None
                )
            case Hitch.MESSAGE:
                logger.error("Slack refused a digest: %s", failed.code)
                return await self._fail(claim, failed.code, failed.code, None)
            case Hitch.CHANNEL | Hitch.ACCESS:
                await self._fail(claim, failed.code, failed.code, None)
                await self._troubles.refused(due.subscription, failed)
                return None

    async def _fail(self, claim: Claim, reason: str, label: str, again: datetime | None) -> float | None:
        now = self._clock()
        if not await self._ledger.mark_failed(claim, reason, now=now, retry_at=again):
            return None
        if again is None:
            self._meter.ended("failed", label)
            return None
        self._meter.retried(label)
        return (again - now).total_seconds()

    async def _hand_over(self, claim: Claim) -> None:
        now = self._clock()
        await self._ledger.mark_failed(claim, STOPPING, now=now, retry_at=now)


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not now: why, the word for it that is counted, and when to try again."""

    reason: str
    label: str
    until: datetime


def _pause(attempt: int) -> timedelta:
    """One minute, doubling up to a quarter of an hour."""
    return min(_FIRST_PAUSE * (1 << min(attempt - 1, 10)), _LONGEST_PAUSE)
