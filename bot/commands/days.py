"""Days of the week and a time of the day, in words: "weekdays at 9:30", "mon,thu 9am", "every day at noon"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from bot.commands.mistakes import Mistake, said
from bot.commands.words import Word
from bot.domain.schedule import EVERY_DAY, WEEKDAYS, WEEKEND, Weekday
from bot.domain.spelling import nearest

_DAY = (
    r"(?:mon(?:days?)?|tue(?:s|sdays?)?|wed(?:s|nesdays?)?|thu(?:rs?|rsdays?)?"
    r"|fri(?:days?)?|sat(?:urdays?)?|sun(?:days?)?)"
)
_RANGE = re.compile(rf"({_DAY})(?:-|–|\.\.)({_DAY})")
_ONE_DAY = re.compile(_DAY)
_GROUPS = {
    **dict.fromkeys(("daily", "everyday", "day", "days"), EVERY_DAY),
    **dict.fromkeys(("weekday", "weekdays", "workday", "workdays"), WEEKDAYS),
    **dict.fromkeys(("weekend", "weekends"), WEEKEND),
}
_BETWEEN_DAYS = frozenset({"to", "through", "until", "-", "–"})
_FILLERS = frozenset({"every", "each", "all", "on", "at", "and", "&", "weekly", "@"})
_RARER = frozenset({"hourly", "monthly", "yearly", "fortnightly", "biweekly", "quarterly"})
_ORDINALS = frozenset({"first", "1st", "second", "2nd", "third", "3rd", "fourth", "4th", "last", "other"})
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(?::00)?\s*(?:([ap])\.?(?:m\.?)?)?|(\d{2})(\d{2})")
_NAMED_TIMES = {"noon": time(12), "midday": time(12), "midnight": time(0)}
_SHORT = re.compile(r"[a-z]{1,2}")
_ORDER = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class Timetable:
    """The days and the local time that were said, and the place of their words: ``words[start:stop]``.

    What changes a schedule may say one of the two alone: then there are no ``days``, or ``at`` is None.
    """

    days: frozenset[Weekday]
    at: time | None
    start: int
    stop: int


def find_timetable(words: Sequence[Word]) -> Timetable | None:
    """The first run of words that says days and a time, in either order.

    Raises ``Mistake`` for two different times, and for weeks or months that are counted.
    """
    for start in range(len(words)):
        run = _Run(words, start)
        if run.days and run.at is not None:
            if start and _plain(words[start - 1]) in _RARER | _ORDINALS:
                raise _too_rare(words[start - 1])
            return Timetable(frozenset(run.days), run.at, start, run.stop)
    return None


def find_new_times(words: Sequence[Word]) -> Timetable | None:
    """The same for what changes a schedule, where days or a time alone will do.

    Raises ``Mistake`` for what nearly says them, too.
    """
    if whole := find_timetable(words):
        return whole
    if mistake := _nearly(words):
        raise mistake
    return _half(words)


def timetable_is_missing(words: Sequence[Word]) -> Mistake:
    """What to say to words without days or without a time."""
    if mistake := _nearly(words):
        return mistake
    if half := _half(words):
        taken = words[half.start : half.stop]
        source = " ".join(word.source for word in taken)
        if half.days:
            return Mistake("At what time?", taken, f"{source} 09:30")
        return Mistake("On which days?", taken, f"weekdays {source}")
    return Mistake(
        "Say on which days and at what time, as in weekdays 09:30, daily 18:00 or mon,thu 9am.",
        words[:0],
        "weekdays 09:30",
    )


def _half(words: Sequence[Word]) -> Timetable | None:
    """The first words that say days, or a time that is not a mere number."""
    for start in range(len(words)):
        run = _Run(words, start)
        if run.days or (run.at is not None and not all(word.text.isdecimal() for word in words[start : run.stop])):
            return Timetable(frozenset(run.days), run.at, start, run.stop)
    return None


def _nearly(words: Sequence[Word]) -> Mistake | None:
    """What to say to words that nearly say days or a time, if there are any."""
    for start, word in enumerate(words):
        run = _Run(words, start)
        following = words[run.stop] if run.stop < len(words) else None
        if run.days and following and not following.key and re.match(r"\d", following.text):
            return Mistake(f"There is no {said(following.text)} on the clock.", [following], "09:30")
        if run.days and following and (unknown := _unknown_day(following)):
            return unknown
        if run.days:
            continue
        if run.at is not None and (short := _short_before(words, start)):
            return _unknown_days(short)
        if (text := _plain(word)) == "weekly":
            return Mistake("On which day of the week?", [word], "weekly mon")
        if text in _RARER:
            return _too_rare(word)
        if unknown := _unknown_day(word):
            return unknown
    return None


def _too_rare(word: Word) -> Mistake:
    instead = "" if _plain(word) in _ORDINALS else "daily"
    return Mistake(
        f"A digest comes every week, on days of it and at one time of the day; {said(word.text)} is not among that.",
        [word],
        instead,
    )


def _unknown_day(word: Word) -> Mistake | None:
    """What to say to a word that looks like a day's name, if it does."""
    text = _plain(word)
    if len(text) <= 2 or text in _FILLERS:
        return None
    near = nearest(text, [*_GROUPS, *(day.name.lower() for day in Weekday)], most=1)
    return (
        Mistake(f"I do not know the day {said(word.text)}. Did you mean {near[0]}?", [word], near[0]) if near else None
    )


