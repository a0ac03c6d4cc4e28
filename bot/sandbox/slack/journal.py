"""What went over the wire, both ways, without a secret: for tests, and for a person who wants to see it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what became of it.

    ``sender``: ``app`` for calls of the Web API and of a response_url, ``slack`` for what was delivered to the app.
    ``name``: the method, ``response_url``, or the type of the delivery. ``outcome``: ``ok`` or the error's code.
    """

    at: datetime
    sender: Literal["app", "slack"]
    name: str
    body: Mapping[str, Any]
    outcome: str
    status: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "sender": self.sender,
            "name": self.name,
            "body": dict(self.body),
            "outcome": self.outcome,
            "status": self.status,
        }


class Journal:
    """The latest exchanges, oldest first; bounded, because a demo may run for days. ``noted`` counts them all."""

    def __init__(self, now: Callable[[], datetime], changed: Callable[[], None], keep: int = 10_000) -> None:
        self._now = now
        self._changed = changed
        self.exchanges: deque[Exchange] = deque(maxlen=keep)
        self.noted = 0

    def note(
        self,
        sender: Literal["app", "slack"],
        name: str,
        body: Mapping[str, Any],
        outcome: str,
        status: int | None = None,
        at: datetime | None = None,
    ) -> None:
        """``at``: when it began, where that is not now."""
        self.exchanges.append(Exchange(at or self._now(), sender, name, without_tokens(body), outcome, status))
        self.noted += 1
        self._changed()

    def calls(self, name: str) -> list[Exchange]:
        """What the app asked of one method (or of ``response_url``), refused calls included."""
        return [e for e in self.exchanges if e.sender == "app" and e.name == name]

    def deliveries(self, name: str | None = None) -> list[Exchange]:
        """What was delivered to the app: ``slash_commands``, ``interactive``, ``events_api``, or all of them."""
        return [e for e in self.exchanges if e.sender == "slack" and name in (None, e.name)]


def without_tokens(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: without_tokens(item) for key, item in value.items() if key != "token"}
    if isinstance(value, (list, tuple)):
        return [without_tokens(item) for item in value]
    return value
