"""How often an app may call: https://docs.slack.dev/apis/web-api/rate-limits.

Slack publishes figures per minute and "one message a second and channel, bursts allowed"; the bursts' sizes are its
secret, those here are chosen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime


class Bucket:
    """Holds ``most`` permissions and regains ``per_second`` of them each second."""

    def __init__(self, most: float, per_second: float, now: datetime) -> None:
        self._most, self._per_second = most, per_second
        self._left, self._at = most, now

    def wait(self, now: datetime) -> float:
        """Seconds until there is a permission: 0 when there is one."""
        self._left = min(self._most, self._left + (now - self._at).total_seconds() * self._per_second)
        self._at = now
        return max(0.0, (1 - self._left) / self._per_second)

    def take(self) -> None:
        self._left -= 1


class RateLimits:
    """``burst``: messages at once to one channel. ``posts_per_minute``: to the whole workspace."""

    def __init__(self, now: Callable[[], datetime], *, burst: int = 5, posts_per_minute: int = 300) -> None:
        self.enabled = True
        self.burst = burst
        self.posts_per_minute = posts_per_minute
        self._now = now
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def retry_after(self, method: str, per_minute: int | None, channel: str = "") -> int:
        """Whole seconds to wait before this call; 0 counts it as made. ``per_minute`` of None: not limited."""
        if not self.enabled or per_minute is None:
            return 0
        now = self._now()
        if method == "chat.postMessage":
            pace = self.posts_per_minute
            limits = [((method, channel), self.burst, 1.0), ((method, ""), pace / 10, pace / 60)]
        else:
            limits = [((method, ""), per_minute, per_minute / 60)]
        buckets = [self._buckets.setdefault(key, Bucket(most, rate, now)) for key, most, rate in limits]
        longest = max(bucket.wait(now) for bucket in buckets)
        if longest > 0:
            return math.ceil(longest)
        for bucket in buckets:
            bucket.take()
        return 0
