"""Words, numbers, and strangers' text made fit to be read: one line, no hidden controls, cut where a reader would."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

ELLIPSIS = "…"

_SPACES = re.compile(r"\s+")
# Cc controls, Cf format characters, Cs lone surrogates. Among Cf are the marks that turn text right-to-left, zero-width
# spaces and invisible tags; the joiner of emoji sequences alone is kept.
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
_JOINER = "\u200d"
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_REGIONAL_INDICATORS = range(0x1F1E6, 0x1F200)
_LONGEST_GRAPHEME = 16


def clean(text: str, most: int) -> str:
    """One line of at most ``most`` characters, without control, format and right-to-left characters."""
    head = text[: 8 * most + 64]  # beyond this nothing can be shown; a title of 10 kB costs no more than a long one
    one_line = _SPACES.sub(" ", head)
    seen = "".join(c for c in one_line if c == _JOINER or unicodedata.category(c) not in _UNSEEN)
    return truncate(seen.strip(), most, longer=len(head) < len(text))


def truncate(text: str, most: int, *, longer: bool = False) -> str:
    """The text, or its beginning and "…", in at most ``most`` characters; no visible character is cut in two.

    ``longer`` says that the text has been cut already.
    """
    if len(text) <= most and not longer:
        return text
    cut = min(len(text), most - len(ELLIPSIS))
    for place in range(cut, max(cut - _LONGEST_GRAPHEME, 0), -1):
        if _is_boundary(text, place):
            cut = place
            break
    return text[:cut].rstrip() + ELLIPSIS


def _is_boundary(text: str, place: int) -> bool:
    """Whether no combining sequence, emoji sequence or flag spans the place: Unicode's rules, as far as they show."""
    if place >= len(text):
        return True
    before, after = text[place - 1], text[place]
    code = ord(after)
    if unicodedata.category(after).startswith("M") or code in _VARIATION_SELECTORS or code in _SKIN_TONES:
        return False
    if _JOINER in (before, after):
        return False
    if code in _REGIONAL_INDICATORS:
        run = 0
        while run < place and ord(text[place - 1 - run]) in _REGIONAL_INDICATORS:
            run += 1
        return run % 2 == 0
    return True


def number(count: int) -> str:
    """``12,345``."""
    return f"{count:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """``1 deployment``, ``12 deployments``; ``many`` where it is not ``one`` and an "s"."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def listed(names: Sequence[str], most: int) -> str:
    """``a, b and 3 more``: at most ``most`` of the names, the rest counted."""
    shown = ", ".join(names[:most])
    return f"{shown} and {number(len(names) - most)} more" if len(names) > most else shown


def sentence(text: str) -> str:
    """The text with an end to it."""
    return text if text.endswith((".", "!", "?", ELLIPSIS)) else f"{text}."
