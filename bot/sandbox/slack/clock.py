"""What time it is in the workspace, and waiting in it: real, or moved by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when that much of this clock's time has passed."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ShiftedClock:
    """Runs on as the machine's clock does, from ``start`` (aware; else the present) and from wherever it is moved."""

    def __init__(self, start: datetime | None = None) -> None:
        self._ahead = start - datetime.now(UTC) if start else timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def move_to(self, moment: datetime) -> None:
        """It is that moment (aware) now; raises ``ValueError`` where that is past."""
        if (skipped := moment - self.now()) < timedelta(0):
            raise ValueError("this clock does not go back")
        self._ahead += skipped


class ManualClock:
    """Stands still until ``advance`` is called: hours pass in a test without waiting for them.

    The other side of that: what is never acknowledged times out only when the clock is moved on.
    """

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now or datetime.now(UTC)
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []
        self._somebody_sleeps = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        woken = asyncio.get_running_loop().create_future()
        sleeper = (self._now + timedelta(seconds=seconds), woken)
        self._sleepers.append(sleeper)
        self._somebody_sleeps.set()
        try:
            await woken
        finally:
            self._sleepers.remove(sleeper)
            if not self._sleepers:
                self._somebody_sleeps.clear()

    async def until_asleep(self) -> None:
        """Return as soon as somebody waits for this clock: the moment to ``advance`` it."""
        await self._somebody_sleeps.wait()

    def advance(self, seconds: float) -> None:
        """Move on by that many seconds and wake everybody whose time has come, in the order of their times."""
        self._now += timedelta(seconds=seconds)
        for when, woken in sorted(self._sleepers, key=lambda sleeper: sleeper[0]):
            if when <= self._now and not woken.done():
                woken.set_result(None)
