"""Commands to type next."""

from __future__ import annotations

from collections.abc import Sequence

from bot.formatting.lines import Line, Piece, code, line
from bot.formatting.text import clean

COMMAND = 300
"""How many characters of a command are shown."""


def did_you_mean(commands: Sequence[str]) -> Line:
    """ "Did you mean A or B?"; each is a whole command, or a key."""
    pieces: list[Piece | str] = ["Did you mean "]
    for place, command in enumerate(commands):
        pieces += [" or " if place else "", code(clean(command, COMMAND) or "–")]
    return line(*pieces, "?")
