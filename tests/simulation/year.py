"""A year of digests on a virtual clock: hundreds of subscriptions, ten zones, outages of both sides and of the workers.

Real: everything between the ports. Simulated: the clock, LaunchDarkly, Slack, the store (in memory, held to the real
one's contract), and when what breaks. ``python -m tests.simulation`` runs a whole year of many subscriptions.
"""

from __future__ import annotations

import asyncio
import bisect
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from bot.domain.deployments import COMPLETE, Completeness, Deployment, Deployments
from bot.domain.digests import LOOK_BACK, Subscription
from bot.domain.errors import SourceUnavailable
from bot.domain.filters import Filters
from bot.domain.query import SourceQuery
from bot.domain.schedule import EVERY_DAY, WEEKDAYS, Schedule, Weekday, previous_due
from bot.services.digest_ports import Delivery, DeliveryState, Digest, Hitch, NotPosted, Posted
from bot.services.unknown_deliveries import UnknownDelivery
from tests.builders import deployment, subscription
from tests.fakes import Clock
from tests.fakes_delivery import FakeDigestMessenger, Worker
from tests.fakes_digests import FakeLedger, FakeSubscriptionStore, _is_to_retry, _is_unsettled

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",  # its clocks change at midnight
    "Africa/Cairo",  # so do these
    "Asia/Kolkata",  # half past the hour
    "Asia/Kathmandu",  # a quarter to
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Pacific/Apia",
    "Pacific/Chatham",
    "UTC",
)
TIMES = (time(0, 0), time(0, 30), time(1, 30), time(2, 30), time(9, 0), time(9, 30), time(18, 0), time(23, 45))
OFTEN = (EVERY_DAY, WEEKDAYS, frozenset({Weekday.MONDAY}), frozenset({Weekday.MONDAY, Weekday.THURSDAY}))
ONCE_A_WEEK = tuple(frozenset({day}) for day in (*Weekday, Weekday.SUNDAY, Weekday.FRIDAY))  # clocks change on these
APPLICATIONS = ("billing", "checkout", "search", "ledger")


@dataclass(frozen=True)
class Outages:
    """Stretches of time in which something does not work, in order and apart."""

    stretches: Sequence[tuple[datetime, datetime]]

    def at(self, now: datetime) -> tuple[datetime, datetime] | None:
        place = bisect.bisect_right(self.stretches, now, key=lambda stretch: stretch[0]) - 1
        if place >= 0 and now < self.stretches[place][1]:
            return self.stretches[place]
        return None

    @staticmethod
    def some(chance: random.Random, start: datetime, end: datetime, every: timedelta, longest: timedelta) -> Outages:
        found, at = [], start
        while (at := at + every * chance.uniform(0.3, 1.7)) < end:
            until = at + longest * chance.random() ** 3
            found.append((at, until))
            at = until
        return Outages(found)


