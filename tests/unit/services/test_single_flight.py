from __future__ import annotations

import asyncio

import pytest

from bot.services.single_flight import SingleFlight


class Work:
    def __init__(self, error: Exception | None = None) -> None:
        self.runs = 0
        self.gate = asyncio.Event()
        self.error = error

    async def __call__(self) -> int:
        self.runs += 1
        await self.gate.wait()
        if self.error:
            raise self.error
        return self.runs


async def test_equal_keys_share_one_run_and_its_result():
    flights: SingleFlight[str, int] = SingleFlight()
    work = Work()
    callers = [asyncio.ensure_future(flights.run("k", work)) for _ in range(100)]
    await asyncio.sleep(0)
    work.gate.set()
    assert await asyncio.gather(*callers) == [1] * 100


async def test_different_keys_run_side_by_side():
    flights: SingleFlight[str, int] = SingleFlight()
    first, second = Work(), Work()
    callers = [asyncio.ensure_future(flights.run("a", first)), asyncio.ensure_future(flights.run("b", second))]
    second.gate.set()
    assert await callers[1] == 1
    assert not callers[0].done()
    first.gate.set()
    assert await callers[0] == 1


async def test_a_cancelled_caller_leaves_the_run_to_the_others():
    flights: SingleFlight[str, int] = SingleFlight()
    work = Work()
    impatient = asyncio.ensure_future(flights.run("k", work))
    patient = asyncio.ensure_future(flights.run("k", work))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)
    work.gate.set()
    assert await patient == 1
    with pytest.raises(asyncio.CancelledError):
        await impatient


async def test_an_error_reaches_every_caller_and_is_not_kept():
    flights: SingleFlight[str, int] = SingleFlight()
    work = Work(ValueError("no"))
    work.gate.set()
    answers = await asyncio.gather(*(flights.run("k", work) for _ in range(3)), return_exceptions=True)
    assert [str(a) for a in answers] == ["no"] * 3
    work.error = None
    assert await flights.run("k", work) == 2


async def test_a_run_that_nobody_waits_for_any_more_fails_without_a_word():
    flights: SingleFlight[str, int] = SingleFlight()
    work = Work(ValueError("unheard"))
    caller = asyncio.ensure_future(flights.run("k", work))
    await asyncio.sleep(0)
    caller.cancel()
    work.gate.set()
    for _ in range(3):
        await asyncio.sleep(0)
    again = Work()
    again.gate.set()
    assert await flights.run("k", again) == 1


async def test_closing_cancels_what_is_under_way():
    flights: SingleFlight[str, int] = SingleFlight()
    caller = asyncio.ensure_future(flights.run("k", Work()))
    await asyncio.sleep(0)
    await flights.aclose()
    with pytest.raises(asyncio.CancelledError):
        await caller
