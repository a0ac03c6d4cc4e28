"""Whether the machine's clock can be believed: a digest that was sent in the future would silence those before it."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

logger = logging.getLogger(__name__)

_TOLERATED = timedelta(minutes=5)


class ClockGuard:
    """A clock that ran on is believed; one that jumped, or that nobody has looked at yet, is compared first.

    ``ahead`` asks somebody else and tells how far their clock is ahead of ours; None where that cannot be told, and
    then ours is believed. ``monotonic`` gives seconds.
    """

    def __init__(
        self, ahead: Callable[[], Awaitable[timedelta | None]], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._ahead = ahead
        self._monotonic = monotonic
        self._believed: datetime | None = None
        self._at = 0.0

    async def believes(self, now: datetime) -> bool:
        """Whether it is about that time. Says so in the log where it is not."""
        at = self._monotonic()
        expected = None if self._believed is None else self._believed + timedelta(seconds=at - self._at)
        if expected is None or abs(now - expected) > _TOLERATED:
            ahead = await self._ahead()
            if ahead is not None and abs(ahead) > _TOLERATED:
                side = "behind" if ahead > timedelta() else "ahead of"
                logger.error("this machine's clock is %s %s LaunchDarkly's: no digest is sent", abs(ahead), side)
                return False
        self._believed, self._at = now, at
        return True
