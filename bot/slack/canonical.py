"""One log line for each question: who asked where (ids), what kind of question, what it cost, how it ended.

No titles, names or typed words: a question can hold a person's name, and a log is read by others.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from dataclasses import fields
from types import TracebackType
from typing import Self

from bot.commands.questions import FindRelease, Question, ShowHelp, ShowShipped
from bot.domain.deployments import Completeness
from bot.domain.filters import Filters
from bot.domain.summary import Copy
from bot.slack.state import State

logger = logging.getLogger(__name__)

_NOT_FILTERS = frozenset({"window", "target", "filters"})


class CanonicalLine:
    """What is gathered inside its ``with`` block; written at the end of it, however that comes."""

    def __init__(self, how: str, user: str, channel: str) -> None:
        self._started = time.perf_counter()
        self._fields: dict[str, object] = {"how": how, "user": user, "channel": channel}

    def asked(self, question: Question, state: State) -> None:
        """The kind of question, and the names of its filters."""
        kind = {ShowHelp: "help", FindRelease: "release"}.get(type(question), "shipped")
        self._fields["question"] = kind
        if isinstance(question, FindRelease):
            self._fields["sought"] = question.target.kind.value
        if not isinstance(question, ShowHelp):
            self._fields["filters"] = ",".join(_given(question))
            if state.asked_at is not None:
                length = question.window.end_or(state.asked_at) - question.window.start
                self._fields["window_hours"] = round(length.total_seconds() / 3600, 1)
            self._fields["page"] = state.page

    def did(self, what: str) -> None:
        """What was done that is no question: "digest pause"."""
        self._fields["question"] = what

    def read(self, copy: Copy | None, deployments: int, completeness: Completeness) -> None:
        """What the reading gave; ``cache`` is "miss" where LaunchDarkly was asked."""
        cache = "miss" if copy is None else "stale" if copy.because else "hit"
        self._fields |= {"deployments": deployments, "cache": cache, "complete": completeness.is_complete}

    def ended(self, outcome: str, delivered: str = "") -> None:
        """How it ended. ``delivered`` is the road that the answer took, or why it took none."""
        self._fields |= {"outcome": outcome, "delivered": delivered}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.ended("cut off" if issubclass(kind, asyncio.CancelledError) else "failed")
        self._fields["ms"] = round((time.perf_counter() - self._started) * 1000)
        logger.info("question", extra={"fields": self._fields})


def _given(question: ShowShipped | FindRelease | Filters) -> Iterator[str]:
    """The names of what narrows the question."""
    yield from (f.name for f in fields(question) if f.name not in _NOT_FILTERS and getattr(question, f.name))
    if isinstance(question, ShowShipped):
        yield from _given(question.filters)
