from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.services.clock_guard import ClockGuard
from tests.builders import NOW

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass
class Elsewhere:
    """Another's clock, as far ahead of ours as a test says, and how often it was asked."""

    ahead: timedelta | None = timedelta()
    asked: int = 0
    seconds: float = field(default=100.0)

    async def __call__(self) -> timedelta | None:
        self.asked += 1
        return self.ahead

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def elsewhere():
    return Elsewhere()


@pytest.fixture
def guard(elsewhere):
    return ClockGuard(elsewhere, monotonic=elsewhere.monotonic)


async def test_a_clock_that_runs_on_is_compared_once(guard, elsewhere):
    assert await guard.believes(NOW)
    elsewhere.seconds += 60
    assert await guard.believes(NOW + MINUTE)
    elsewhere.seconds += 60
    assert await guard.believes(NOW + 3 * MINUTE)  # set right by a minute
    assert elsewhere.asked == 1


@pytest.mark.parametrize("jump", [9 * DAY, -9 * DAY])
async def test_a_clock_that_jumped_is_not_believed_against_another_until_it_is_right(guard, elsewhere, jump, caplog):
    assert await guard.believes(NOW)
    elsewhere.ahead = -jump
    for _ in range(2):
        elsewhere.seconds += 60
        assert not await guard.believes(NOW + jump)
    assert "9 days, 0:00:00" in caplog.text
    elsewhere.ahead = timedelta(seconds=1)
    elsewhere.seconds += 60
    assert await guard.believes(NOW + 3 * MINUTE)


async def test_a_machine_that_slept_is_believed_where_the_other_agrees(guard, elsewhere):
    assert await guard.believes(NOW)
    assert await guard.believes(NOW + DAY)  # the monotonic clock stood still
    assert elsewhere.asked == 2


async def test_where_nobody_can_be_asked_the_clock_is_believed(guard, elsewhere):
    elsewhere.ahead = None
    assert await guard.believes(NOW)
    assert await guard.believes(NOW + 9 * DAY)
