"""When the next message may leave, so that Slack need not refuse it.

https://docs.slack.dev/apis/web-api/rate-limits: one message a second for a channel, several hundred a minute in all.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

POSTS_PER_SECOND = 5.0
_CHANNEL_INTERVAL = 1.0
_REMEMBERED = 1_000


class Pacer:
    """Gives turns, first come, first served; a channel that is not ready keeps nobody else waiting.

    ``clock`` is monotonic, in seconds.
    """

    def __init__(
        self,
        *,
        per_second: float = POSTS_PER_SECOND,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._interval = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._next = 0.0
        self._paused_until = 0.0
        self._channels: dict[str, float] = {}

    async def turn(self, channel: str) -> None:
        """Return when a message may leave for the channel."""
        while (ready_at := max(self._channels.get(channel, 0.0), self._paused_until)) > self._clock():
            await self._sleep(ready_at - self._clock())
        now = self._clock()
        at = max(now, self._next)
        self._next = at + self._interval
        self._remember(channel, at + _CHANNEL_INTERVAL, now)
        if at > now:
            await self._sleep(at - now)
        while self._paused_until > self._clock():
            await self._sleep(self._paused_until - self._clock())

    def pause(self, seconds: float) -> None:
        """Let nothing leave for so long: Slack asked for it."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    def _remember(self, channel: str, ready_at: float, now: float) -> None:
        if len(self._channels) >= _REMEMBERED:
            self._channels = {one: at for one, at in self._channels.items() if at > now}
        self._channels[channel] = ready_at
