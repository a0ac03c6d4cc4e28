"""How many requests may be under way at once: fewer while LaunchDarkly's budget runs low.

The account's other tokens (pipelines, Terraform) live on the same budget.
https://launchdarkly.com/docs/api#rate-limiting
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from types import TracebackType

_REMAINING = (
    "x-ratelimit-global-remaining",
    "x-ratelimit-route-remaining",
    "x-ratelimit-auth-token-remaining",
)
_SHARE = 4  # ask for at most a quarter of what is left at once


def capacity_after(full: int, now: int, status: int, headers: Mapping[str, str]) -> int:
    """The next capacity, between 1 and ``full``.

    A 429 leaves one at a time; low remainders a share of them; anything else lets it grow again by one.
    """
    if status == 429:
        return 1
    remainders = [int(text) for name in _REMAINING if (text := headers.get(name, "").strip()).isdecimal()]
    most = max(1, min([full, *(remainder // _SHARE for remainder in remainders)]))
    return most if most < now else min(now + 1, most)


class Limiter:
    """An asynchronous context manager that lets ``capacity`` callers in; the others wait in line."""

    def __init__(self, full: int) -> None:
        self._full = max(1, full)
        self.capacity = self._full
        self._busy = 0
        self._line: deque[asyncio.Future[None]] = deque()

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """Adapts to what a response told (header names in lower case)."""
        self.capacity = capacity_after(self._full, self.capacity, status, headers)
        self._call_in()

    async def __aenter__(self) -> None:
        if self._busy < self.capacity and not self._line:
            self._busy += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # called in and cancelled in one breath: give the place back
                self._leave()
            else:
                self._line.remove(turn)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        self._busy -= 1
        self._call_in()

    def _call_in(self) -> None:
        while self._line and self._busy < self.capacity:
            turn = self._line.popleft()
            if not turn.done():
                self._busy += 1
                turn.set_result(None)
