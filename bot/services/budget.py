"""How long all reads of one question may take together.

The deadline travels with the task that answers, as that of ``asyncio.timeout`` does: the services between a question
and its reads have nothing to say about it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

_deadline: ContextVar[float] = ContextVar("deadline", default=math.inf)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is read inside has these seconds in all. A read that several share has what its first asker had left."""
    token = _deadline.set(monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def left(most: float) -> float:
    """The seconds for a read that begins now, of ``most``: 0 where none are left."""
    return max(0.0, min(most, _deadline.get() - monotonic()))
