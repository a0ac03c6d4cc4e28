"""Which known key did a person mean?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

_CLOSE_ENOUGH = 0.6
_SEPARATORS = "-_./"


def nearest(typed: str, known: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """Up to ``most`` known words that look like the typed one, best first; case does not matter."""
    wanted = typed.lower()
    scored = []
    for word in sorted(set(known)):
        plain = word.lower()
        score = SequenceMatcher(None, wanted, plain).ratio()
        if wanted and (plain.startswith(wanted) or wanted in plain.replace("_", "-").split("-")):
            score += 1
        if score >= _CLOSE_ENOUGH:
            scored.append((-score, word))
    return tuple(word for _, word in sorted(scored)[:most])


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
