"""Which known key did a person mean?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

_CLOSE_ENOUGH = 0.6
_CLOSE_SEGMENT = 0.75
_SHORTEST_SEGMENT = 3
_SEPARATORS = "-_./"
_SEGMENTS = re.compile(r"[-_./ ]+")


def nearest(typed: str, known: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """Up to ``most`` known words that look like the typed one, best first; case does not matter.

    Alike are also a word of which one part is nearly that (``biling``, ``billing-service``), and one that is shortened
    to some of its letters (``prd``, ``production``).
    """
    wanted = typed.lower()
    scored = [(-_likeness(wanted, word.lower()), word) for word in sorted(set(known))] if wanted else []
    return tuple(word for likeness, word in sorted(scored)[:most] if -likeness >= _CLOSE_ENOUGH)


def _likeness(wanted: str, word: str) -> float:
    """How much they look alike, 0 to 2; 1 and more where one begins with, or has as a part, the other."""
    whole = SequenceMatcher(None, wanted, word).ratio()
    parts = _SEGMENTS.split(word)
    if word.startswith(wanted) or wanted in parts:
        return 1 + whole
    if len(wanted) < _SHORTEST_SEGMENT:
        return whole
    part = max(SequenceMatcher(None, wanted, p).ratio() if len(p) >= _SHORTEST_SEGMENT else 0.0 for p in parts)
    # A part that is nearly the word counts a little less than a whole word that is.
    return max(whole, 0.95 * part if part >= _CLOSE_SEGMENT else 0.0, _CLOSE_ENOUGH if _shortens(wanted, word) else 0.0)


def _shortens(wanted: str, word: str) -> bool:
    """Whether the letters of one stand in the other in the same order, the first one first."""
    letters = iter(word)
    return wanted[0] == word[:1] and all(letter in letters for letter in wanted)


def only_match(typed: str, known: Iterable[str]) -> str | None:
    """The one known key that a person can mean: the same but for case, else the only one that starts so."""
    wanted = typed.lower()
    keys = sorted(set(known))
    if typed in keys:
        return typed
    for found in ([k for k in keys if k.lower() == wanted], [k for k in keys if k.lower().startswith(wanted)]):
        if len(found) == 1:
            return found[0]
        if found:
            return None
    return None


def called(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The keys of that name: those a ``*`` pattern fits, else the one spelt so, else all of its family.

    The family of ``checkout`` is ``checkout-web``, ``checkout-api`` …; where there is none, the only key that starts
    so is meant.
    """
    keys = tuple(sorted(set(known)))
    if "*" in name:
        return tuple(key for key in keys if like(key, name))
    plain = name.lower()
    same = tuple(key for key in keys if key.lower() == plain)
    if same:
        return (name,) if name in same else same
    family = tuple(key for key in keys if key.lower().startswith(tuple(plain + mark for mark in _SEPARATORS)))
    if family:
        return family
    key = only_match(name, keys)
    return (key,) if key else ()


def like(key: str, pattern: str) -> bool:
    """Whether a key is what the pattern names: ``*`` stands for anything, case does not matter."""
    return _compiled(pattern.lower()).fullmatch(key.lower()) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)
