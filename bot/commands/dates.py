"""Dates and lengths of time in other forms than ours → ours, for an offer: "20.11.2026", "nov", "2h30m".

They are offered, not understood: whether 12/11 is a day in November or in December differs from reader to reader.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\.?"
_YEAR = r"(?:,? (?P<year>\d{4}))?"
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})", re.ASCII)
_NAMED = (
    re.compile(rf"{_DAY} ?(?:of )?{_MONTH}{_YEAR}", re.ASCII),
    re.compile(rf"{_MONTH} ?{_DAY}{_YEAR}", re.ASCII),
    re.compile(rf"{_MONTH}(?P<day>){_YEAR}", re.ASCII),
)
_MINUTES = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60, "y": 365 * 24 * 60}
_PIECE = re.compile(r"(\d{1,4}(?:[.,]\d{1,2})?) ?([mhdwy])(?:in(?:ute)?s?|(?:ou)?rs?|ays?|eeks?|ears?)?(?: |$|(?=\d))")
_LONGEST = 365 * 24 * 60


@dataclass(frozen=True, slots=True)
class Meant:
    """What was probably meant, as we type it: the ends of a period, equal for a day and for a length of time."""

    since: str
    until: str
    is_to_come: bool = False

    @property
    def window(self) -> str:
        """The words that ask for all of it."""
        return self.since if self.since == self.until else f"{self.since}..{self.until}"


def meant(text: str, today: date) -> tuple[Meant, ...]:
    """All that the text can mean, without what is still to come unless all is.

    A day that its month lacks is the month's last; a day without a year is the latest one of that name.
    """
    text = " ".join(text.lower().split())
    if length := _length(text):
        return (Meant(length, length),)
    found = tuple(
        Meant(first.isoformat(), last.isoformat(), first > today)
        for first, last in dict.fromkeys(_periods(text, today))
    )
    return tuple(one for one in found if not one.is_to_come) or found


def _length(text: str) -> str:
    pieces = list(_PIECE.finditer(text))
    if not pieces or "".join(piece[0] for piece in pieces) != text:
        return ""
    minutes = round(sum(float(piece[1].replace(",", ".")) * _MINUTES[piece[2]] for piece in pieces))
    minutes = min(minutes, _LONGEST)
    count, unit = next((minutes // _MINUTES[unit], unit) for unit in "dhm" if minutes % _MINUTES[unit] == 0)
    return f"{count}{unit}" if count else ""


def _periods(text: str, today: date) -> Iterator[tuple[date, date]]:
    """The first and the last day of each reading."""
    if year_first := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in year_first.groups())
        yield from _days(year, month, day)
    elif year_last := _YEAR_LAST.fullmatch(text):
        one, other, year = int(year_last[1]), int(year_last[3]), int(year_last[4])
        yield from _days(year, other, one)
        if year_last[2] != ".":  # with dots, the day is always first
            yield from _days(year, one, other)
    elif named := next(filter(None, (form.fullmatch(text) for form in _NAMED)), None):
        month = _MONTHS.index(named["name"][:3]) + 1
        day = int(named["day"] or 1)
        year = int(named["year"] or today.year - ((month, day) > (today.month, today.day)))
        for first, last in _days(year, month, day):
            yield first, last if named["day"] else date(year, month, monthrange(year, month)[1])


def _days(year: int, month: int, day: int) -> Iterator[tuple[date, date]]:
    if year >= 1 and 1 <= month <= 12 and 1 <= day <= 31:
        found = date(year, month, min(day, monthrange(year, month)[1]))
        yield found, found
