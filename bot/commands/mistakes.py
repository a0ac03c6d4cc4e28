"""A mistake in what was typed, and the correction that becomes the example of its ``CommandError``."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands.words import Word

_QUOTED_AT_MOST = 60


class Mistake(Exception):
    """What is wrong, told before it is known which whole command would be right.

    ``at`` are the words at fault and ``instead`` what to type in their place; "" leaves them out. ``command`` is set
    where the same words would have been right after another command.
    """

    def __init__(self, message: str, at: Sequence[Word] = (), instead: str = "", command: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.at = tuple(at)
        self.instead = instead
        self.command = command

    def corrected(self, words: Sequence[Word]) -> str:
        """The words with the correction in place of the wrong ones."""
        kept = [word.source for word in words if not self._blames(word)]
        first = next((place for place, word in enumerate(words) if self._blames(word)), len(kept))
        return " ".join([*kept[:first], *filter(None, [self.instead]), *kept[first:]])

    def _blames(self, word: Word) -> bool:
        return any(word is wrong for wrong in self.at)


def said(text: str) -> str:
    """What was typed, quoted for a message and shortened where it is long."""
    return f"“{text if len(text) <= _QUOTED_AT_MOST else text[: _QUOTED_AT_MOST - 1] + '…'}”"