def _short_before(words: Sequence[Word], stop: int) -> Sequence[Word]:
    """The words of one or two letters before a time, which can only be days."""
    start = stop
    while start and _SHORT.fullmatch(text := _plain(words[start - 1])) and text not in _FILLERS | _BETWEEN_DAYS:
        start -= 1
    return words[start:stop]


def _unknown_days(short: Sequence[Word]) -> Mistake:
    meant = [[day.short.lower() for day in Weekday if day.name.lower().startswith(_plain(word))] for word in short]
    known = " ".join(days[0] for days in meant) if all(len(days) == 1 for days in meant) else "weekdays"
    told = " and ".join(said(word.text) for word in short)
    return Mistake(
        f"I do not know the {'day' if len(short) == 1 else 'days'} {told}; type them as in mon,thu.", short, known
    )


class _Run:
    """The days and the time in the words from a place on, as far as they reach."""

    def __init__(self, words: Sequence[Word], start: int) -> None:
        self._words = words
        self.days: set[Weekday] = set()
        self.at: time | None = None
        self.stop = start
        self._whole = 0  # the place after the first days and time
        at = start
        while (after := self._take(at)) > at:
            at = after

    def _take(self, place: int) -> int:
        """Take what begins at this place; the place after it, or the same where nothing does."""
        text = self._text(place)
        if text in _FILLERS:
            return place + 1  # counted only when something follows
        if days := _GROUPS.get(text):
            self.days |= days
            return self._taken(place + 1)
        if ends := _RANGE.fullmatch(text):
            self.days |= _days_between(ends[1], ends[2])
            return self._taken(place + 1)
        if _ONE_DAY.fullmatch(text):
            if self._text(place + 1) in _BETWEEN_DAYS and _ONE_DAY.fullmatch(self._text(place + 2)):
                self.days |= _days_between(text, self._text(place + 2))
                return self._taken(place + 3)
            self.days.add(_weekday(text))
            return self._taken(place + 1)
        return self._take_time(place, text)

    def _take_time(self, place: int, text: str) -> int:
        for length in (2, 1):  # "9 am" before "9"
            typed = text if length == 1 else f"{text} {self._text(place + 1)}"
            at = _time(typed)
            if at is None or (length == 2 and not self._text(place + 1)):
                continue
            if typed.isdecimal() and len(typed) <= 2 and not (self.days or self._text(place - 1) in {"at", "@"}):
                continue  # a number is an hour only where one is expected: "edit 2 weekdays 09:30"
            if self.at is not None and at != self.at:
                first, second = f"{self.at:%H:%M}", f"{at:%H:%M}"
                stop = _Run(self._words, place).stop if self._whole else place + length
                raise Mistake(
                    f"A digest comes at one time of the day; for {first} and {second} make two digests.",
                    self._words[self._whole or place : stop],
                )
            self.at = at
            return self._taken(place + length)
        return place

    def _taken(self, stop: int) -> int:
        self.stop = stop
        if self.days and self.at is not None:
            self._whole = self._whole or stop
        return stop

    def _text(self, place: int) -> str:
        return _plain(self._words[place]) if 0 <= place < len(self._words) else ""


def _plain(word: Word) -> str:
    """A free word in lower case, "" for every other kind."""
    return "" if word.key or word.quoted or word.negated else word.text.lower()


def _weekday(text: str) -> Weekday:
    return next(day for day in _ORDER if day.name.lower().startswith(text[:3]))


def _days_between(first: str, last: str) -> set[Weekday]:
    """Both and those between, over the weekend where need be: "fri-mon"."""
    begin, end = _weekday(first), _weekday(last)
    return {_ORDER[(begin + step) % 7] for step in range((end - begin) % 7 + 1)}


def _time(text: str) -> time | None:
    if named := _NAMED_TIMES.get(text):
        return named
    clock = _CLOCK.fullmatch(text)
    if clock is None:
        return None
    hour, minute = int(clock[1] or clock[4]), int(clock[2] or clock[5] or 0)
    if clock[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if clock[3] == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
