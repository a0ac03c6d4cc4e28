from __future__ import annotations

import asyncio

import pytest

from bot.launchdarkly.limiter import Limiter, capacity_after

GLOBAL, ROUTE, TOKEN = (f"x-ratelimit-{name}-remaining" for name in ("global", "route", "auth-token"))


@pytest.mark.parametrize(
    ("now", "status", "headers", "expected"),
    [
        (8, 200, {}, 8),
        (8, 429, {}, 1),
        (1, 200, {}, 2),
        (7, 503, {}, 8),
        (8, 200, {GLOBAL: "1000"}, 8),
        (8, 200, {GLOBAL: "12"}, 3),
        (8, 200, {GLOBAL: "1000", ROUTE: "8", TOKEN: "400"}, 2),
        (8, 200, {TOKEN: "0"}, 1),
        (1, 200, {GLOBAL: "12"}, 2),
        (3, 200, {GLOBAL: "12"}, 3),
        (8, 200, {GLOBAL: "plenty"}, 8),
    ],
)
def test_capacity_drops_at_once_and_recovers_step_by_step(now, status, headers, expected):
    assert capacity_after(8, now, status, headers) == expected


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Crowd:
    """Callers that stay inside until they are let go."""

    def __init__(self, limiter: Limiter, size: int) -> None:
        self.inside: list[int] = []
        self._doors = [asyncio.Event() for _ in range(size)]
        self._limiter = limiter
        self.tasks = [asyncio.create_task(self._visit(n)) for n in range(size)]

    async def _visit(self, number: int) -> None:
        async with self._limiter:
            self.inside.append(number)
            await self._doors[number].wait()
            self.inside.remove(number)

    def let_go(self, number: int) -> None:
        self._doors[number].set()

    async def close(self) -> None:
        for door in self._doors:
            door.set()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def test_only_so_many_are_inside_and_the_line_moves_in_order():
    crowd = Crowd(Limiter(2), 4)
    await settle()
    assert crowd.inside == [0, 1]
    crowd.let_go(0)
    await settle()
    assert crowd.inside == [1, 2]
    await crowd.close()
    assert crowd.inside == []


async def test_a_lower_capacity_holds_the_line_until_it_recovers():
    limiter = Limiter(2)
    crowd = Crowd(limiter, 4)
    await settle()
    limiter.learn(429, {})
    crowd.let_go(0)
    await settle()
    assert crowd.inside == [1]
    limiter.learn(200, {})
    await settle()
    assert crowd.inside == [1, 2]
    await crowd.close()


@pytest.mark.parametrize("called_in", [False, True])
async def test_who_is_cancelled_in_line_takes_no_place_with_him(called_in):
    crowd = Crowd(Limiter(1), 3)
    await settle()
    if called_in:
        crowd.let_go(0)
        await asyncio.sleep(0)  # 0 leaves and calls 1 in, but 1 has not woken up yet
    crowd.tasks[1].cancel()
    await settle()
    crowd.let_go(0)
    await settle()
    assert crowd.inside == [2]
    await crowd.close()
