"""What every ledger promises to many workers at once, and through any sequence of steps."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.digests import LOOK_BACK, Occurrence, Progress, due_occurrence
from bot.domain.schedule import next_due
from bot.services.digest_ports import (
    Claim,
    Delivery,
    DeliveryLedger,
    DeliveryState,
)
from tests.builders import subscription
from tests.contracts.digest_stores import KINDS, Stores, opened
from tests.contracts.ledger_steps import (
    LATER,
    LEASE,
    MESSAGE,
    MINUTE,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    claimed,
    occurrence,
)
from tests.fakes_digests import FakeLedger, FakeSubscriptionStore


@pytest.mark.parametrize("kind", KINDS)
async def test_of_many_workers_one_gets_the_claim(kind, request):
    async with opened(kind, request) as another:
        workers = [another() for _ in range(6)]
        await workers[0].subscriptions.add(subscription())
        for due in (MONDAY, TUESDAY, WEDNESDAY):
            claims = await asyncio.gather(
                *(
                    worker.ledger.claim(occurrence(due), owner=f"w{n}", now=due, lease=LEASE)
                    for n, worker in enumerate(workers * 2)
                )
            )
            (claim,) = (claim for claim in claims if claim)
            await workers[0].ledger.skip(claim, "nothing shipped", now=due)


@pytest.mark.parametrize("kind", KINDS)
async def test_of_many_workers_one_takes_over_and_one_settles(kind, request):
    async with opened(kind, request) as another:
        workers = [another() for _ in range(6)]
        await workers[0].subscriptions.add(subscription())
        await claimed(workers[0].ledger)
        claims = await asyncio.gather(
            *(w.ledger.claim(occurrence(), owner=f"w{n}", now=LATER, lease=LEASE) for n, w in enumerate(workers))
        )
        (claim,) = (claim for claim in claims if claim)
        assert claim.attempt == 2
        await workers[0].ledger.begin_sending(claim, ["d1"], now=LATER, lease=LEASE)
        (found,) = await workers[0].ledger.unknowns(now=LATER + LEASE)
        again = await asyncio.gather(
            *(w.ledger.send_again(found, owner=f"w{n}", now=LATER + LEASE, lease=LEASE) for n, w in enumerate(workers))
        )
        assert len([claim for claim in again if claim]) == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_two_occurrences_of_one_subscription_are_never_in_hand_together(kind, request):
    async with opened(kind, request) as another:
        workers = [another() for _ in range(4)]
        await workers[0].subscriptions.add(subscription())
        for week in range(4):
            dues = [due + timedelta(weeks=week) for due in (MONDAY, TUESDAY, WEDNESDAY)] * 4
            claims = await asyncio.gather(
                *(
                    workers[n % 4].ledger.claim(occurrence(due), owner=f"w{n}", now=dues[2], lease=LEASE)
                    for n, due in enumerate(dues)
                )
            )
            (claim,) = (claim for claim in claims if claim)
            await workers[0].ledger.skip(claim, "nothing shipped", now=dues[2])


@pytest.mark.parametrize("seed", [1, 2, 3, 6])  # with these every state is reached, see the last line
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_any_sequence_of_steps_has_the_same_outcome_as_in_memory(kind, seed, request):
    chance = random.Random(seed)
    model_subscriptions = FakeSubscriptionStore()
    model = FakeLedger(model_subscriptions)
    async with opened(kind, request) as another:
        stores = another()
        for each in (stores.subscriptions, model_subscriptions):
            await each.add(subscription())
        now = MONDAY
        claims: list[Claim] = []
        unknowns: list[Delivery] = []
        been: set[DeliveryState] = set()
        for _ in range(150):
            now += chance.choice([timedelta(0), MINUTE, LEASE, timedelta(hours=8)])
            found = due_occurrence(subscription(), now, (await model.progress(["s1"])).get("s1", Progress()))
            step = _random_step(chance, now, found or occurrence(), claims, unknowns)
            outcome, expected = [await _take(step, ledger) for ledger in (stores.ledger, model)]
            assert outcome == expected, step
            if isinstance(expected, Claim):
                claims.append(expected)
            if isinstance(expected, list):
                unknowns = expected or unknowns
            assert await stores.ledger.history("s1", 5) == await model.history("s1", 5)
            since = now - 3 * LOOK_BACK
            assert await stores.ledger.told("s1", since) == await model.told("s1", since)
            assert await stores.ledger.progress(["s1"]) == await model.progress(["s1"])
            assert await stores.ledger.oldest_undelivered() == await model.oldest_undelivered()
            been |= {row.state for row in model.rows.values()}
        assert been > {DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN}


Step = tuple[str, tuple[Any, ...], dict[str, Any]]


async def _take(step: Step, ledger: DeliveryLedger) -> Any:
    name, arguments, options = step
    return await getattr(ledger, name)(*arguments, **options)


def _random_step(
    chance: random.Random, now: datetime, due: Occurrence, claims: list[Claim], unknowns: list[Delivery]
) -> Step:
    owner, leased = {"owner": chance.choice("abc")}, {"now": now, "lease": LEASE}
    steps: list[Step] = [("claim", (due,), owner | leased)] * 4 + [("unknowns", (), {"now": now})]
    if chance.random() < 0.05:
        steps = [("purge", (now - timedelta(days=chance.randrange(30)),), {})]
    if claims:
        claim = chance.choice(claims[-3:])
        ids = [f"d{chance.randrange(20)}" for _ in range(3)]
        retry = chance.choice([None, now, now + LEASE])
        steps += [
            ("begin_sending", (claim, ids), leased | {"covers": chance.random() < 0.8}),
            ("begin_sending", (claim, ids), leased),
            ("mark_sent", (claim, MESSAGE), {"now": now}),
            ("mark_sent", (claim, MESSAGE), {"now": now}),
            ("mark_failed", (claim, "no"), {"now": now, "retry_at": retry}),
            ("mark_unknown", (claim, "no answer"), {"now": now}),
            ("skip", (claim, "nothing"), {"now": now}),
        ]
    if unknowns:
        found = chance.choice(unknowns)
        steps += [
            ("let_be", (found,), {"now": now}),
            ("adopt", (found, MESSAGE), {"now": now}),
            ("send_again", (found,), owner | leased),
        ]
    return chance.choice(steps)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", KINDS)
async def test_workers_that_die_anywhere_post_each_occurrence_once_at_most_and_leave_none_open(kind, seed, request):
    async with opened(kind, request) as another:
        life = _Life(random.Random(seed), [another() for _ in range(3)])
        await life.run(days=12)

    assert max(life.posted.values()) == 1
    rows = {row.occurrence.key: row for row in life.rows}
    assert all(rows[key].state in {DeliveryState.SENT, DeliveryState.UNKNOWN} for key in life.posted)
    assert all(key in life.posted for key, row in rows.items() if row.state is DeliveryState.SENT)
    closed = {DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.FAILED}
    assert {row.state for row in life.rows} <= closed
    covering = sorted((row for row in life.rows if row.state is not DeliveryState.FAILED), key=lambda r: r.claimed_at)
    ends = [life.subscription.counts_from, *(row.occurrence.window_end for row in covering)]
    assert [row.occurrence.window_start for row in covering] == ends[:-1]


class _Death(Exception):
    """A worker is killed between two steps."""


class _Life:
    """Workers that tick at once on one store; any of them may die before any step. An unknown one is let be."""

    def __init__(self, chance: random.Random, workers: list[Stores]) -> None:
        self.chance = chance
        self.workers = workers
        made = MONDAY - timedelta(hours=1)
        self.subscription = subscription(counts_from=made, due_after=made)
        self.now = made
        self.posted: Counter[str] = Counter()
        self.rows: list[Delivery] = []

    async def run(self, days: int) -> None:
        await self.workers[0].subscriptions.add(self.subscription)
        for _ in range(days):
            self.now = next_due(self.subscription.schedule, self.now)
            for _ in range(self.chance.randrange(1, 6)):
                await asyncio.gather(*(self._tick(n) for n in range(len(self.workers))))
                self.now += self.chance.choice([MINUTE, LEASE, 3 * LEASE])
        self.chance = _NoMoreDeaths(0)
        for _ in range(3):
            self.now = next_due(self.subscription.schedule, self.now)
            for _ in range(3):
                await self._tick(0)
                self.now += LEASE
        self.rows = list(await self.workers[0].ledger.history("s1", 1000))

    async def _tick(self, number: int) -> None:
        ledger, owner = self.workers[number].ledger, f"w{number}"
        try:
            for found in await ledger.unknowns(now=self.now):
                await self._live()
                await ledger.let_be(found, now=self.now)
            progress = (await ledger.progress(["s1"])).get("s1", Progress())
            due = due_occurrence(self.subscription, self.now, progress)
            await self._live()
            claim = due and await ledger.claim(due, owner=owner, now=self.now, lease=LEASE)
            await self._live()
            if claim and await ledger.begin_sending(claim, [claim.occurrence.key], now=self.now, lease=LEASE):
                await self._live()
                self.posted[claim.occurrence.key] += 1
                await self._live()
                await ledger.mark_sent(claim, MESSAGE, now=self.now)
        except _Death:
            return

    async def _live(self) -> None:
        await asyncio.sleep(0)
        if self.chance.random() < 0.2:
            raise _Death


class _NoMoreDeaths(random.Random):
    def random(self) -> float:
        return 1.0
