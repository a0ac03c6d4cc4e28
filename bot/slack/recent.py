"""What was seen a moment ago: a second press of Enter, a repeated delivery."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

SAME_PRESS_SECONDS = 4.0
"""How long the same command of the same person counts as one: Enter pressed twice."""

SAME_CLICK_SECONDS = 1.0
"""How long the same click does: a double click, but not Next, Previous, Next."""

_MOST_KEPT = 10_000


class Recent:
    """Keys seen within the last ``seconds``, the newest ten thousand of them. ``clock`` gives monotonic seconds."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._seen: OrderedDict[Hashable, float] = OrderedDict()

    def is_new(self, key: Hashable) -> bool:
        """Whether the key was not seen lately; it is now."""
        now = self._clock()
        seen = self._seen.get(key)
        if seen is not None and now - seen < self._seconds:
            return False
        self._seen[key] = now
        self._seen.move_to_end(key)
        while len(self._seen) > _MOST_KEPT or now - next(iter(self._seen.values())) >= self._seconds:
            self._seen.popitem(last=False)
        return True
