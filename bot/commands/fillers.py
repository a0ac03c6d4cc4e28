"""The small words of a whole sentence: "what shipped to staging?", "did #406 ship?"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

_Item = TypeVar("_Item")

WHERE = frozenset({"where", "when"})
"""They ask where something is: a question for ``/release``."""

WHETHER = frozenset({"did", "has", "have", "is", "was"})
"""They ask the same, where it is clear what is looked for."""

FILLERS = (
    WHERE
    | WHETHER
    | {"what", "which", "please", "the", "to", "in", "out", "yet", "now"}
    | {"reach", "reached", "ship", "ships", "shipped", "deployed", "released"}
)
"""All of them; where an application is called so, it is meant all the same."""


def is_filler(word: str) -> bool:
    return word.lower() in FILLERS


def without_fillers(items: Sequence[_Item], word: Callable[[_Item], str]) -> list[_Item]:
    """The items without the small words before the first and after the last other one.

    Those between stay: in "move to postgres" the "to" is part of what was meant.
    """
    others = [place for place, item in enumerate(items) if not is_filler(word(item))]
    return list(items[others[0] : others[-1] + 1]) if others else []
