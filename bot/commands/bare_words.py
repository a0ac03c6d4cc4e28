"""What a bare word of ``/shipped`` can be: an application, an environment, a status, a word of a title, a misspelling.

The parser cannot tell, for it knows no names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import islice, product

from bot.commands.dates import meant
from bot.commands.fillers import is_filler
from bot.commands.moments import today
from bot.commands.questions import Asker, FindRelease, ShowShipped, Target, TargetKind
from bot.commands.release import VERSION
from bot.commands.retyped import in_window, retyped
from bot.domain.spelling import nearest

STATUSES = ("failed", "finished", "running")
"""The bare words that are statuses."""

_DAYS = ("today", "yesterday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS = tuple(f"{which} {unit}" for unit in ("week", "month", "year") for which in ("this", "last"))
_GUESSES = 3

Correction = Callable[[ShowShipped], ShowShipped]


@dataclass(frozen=True, slots=True)
class BareWords:
    """The bare words sorted; ``words`` are those that are looked for in titles."""

    applications: tuple[str, ...]
    environment: str | None
    status: str | None
    words: tuple[str, ...]


def sort_bare_words(
    question: ShowShipped, called: Mapping[str, tuple[str, ...]], environments: Sequence[str]
) -> BareWords:
    """``called`` has, for every bare word, the applications that it names; these come before all other readings."""
    environment, status = question.environment, question.filters.status
    others = []
    for name in (name for name in question.names if not called[name]):
        key = next((key for key in environments if key.lower() == name.lower()), None)
        if key is not None and environment is None:
            environment = key
        elif name.lower() in STATUSES and status is None:
            status = name.lower()
        elif not is_filler(name):
            others.append(name)
    applications = tuple(key for name in question.names for key in called[name])
    return BareWords(applications, environment, status, tuple(others))


def guesses(
    question: ShowShipped,
    words: Sequence[str],
    applications: Sequence[str],
    environments: Sequence[str],
    asker: Asker,
) -> tuple[str, ...]:
    """Commands that ask the same with ``words`` (of its bare ones) read as names that they nearly are, best first."""
    if len(words) == 1 and VERSION.fullmatch(words[0]) and not meant(words[0], today(asker)):
        window = replace(question.window, typed="")
        target = Target(TargetKind.ANYTHING, words[0])
        release = FindRelease(target, window, question.project, question.environment, public=question.public)
        return tuple(filter(None, [retyped(release, asker)]))
    choices = list(_choices(question, list(words), applications, environments, today(asker)))
    commands = []
    for corrections in islice(product(*choices), _GUESSES):
        corrected = question
        for correct in corrections:
            corrected = correct(corrected)
        kept = tuple(name for name in corrected.names if not is_filler(name))
        commands.append(retyped(replace(corrected, names=kept), asker))
    return tuple(dict.fromkeys(filter(None, commands))) if choices else ()


def _choices(
    question: ShowShipped, words: list[str], applications: Sequence[str], environments: Sequence[str], day: date
) -> Iterator[list[Correction]]:
    """For each misspelt word, or run of words, what it can have been."""
    while words:
        length, windows = (0, []) if question.window.typed else _windows(words, day)
        if windows:
            yield [partial(_as_window, words=words[:length], window=window) for window in windows]
            words = words[length:]
            continue
        word, *words = words
        known: dict[str, Correction] = {key: partial(_as_application, word=word, key=key) for key in applications}
        if question.filters.status is None:
            known |= {key: partial(_as_status, word=word, status=key) for key in STATUSES}
        if question.environment is None:
            known |= {key: partial(_as_environment, word=word, key=key) for key in environments}
        if not question.window.typed:
            known |= {day: partial(_as_window, words=[word], window=day) for day in _DAYS}
        if near := nearest(word, known, most=_GUESSES):
            yield [known[key] for key in near]


def _windows(words: Sequence[str], day: date) -> tuple[int, list[str]]:
    """How many of the first words nearly are a window, and which ones they can be."""
    for length in range(min(3, len(words)), 0, -1):
        text = " ".join(words[:length])
        if readings := meant(text, day):
            return length, [one.window for one in readings]
        if length == 2 and (near := nearest(text, _PERIODS, most=1)) and text[0].lower() == near[0][0]:
            return length, list(near)
    return 0, []


def _as_window(question: ShowShipped, *, words: Sequence[str], window: str) -> ShowShipped:
    return in_window(_without(question, words), window)


def _as_application(question: ShowShipped, *, word: str, key: str) -> ShowShipped:
    return replace(question, names=tuple(key if name == word else name for name in question.names))


def _as_environment(question: ShowShipped, *, word: str, key: str) -> ShowShipped:
    return replace(_without(question, [word]), environment=key)


def _as_status(question: ShowShipped, *, word: str, status: str) -> ShowShipped:
    without = _without(question, [word])
    return replace(without, filters=replace(without.filters, status=status))


def _without(question: ShowShipped, words: Sequence[str]) -> ShowShipped:
    return replace(question, names=tuple(name for name in question.names if name not in words))