class Company:
    """A LaunchDarkly whose deployments are known when their ``known_at`` has come; down at times, or partly so."""

    def __init__(self, chance: random.Random, clock: Clock, start: datetime, end: datetime, a_day: float) -> None:
        self._clock, self._chance = clock, chance
        self.down = Outages.some(chance, start, end, timedelta(days=11), timedelta(hours=9))
        self.reads = 0
        self.all: list[tuple[Deployment, datetime]] = []
        at = start - 5 * DAY
        while (at := at + DAY / a_day * chance.expovariate(1)) < end:
            took = timedelta(minutes=chance.choice([2, 5, 30, 300]))
            one = deployment(
                f"d{len(self.all)}",
                application=chance.choice(APPLICATIONS),
                status=chance.choice(["finished"] * 9 + ["failed"]),
                started_at=at,
                ended_at=at + took,
            )
            late = chance.choice([0, 0, 0, 0, 0, 0, 0, 1, 20, 40])  # hours
            self.all.append((one, at + took + timedelta(hours=late)))
        self._starts = [one.started_at for one, _ in self.all]

    async def read(self, query: SourceQuery, *, now: datetime, timeout: float) -> Deployments:
        self.reads += 1
        now = self._clock()
        if self.down.at(now) and self._chance.random() < 0.9:
            raise SourceUnavailable("LaunchDarkly answered 503.")
        end = query.window.end_or(now)
        first = bisect.bisect_left(self._starts, query.window.start - DAY)
        items = []
        for one, known_at in self.all[first : bisect.bisect_left(self._starts, end)]:
            if one.started_at + MINUTE > now or (query.applications and one.application not in query.applications):
                continue
            ended = one.ended_at is not None and one.ended_at <= now
            if ended and known_at <= now:
                items.append(one)
            elif not ended:
                items.append(replace(one, ended_at=None, status="started"))
        items.reverse()
        if self._chance.random() < 0.01:
            kept = items[: len(items) // 2]
            return Deployments(tuple(kept), Completeness((f"Only {len(kept)} of {len(items)} could be read.",)), now)
        return Deployments(tuple(items), COMPLETE, now)


class Slack(FakeDigestMessenger):
    """A Slack that is down at times, asks to wait, and loses answers with or without the message."""

    def __init__(self, chance: random.Random, clock: Clock, start: datetime, end: datetime, *, may_look: bool) -> None:
        super().__init__(clock, may_look=may_look)
        self._chance = chance
        self.down = Outages.some(chance, start, end, timedelta(days=13), timedelta(hours=5))
        self.found: dict[tuple[str, str], Posted] = {}
        self.lost_answers = 0

    async def post(self, digest: Digest) -> Posted:
        luck = self._chance.random()
        if self.down.at(self._clock()) and luck < 0.9:
            raise NotPosted(Hitch.LATER, "service_unavailable")
        if luck > 0.995:
            self.lost_answers += 1
            raise NotPosted(Hitch.UNCLEAR, "no answer")
        if luck > 0.985:
            raise NotPosted(Hitch.LATER, "ratelimited", 30.0)
        posted = Posted(digest.channel_id, f"{len(self.posted)}.0")
        self.posted.append((self._clock(), digest))
        self.found[digest.channel_id, digest.key] = posted
        if luck > 0.98:
            self.lost_answers += 1
            raise NotPosted(Hitch.UNCLEAR, "no answer")
        return posted

    async def find(self, channel_id: str, key: str, since: datetime) -> Posted | None:
        if not self.may_look:
            raise NotPosted(Hitch.ACCESS, "missing_scope")
        return self.found.get((channel_id, key))


class Died(BaseException):
    """The worker's process is gone, in the middle of whatever it did."""


class Fragile:
    """Something whose calls can be the worker's last: it dies before or after them."""

    def __init__(self, inner: Any, chance: random.Random, risk: float) -> None:
        self._inner, self._chance, self._risk = inner, chance, risk
        self.deaths = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        if name not in {"claim", "begin_sending", "mark_sent", "mark_failed", "mark_unknown", "post"}:
            return method

        async def risky(*arguments: Any, **options: Any) -> Any:
            self._perhaps_die()
            result = await method(*arguments, **options)
            self._perhaps_die()
            return result

        return risky

    def _perhaps_die(self) -> None:
        if self._chance.random() < self._risk:
            self.deaths += 1
            raise Died


class IndexedLedger(FakeLedger):
    """The ledger in memory, for many rows; what is purged is remembered in ``past``."""

    def __init__(self, subscriptions: FakeSubscriptionStore) -> None:
        super().__init__(subscriptions)
        self._index: defaultdict[str, dict[datetime, Delivery]] = defaultdict(dict)
        self.past: list[Delivery] = []
        self.waiting: dict[tuple[str, datetime], Delivery] = {}

    def _interrupt(self, now: datetime, subscription_id: str | None = None) -> None:
        rows, self.rows = self.rows, self.waiting.copy()  # no other row is concerned
        try:
            super()._interrupt(now, subscription_id)
        finally:
            changed, self.rows = self.rows, rows
            self.rows.update(changed)

    async def unknowns(self, *, now: datetime) -> Sequence[Delivery]:
        self._interrupt(now)
        return sorted(filter(_is_unsettled, self.waiting.values()), key=lambda row: row.occurrence.due_at)

    def _of(self, subscription_id: str) -> list[Delivery]:
        return list(self._index[subscription_id].values())

    def _put(self, row: Delivery) -> None:
        super()._put(row)
        key = row.occurrence.subscription_id, row.occurrence.due_at
        if row.state in (DeliveryState.CLAIMED, DeliveryState.SENDING) or _is_to_retry(row) or _is_unsettled(row):
            self.waiting[key] = row
        else:
            self.waiting.pop(key, None)
        self._index[row.occurrence.subscription_id][row.occurrence.due_at] = row

    async def purge(self, before: datetime) -> int:
        rows = dict(self.rows)
        count = await super().purge(before)
        for key in rows.keys() - self.rows.keys():
            self.past.append(self._index[key[0]].pop(key[1]))
        return count

    def row(self, subscription_id: str, due_at: datetime) -> Delivery | None:
        return self._index[subscription_id].get(due_at)

    @property
    def everything(self) -> list[Delivery]:
        return sorted([*self.past, *self.rows.values()], key=lambda row: row.occurrence.due_at)


class Store(FakeSubscriptionStore):
    """Leaves out whose last due time is done with: asking all of them at each other one's takes minutes of a year."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.ledger: IndexedLedger | None = None
        self.dues: dict[str, list[datetime]] = {}

    async def active(self) -> Sequence[Subscription]:
        return [one for one in self.held.values() if one.is_active and not self._is_done(one.id)]

    def _is_done(self, id: str) -> bool:
        dues = self.dues[id]
        place = bisect.bisect_right(dues, self._clock())
        assert self.ledger is not None
        row = self.ledger.row(id, dues[place - 1]) if place else None
        return not place or (row is not None and row.state in (DeliveryState.SENT, DeliveryState.SKIPPED))


@dataclass
class Findings:
    """What was counted; ``faults`` are broken promises, in words."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"  {name:<44}{count:>9,}" for name, count in sorted(self.counts.items())]
        return "\n".join([*lines, *(f"  FAULT {fault}" for fault in self.faults[:20])])


class Year:
    """The run. ``subscriptions`` are spread over the zones; ``otherwise`` and ``may_look`` as in the real thing."""

    def __init__(
        self,
        *,
        seed: int,
        subscriptions: int,
        start: datetime,
        days: int,
        may_look: bool = True,
        otherwise: UnknownDelivery = UnknownDelivery.NEVER_TWICE,
        deployments_a_day: float = 6.0,
        days_of: Sequence[frozenset[Weekday]] = OFTEN,
    ) -> None:
        chance = self._chance = random.Random(seed)
        self._days_of = days_of
        self.start, self.end = start, start + days * DAY
        self.clock = Clock(start)
        self.company = Company(chance, self.clock, start, self.end, deployments_a_day)
        self.slack = Slack(chance, self.clock, start, self.end, may_look=may_look)
        self.off = Outages.some(chance, start, self.end, timedelta(days=17), timedelta(hours=50))
        self.store = Store(self.clock)
        self.subscriptions = [self._subscription(number) for number in range(subscriptions)]
        self.ledger = self.store.ledger = IndexedLedger(self.store)
        self.store.dues = {one.id: sorted(_dues(one, self.start, self.end)) for one in self.subscriptions}
        self.fragile = [Fragile(part, chance, 0.0007) for part in (self.ledger, self.slack)]
        self.otherwise = otherwise
        self.may_look = may_look
        self.restarts = 0

    def _subscription(self, number: int) -> Subscription:
        chance = self._chance
        applications = tuple(sorted(chance.sample(APPLICATIONS, 2))) if chance.random() < 0.4 else ()
        made = subscription(
            f"s{number}",
            channel_id=f"C{number}",
            schedule=Schedule(chance.choice(self._days_of), chance.choice(TIMES), ZONES[number % len(ZONES)]),
            filters=Filters(applications=applications),
            say_when_empty=chance.random() < 0.5,
            counts_from=self.start,
            due_after=self.start,
        )
        self.store.held[made.id] = replace(made, number=number + 1)
        return made

    def run(self) -> Findings:
        asyncio.run(self._run())
        return self._judge()

    async def _run(self) -> None:
        worker, purged = self._worker(), self.start
        for now in self._ticks():
            self.clock.now = max(now, self.clock.now)
            if self.off.at(self.clock.now):
                continue
            try:
                await worker.tick()
            except* Died:
                self.restarts += 1
                await worker.deployments.aclose()
                worker = self._worker()
            if self.clock.now - purged > 7 * DAY:
                await worker.digests.purge(self.clock.now - 30 * DAY)
                purged = self.clock.now

    def _ticks(self) -> Iterator[datetime]:
        """Every due time and, while something waits, every few minutes after it: not all half a million of a year."""
        dues = sorted({due for dues in self.store.dues.values() for due in dues})
        now = self.start
        while now < self.end:
            place = bisect.bisect_right(dues, now)
            following = dues[place] if place < len(dues) else self.end
            stretch = self.off.at(now)
            if stretch:
                now = stretch[1].replace(second=0, microsecond=0) + MINUTE
            else:
                now = min(following, now + 3 * MINUTE) if self.ledger.waiting else following
            yield now

    def _worker(self) -> Worker:
        ledger, slack = self.fragile
        owner = f"worker-{self.restarts}"
        return Worker(self.clock, self.store, ledger, slack, self.company, otherwise=self.otherwise, owner=owner)

    # -- What came of it ----------------------------------------------------------------------------------------------

    def _judge(self) -> Findings:
        findings = Findings()
        counts = findings.counts
        posts = Counter(digest.key for _, digest in self.slack.posted)
        rows = self.ledger.everything
        counts["occurrences"] = len(rows)
        counts["messages"] = len(self.slack.posted)
        counts["reads of LaunchDarkly"] = self.company.reads
        counts["deployments"] = len(self.company.all)
        counts["subscriptions"] = len(self.subscriptions)
        counts["workers killed"] = self.restarts
        counts["hours without a worker"] = round(sum((b - a) / HOUR for a, b in self.off.stretches))
        counts["hours without LaunchDarkly"] = round(sum((b - a) / HOUR for a, b in self.company.down.stretches))
        counts["hours without Slack"] = round(sum((b - a) / HOUR for a, b in self.slack.down.stretches))
        counts["answers of Slack lost"] = self.slack.lost_answers
        for row in rows:
            counts[f"occurrences {row.state.value}"] += 1
            counts["late digests"] += row.occurrence.late
        for key, count in posts.items():
            if count > 1:
                counts["digests doubled"] += count - 1
                if self.may_look or self.otherwise is UnknownDelivery.NEVER_TWICE:
                    findings.faults.append(f"{key} was posted {count} times")
        by_subscription: defaultdict[str, list[Delivery]] = defaultdict(list)
        for row in rows:
            by_subscription[row.occurrence.subscription_id].append(row)
        for one in self.subscriptions:
            self._judge_times(one, by_subscription[one.id], findings)
            self._judge_deployments(one, by_subscription[one.id], posts, findings)
        return findings

    def _judge_times(self, one: Subscription, rows: Sequence[Delivery], findings: Findings) -> None:
        """Each occurrence is at the wall's time, each time at most once, and windows tile."""
        zone = one.schedule.tzinfo
        covered = one.counts_from
        for row in rows:
            local = row.occurrence.due_at.astimezone(zone)
            due_days = previous_due(one.schedule, row.occurrence.due_at)
            if due_days != row.occurrence.due_at or local.weekday() not in one.schedule.days:
                findings.faults.append(f"{row.occurrence.key} is at {local}, which {one.schedule.words} is not")
            if local.timetz().replace(tzinfo=None) != one.schedule.at:
                findings.counts["occurrences at a shifted minute (gap)"] += 1
            if row.state in (DeliveryState.SENT, DeliveryState.SKIPPED, DeliveryState.UNKNOWN) and row.covers:
                if row.occurrence.window_start > covered:
                    findings.faults.append(f"{row.occurrence.key} leaves a gap after {covered}")
                covered = row.occurrence.window_end

    def _judge_deployments(
        self, one: Subscription, rows: Sequence[Delivery], posts: Counter[str], findings: Findings
    ) -> None:
        told = Counter(id for row in rows for id in row.deployments if posts[row.occurrence.key])
        unknown = {id for row in rows for id in row.deployments if row.state is DeliveryState.UNKNOWN}
        # A digest that was posted, and then found lost, would tell its deployments again.
        for id, count in told.items():
            if count > 1:
                findings.faults.append(f"{id} was told {count} times to {one.id}")
        covering = [row.occurrence for row in rows if row.covers and row.state is not DeliveryState.FAILED]
        covered = covering[-1].window_end if covering else one.counts_from
        wanted = one.filters.applications
        for deployed, known_at in self.company.all:
            ended = deployed.at
            if not (one.counts_from <= ended < covered) or (wanted and deployed.application not in wanted):
                continue
            findings.counts["deployments × subscriptions that want them"] += 1
            if told[deployed.id] == 1:
                findings.counts["told exactly once"] += 1
            elif deployed.id in unknown:
                findings.counts["told by a digest that is unknown"] += 1
            elif not (readers := [row for row in rows if row.claimed_at >= known_at]):
                findings.counts["not known yet at the last digest"] += 1
            elif _looked_back_less_far(readers, ended):
                findings.counts["known only beyond the look-back"] += 1
            else:
                findings.faults.append(f"{deployed.id} ({ended}, known {known_at}) was never told to {one.id}")


def _looked_back_less_far(readers: Sequence[Delivery], ended: datetime) -> bool:
    """Whether none of these digests, read after it was known, looked as far back as to when it ended."""
    return all(
        ended < row.occurrence.window_start - LOOK_BACK or ended >= row.occurrence.window_end
        for row in readers
        if row.state is not DeliveryState.FAILED
    )


def _dues(one: Subscription, start: datetime, end: datetime) -> Iterator[datetime]:
    due = previous_due(one.schedule, end)
    while due > start:
        yield due
        due = previous_due(one.schedule, due - timedelta(seconds=1))


FIRST = datetime(2026, 1, 1, tzinfo=UTC)
