"""What a digest tells: one read for all digests with the same question, and from it each one's own part."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.domain.digests import Occurrence, Subscription, choose
from bot.domain.errors import SourceUnavailable
from bot.domain.filters import NO_FILTERS
from bot.domain.query import SourceQuery, TimeWindow
from bot.domain.summary import Reading, Summary, summarize
from bot.services.deployments import DeploymentService


@dataclass(frozen=True, slots=True)
class Due:
    """A digest whose time has come."""

    subscription: Subscription
    occurrence: Occurrence

    @property
    def question(self) -> SourceQuery:
        """What is asked of LaunchDarkly, with the window that this digest alone needs."""
        return self.subscription.query(self.occurrence.reading_window).for_source()


class SharedReads:
    """The reads that some due digests share: one for each question, over all of their windows.

    A reading is let go when the last of its digests is ``finished``, so that a thousand digests hold few readings at a
    time.
    """

    def __init__(self, deployments: DeploymentService, due: Iterable[Due]) -> None:
        self._deployments = deployments
        self._windows: dict[SourceQuery, TimeWindow] = {}
        self._left: Counter[SourceQuery] = Counter()
        self._reads: dict[SourceQuery, asyncio.Future[Reading]] = {}
        for one in due:
            question, window = _without_window(one.question), one.occurrence.reading_window
            self._windows[question] = _both(self._windows.get(question, window), window)
            self._left[question] += 1

    async def read(self, due: Due) -> Reading:
        """All that may belong in this digest, and more; fresh, or with its gaps named. Raises ``SourceError``."""
        question = _without_window(due.question)
        window = self._windows.get(question)
        if window is None or not _holds(window, due.occurrence.reading_window):
            return await self._read(due.question)  # claimed long ago, with another window than it would have now
        if question not in self._reads:
            self._reads[question] = asyncio.ensure_future(self._read(replace(question, window=window)))
        return await asyncio.shield(self._reads[question])

    def finished(self, due: Due) -> None:
        """Nothing more is read for this digest."""
        question = _without_window(due.question)
        self._left[question] -= 1
        if not self._left[question] and (reading := self._reads.pop(question, None)):
            reading.cancel()

    async def _read(self, query: SourceQuery) -> Reading:
        reading = await self._deployments.read(query)
        if reading.copy is not None and reading.copy.because:
            # Good enough for a person who waits; a digest is better read again in a minute than told from an old copy.
            raise SourceUnavailable(reading.copy.because)
        return reading


def summary_of(due: Due, reading: Reading, told: Collection[str]) -> Summary:
    """What this digest tells: what belongs in it and was not told yet (``told`` holds ids of deployments)."""
    everything = replace(due.subscription, filters=NO_FILTERS)  # the summary filters, and knows what it cannot decide
    items = choose(reading.deployments.items, everything, due.occurrence, told)
    read = replace(reading, deployments=replace(reading.deployments, items=items, outside=0))
    start, end = due.occurrence.window_start, due.occurrence.window_end
    query = due.subscription.query(TimeWindow(start, end, due.subscription.schedule.tzinfo))
    return summarize(query, read, reading.deployments.as_of)


_NO_WINDOW = TimeWindow(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


def _without_window(query: SourceQuery) -> SourceQuery:
    return replace(query, window=_NO_WINDOW)


def _both(one: TimeWindow, other: TimeWindow) -> TimeWindow:
    return TimeWindow(min(one.start, other.start), max(_end_of(one), _end_of(other)))


def _holds(outer: TimeWindow, inner: TimeWindow) -> bool:
    return outer.start <= inner.start and _end_of(inner) <= _end_of(outer)


def _end_of(window: TimeWindow) -> datetime:
    return window.end or datetime.max.replace(tzinfo=UTC)
