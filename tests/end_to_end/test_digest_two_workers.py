"""Two workers on one store, their steps interleaved at random: nothing is posted twice, and nothing is left out."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from bot.services.digest_ports import DeliveryState, Digest, Hitch, NotPosted, Posted
from tests.builders import deployment, subscription
from tests.contracts.digest_stores import KINDS, opened
from tests.fakes import Clock, FakeSource
from tests.fakes_delivery import FakeDigestMessenger, Worker

FRIDAY, MONDAY = (datetime(2026, 11, day, 8, 30, tzinfo=UTC) for day in (20, 23))  # 09:30 in Berlin
MINUTE = timedelta(minutes=1)
MANY = 12


class Dawdler:
    """Lets others go first, a random number of times, before and after each call; never a real wait."""

    def __init__(self, inner, chance: random.Random) -> None:
        self._inner, self._chance = inner, chance

    def __getattr__(self, name):
        method = getattr(self._inner, name)
        if not asyncio.iscoroutinefunction(method):
            return method

        async def dawdling(*arguments, **options):
            await self._dawdle()
            result = await method(*arguments, **options)
            await self._dawdle()
            return result

        return dawdling

    async def _dawdle(self) -> None:
        for _ in range(self._chance.choice([0, 0, 1, 2, 5, 20])):
            await asyncio.sleep(0)


class Unsteady(FakeDigestMessenger):
    """A Slack that asks to wait, loses answers, and drops messages, at random."""

    chance: random.Random

    async def post(self, digest: Digest) -> Posted:
        luck = self.chance.random()
        if luck < 0.1:
            raise NotPosted(Hitch.LATER, "ratelimited", 1.0)
        if luck < 0.2:
            raise NotPosted(Hitch.UNCLEAR, "no answer")
        posted = await super().post(digest)
        if luck > 0.9:
            raise NotPosted(Hitch.UNCLEAR, "no answer")
        return posted


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
async def test_each_digest_is_posted_once_by_one_of_them(kind, seed, request):
    chance = random.Random(seed)
    clock = Clock(MONDAY)
    slack = Unsteady(clock, may_look=True)
    slack.chance = chance
    source = FakeSource(deployment("d1", started_at=MONDAY - 60 * MINUTE))
    async with opened(kind, request) as open_stores:
        workers = []
        for name in ("one", "two"):
            stores = open_stores()
            ledger, messenger = Dawdler(stores.ledger, chance), Dawdler(slack, chance)
            workers.append(Worker(clock, stores.subscriptions, ledger, messenger, source, owner=name))
        for number in range(MANY):
            one = subscription(f"s{number}", channel_id=f"C{number}", counts_from=FRIDAY, due_after=FRIDAY)
            await workers[0].subscriptions.add(one)
        for _ in range(12):
            await asyncio.gather(*(worker.tick() for worker in workers))
            clock.now += MINUTE
        posts = Counter(digest.key for _, digest in slack.posted)
        assert posts == {f"s{number}@2026-11-23T08:30Z": 1 for number in range(MANY)}
        rows = [(await workers[0].ledger.history(f"s{number}", 5))[0] for number in range(MANY)]
        assert {row.state for row in rows} == {DeliveryState.SENT}
        if kind == "memory":
            assert len({row.owner for row in rows}) == 2  # they shared the work
