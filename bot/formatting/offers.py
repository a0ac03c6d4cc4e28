"""Commands to type next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.formatting.lines import Line, Piece, code, line
from bot.formatting.text import clean

COMMAND = 300
"""How many characters of a command are shown."""


def did_you_mean(commands: Sequence[str]) -> Line:
    """ "Did you mean A or B?"; each is a whole command, or a key."""
    return line("Did you mean ", *either(commands), "?")


def either(typed: Sequence[str]) -> Iterator[Piece | str]:
    """ "A or B": what can be typed, as code."""
    for place, one in enumerate(typed):
        yield " or " if place else ""
        yield code(clean(one, COMMAND) or "–")
