from __future__ import annotations

import asyncio
import gc
import logging
import weakref

import pytest

from bot.slack import tasks as tasks_module
from bot.slack.tasks import Tasks


@pytest.fixture(autouse=True)
def _short_farewell(monkeypatch):
    monkeypatch.setattr(tasks_module, "FAREWELL_SECONDS", 0.05)


class Work:
    """Work that waits until it is let go, and remembers how it ended."""

    def __init__(self) -> None:
        self.started, self.go = asyncio.Event(), asyncio.Event()
        self.ended = ""

    async def __call__(self) -> None:
        self.started.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise
        self.ended = "finished"


async def test_it_runs_what_it_takes_and_forgets_it_when_it_ends():
    tasks, work = Tasks(), Work()
    assert tasks.start(work())
    await work.started.wait()
    assert len(tasks) == 1
    work.go.set()
    assert await tasks.drain(1) == 0
    assert (work.ended, len(tasks)) == ("finished", 0)


async def test_work_that_nothing_else_refers_to_survives_the_garbage_collector():
    tasks = Tasks()
    ended: list[str] = []

    async def wait_for_nobody() -> None:
        event = asyncio.Event()
        waiting.append(weakref.ref(event))
        await event.wait()
        ended.append("finished")

    waiting: list[weakref.ref[asyncio.Event]] = []
    tasks.start(wait_for_nobody())
    await asyncio.sleep(0)
    gc.collect()
    event = waiting[0]()
    assert event is not None
    event.set()
    await tasks.drain(1)
    assert ended == ["finished"]


async def test_more_than_the_limit_is_refused_and_its_coroutine_closed():
    tasks, work = Tasks(limit=1), Work()
    assert tasks.start(work())
    assert not tasks.start(Work()())  # left open, it would warn that it was never awaited, which fails the test
    work.go.set()
    await tasks.drain(1)


async def test_while_draining_nothing_new_is_taken():
    tasks, work = Tasks(), Work()
    tasks.start(work())
    draining = asyncio.create_task(tasks.drain(1))
    await work.started.wait()
    assert tasks.draining
    assert not tasks.start(Work()())
    work.go.set()
    assert await draining == 0


async def test_what_is_left_is_cancelled_first_and_then_told():
    tasks, work, story = Tasks(), Work(), []

    async def tell() -> None:
        story.append(f"told when it was {work.ended}")

    tasks.start(work(), on_cut_off=tell)
    await work.started.wait()
    assert await tasks.drain(0) == 1
    assert story == ["told when it was cancelled"]


async def test_who_got_an_answer_is_not_told_that_there_is_none():
    tasks, told = Tasks(), []

    async def answer_although_cancelled() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return

    async def tell() -> None:
        told.append("cut off")

    tasks.start(answer_although_cancelled(), on_cut_off=tell)
    await asyncio.sleep(0)
    assert await tasks.drain(0) == 0
    assert told == []


async def test_telling_that_fails_or_hangs_does_not_hold_the_end_up(caplog):
    tasks, told = Tasks(), []

    async def fail() -> None:
        raise ConnectionError("https://hooks.slack.com/secret")

    async def hang() -> None:
        await asyncio.Event().wait()

    async def tell() -> None:
        told.append("cut off")

    for on_cut_off in (fail, hang, tell, None):
        work = Work()
        tasks.start(work(), on_cut_off=on_cut_off)
        await work.started.wait()
    assert await tasks.drain(0) == 4
    assert told == ["cut off"]
    assert "ConnectionError" in caplog.text
    assert "hooks.slack.com" not in caplog.text


async def test_work_that_will_not_be_cancelled_does_not_hold_the_end_up_either():
    tasks, go = Tasks(), asyncio.Event()

    async def stubborn() -> None:
        while not go.is_set():
            try:
                await go.wait()
            except asyncio.CancelledError:
                continue

    tasks.start(stubborn())
    await asyncio.sleep(0)
    assert await tasks.drain(0) == 1
    go.set()
    await asyncio.sleep(0)


async def test_what_the_work_raises_is_logged(caplog):
    tasks = Tasks()

    async def fail() -> None:
        raise RuntimeError("no such luck")

    with caplog.at_level(logging.ERROR):
        tasks.start(fail())
        await tasks.drain(1)
    assert "no such luck" in caplog.text
