"""What was seen a moment ago: a second press of Enter, a repeated delivery."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from math import inf

SAME_PRESS_SECONDS = 4.0
"""How long the same command of the same person counts as one: Enter pressed twice."""

SAME_CLICK_SECONDS = 1.0
"""How long the same click does: a double click."""

_MOST_KEPT = 10_000


class Recent:
    """The last thing of each source within the last ``seconds``; of ten thousand sources, the newest.

    A source is who did it where. What it did before its last thing is forgotten: pause, resume, pause are three.
    ``clock`` gives monotonic seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._last: OrderedDict[Hashable, tuple[float, Hashable]] = OrderedDict()

    def is_new(self, source: Hashable, thing: Hashable = None) -> bool:
        """Whether this is not what the source did last, a moment ago; it is now."""
        now = self._clock()
        at, last = self._last.get(source, (-inf, None))
        if now - at < self._seconds and last == thing:
            return False
        self._last[source] = (now, thing)
        self._last.move_to_end(source)
        while len(self._last) > _MOST_KEPT or now - next(iter(self._last.values()))[0] >= self._seconds:
            self._last.popitem(last=False)
        return True
