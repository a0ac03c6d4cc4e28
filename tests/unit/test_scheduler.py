from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

from bot.scheduler import DigestScheduler


class Recorder:
    """Digests whose tick takes as long as a test wants."""

    def __init__(self) -> None:
        self.ticks: list[datetime] = []
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.stopped = self.ended = False

    async def tick(self, now: datetime) -> None:
        self.ticks.append(now)
        self.begun.set()
        await self.gate.wait()
        self.ended = True

    async def purge(self, now: datetime) -> None:
        raise AssertionError("not at this hour")

    def stop(self) -> None:
        self.stopped = True


def clock() -> datetime:
    return datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def started() -> tuple[DigestScheduler, Recorder]:
    digests = Recorder()
    scheduler = DigestScheduler(digests, clock=clock)  # type: ignore[arg-type]  # what it uses of them
    scheduler.start()
    return scheduler, digests


async def test_the_first_tick_comes_at_once():
    scheduler, digests = started()
    digests.gate.set()
    async with asyncio.timeout(5):
        await digests.begun.wait()
    assert digests.ticks == [clock()]
    await scheduler.stop(1)


def test_a_tick_that_takes_long_is_no_reason_for_a_warning_each_minute(caplog):
    scheduler = logging.getLogger("apscheduler.scheduler")
    scheduler.warning('Execution of job "%s" skipped: maximum number of running instances reached (%d)', "tick", 1)
    scheduler.warning("another")
    assert [record.getMessage() for record in caplog.records] == ["another"]


async def test_a_stop_waits_for_the_tick_that_runs(caplog):
    scheduler, digests = started()
    async with asyncio.timeout(5):
        await digests.begun.wait()
        stopping = asyncio.create_task(scheduler.stop(4))
        await asyncio.sleep(0.05)
        assert digests.stopped
        assert not stopping.done()
        digests.gate.set()
        await stopping
    assert digests.ended
    assert not [record for record in caplog.records if record.levelname == "ERROR"]  # it is no fault


async def test_what_takes_longer_than_the_stop_allows_is_cut_off(caplog):
    scheduler, digests = started()
    async with asyncio.timeout(5):
        await digests.begun.wait()
        await scheduler.stop(0.05)
    assert not digests.ended
    assert "still under way" in caplog.text


async def test_a_stop_without_a_start_is_quiet():
    digests = Recorder()
    await DigestScheduler(digests, clock=clock).stop(1)  # type: ignore[arg-type]  # what it uses of them
    assert not digests.ticks


async def test_a_stop_before_the_first_tick_is_quiet():
    scheduler, digests = started()
    await scheduler.stop(1)
    assert not digests.ticks


async def test_a_tick_can_be_had_between_two_minutes():
    digests = Recorder()
    digests.gate.set()
    await DigestScheduler(digests, clock=clock).tick()  # type: ignore[arg-type]  # what it uses of them
    assert digests.ticks == [clock()]
    assert digests.ended
