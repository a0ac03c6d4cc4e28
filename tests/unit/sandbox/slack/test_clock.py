"""The workspace's clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.slack import ShiftedClock


def test_a_clock_that_is_moved_runs_on_from_there():
    clock = ShiftedClock()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    ahead = clock.now() + timedelta(days=3)
    clock.move_to(ahead)
    first = clock.now()
    assert timedelta(0) <= first - ahead < timedelta(seconds=5)
    assert clock.now() >= first


def test_it_does_not_go_back():
    clock = ShiftedClock()
    with pytest.raises(ValueError, match="does not go back"):
        clock.move_to(clock.now() - timedelta(seconds=1))
