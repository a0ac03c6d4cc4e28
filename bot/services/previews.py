"""Looking at a digest before it comes: the last seven days before it is subscribed, and the time since its last one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.domain.digests import Occurrence, Subscription
from bot.domain.errors import SourceNotFound
from bot.domain.previews import Preview, as_if_there, preview, previewed_window
from bot.domain.query import TimeWindow
from bot.domain.summary import Reading, Summary
from bot.services.deployments import DeploymentService
from bot.services.digest_ports import DeliveryLedger, SubscriptionStore
from bot.services.digest_reading import Due, summary_of
from bot.services.resolver import Resolver

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Sample:
    """A preview, and the summary of its example where it has one."""

    preview: Preview
    example: Summary | None


@dataclass(frozen=True, slots=True)
class SoFar:
    """What a digest would tell if it came now."""

    subscription: Subscription
    occurrence: Occurrence
    summary: Summary


class Previews:
    """Reads, and keeps nothing.

    Methods raise ``SourceError`` where LaunchDarkly cannot be read, ``ProjectNotShown`` where it may not be.
    """

    def __init__(
        self, deployments: DeploymentService, resolver: Resolver, store: SubscriptionStore, ledger: DeliveryLedger
    ) -> None:
        self._deployments = deployments
        self._resolver = resolver
        self._store = store
        self._ledger = ledger

    async def last_days(self, subscription: Subscription, now: datetime) -> Sample:
        """What it would have sent over the last seven days, had it been there."""
        reading = await self._read(subscription, previewed_window(subscription, now))
        there = await self._store.of_channel(subscription.team_id, subscription.channel_id)
        seen = preview(subscription, reading, there, now)
        return Sample(seen, _example(seen, reading))

    async def until_now(self, subscription: Subscription, now: datetime) -> SoFar:
        """What happened since its last digest, or since it counts."""
        progress = (await self._ledger.progress([subscription.id])).get(subscription.id)
        covered = progress.covered_until if progress else None
        start = max(subscription.counts_from, covered or subscription.counts_from).astimezone(UTC)
        # The end of this minute: what is asked twice within it is read once.
        end = now.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
        occurrence = Occurrence(subscription.id, end, start, end)
        told = await self._ledger.told(subscription.id, occurrence.reading_window.start)
        reading = await self._read(subscription, occurrence.reading_window)
        summary = summary_of(Due(subscription, occurrence), reading, told)
        since = replace(summary.query, window=replace(summary.query.window, end=None))  # that end is to come
        return SoFar(subscription, occurrence, replace(summary, query=since))

    async def _read(self, subscription: Subscription, window: TimeWindow) -> Reading:
        self._resolver.check_shown(subscription.project)
        try:
            return await self._deployments.read(subscription.query(window).for_source())
        except SourceNotFound as error:
            raise await self._resolver.explained(error, subscription.project, subscription.environment) from error


def _example(seen: Preview, reading: Reading) -> Summary | None:
    if seen.example is None:
        return None
    earlier = seen.told[: seen.told.index(seen.example)]
    known = {deployment.id for one in earlier for deployment in one.deployments}
    there = as_if_there(seen.subscription, seen.told[0].occurrence)
    return summary_of(Due(there, seen.example.occurrence), reading, known)
