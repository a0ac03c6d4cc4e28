"""Small words that turn round what follows, as a dash does: "not by:jane", "except for @jane and @sam", "- by:jane"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.commands.fillers import NEGATIONS, is_filler
from bot.commands.words import Word

_PERSON_KEYS = frozenset({"by", "author"})
_JOINING = frozenset({"and", "or", "nor"})


def turned_round(words: Sequence[Word]) -> list[Word]:
    """The words, "not by:jane", "except for @jane" and "- by:jane" each made one, as "-by:jane" is.

    What "not" stands before is turned round whatever it is: to pass over a "not" would answer the opposite.
    """
    turned: list[Word] = []
    at = 0
    while at < len(words):
        last = at
        while last < len(words) - 1 and (_negates(words, last) or (last > at and _is_small(words[last]))):
            last += 1
        if last == at:
            turned.append(words[at])
            at += 1
            continue
        source = " ".join(word.source for word in words[at : last + 1])
        turned.append(replace(words[last], source=source, dash="-"))
        others = _further_people(words, last)
        turned += [replace(other, source=f"-{other.source}", dash="-") for other in others]
        at = words.index(others[-1]) + 1 if others else last + 1
    return turned


def _further_people(words: Sequence[Word], first: int) -> list[Word]:
    """Those whom "without @jane, @sam and by:otto" names beside the first."""
    people: list[Word] = []
    at = first + 1
    while at < len(words) and _names_person(words[first]):
        joined = _is_bare(words[at]) and words[at].text.lower() in _JOINING and at < len(words) - 1
        person = words[at + joined]
        if not _names_person(person) or person.dash or (person.key and not joined):
            break
        people.append(person)
        at += joined + 1
    return people


def _negates(words: Sequence[Word], at: int) -> bool:
    if words[at].source == "-":  # before a bare word it separates: "billing - checkout"
        following = words[at + 1]
        return bool(following.key) or following.text.lower() in _PERSON_KEYS or _names_person(following)
    return _is_bare(words[at]) and words[at].text.lower() in NEGATIONS


def _names_person(word: Word) -> bool:
    return word.key in _PERSON_KEYS or (not word.key and word.text.startswith(("@", "<@")))


def _is_small(word: Word) -> bool:
    return _is_bare(word) and is_filler(word.text) and word.text.lower() not in _PERSON_KEYS


def _is_bare(word: Word) -> bool:
    return not (word.key or word.quoted or word.dash)
