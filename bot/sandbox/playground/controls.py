"""Time and trouble as data: what can be pressed and switched beside the conversation, and what it says of itself.

The page shows what it is given. So whoever composes the playground adds what the bot at hand can do, and nothing is
shown that is not there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Button:
    """Something that happens once. ``press`` returns a sentence on what has happened; ``note`` says how things are."""

    kind: ClassVar[str] = "button"
    key: str
    group: str
    label: str
    hint: str
    press: Callable[[], Awaitable[str]]
    note: Callable[[], str] = str

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "key": self.key,
            "group": self.group,
            "label": self.label,
            "hint": self.hint,
            "note": self.note(),
        }


@dataclass(frozen=True, slots=True)
class Option:
    """One of several ways to be. ``hint`` says what that means in practice."""

    value: str
    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A switch with several positions. ``choose`` is called with an option's value, ``current`` gives one."""

    kind: ClassVar[str] = "choice"
    key: str
    group: str
    label: str
    options: Sequence[Option]
    current: Callable[[], str]
    choose: Callable[[str], None]

    def as_json(self) -> dict[str, Any]:
        options = [{"value": o.value, "label": o.label, "hint": o.hint} for o in self.options]
        return {
            "kind": self.kind,
            "key": self.key,
            "group": self.group,
            "label": self.label,
            "options": options,
            "current": self.current(),
        }


Control = Button | Choice


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that a person may want to look at, such as those of a ledger; asked for whenever something has changed."""

    key: str
    title: str
    columns: Sequence[str]
    rows: Callable[[], Sequence[Sequence[str]]]

    def as_json(self) -> dict[str, Any]:
        return {"title": self.title, "columns": [*self.columns], "rows": [[*row] for row in self.rows()]}
