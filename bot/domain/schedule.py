"""On which days, at what local time and in which zone: a schedule, and the instants at which it is due.

Days are counted on the zone's own calendar, so changes of the clocks move the instant and never the time on the wall.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from itertools import count
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class Weekday(IntEnum):
    """Numbered as ``date.weekday()`` does."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6

    @property
    def short(self) -> str:
        """As in "Mon"."""
        return self.name[:3].capitalize()


EVERY_DAY = frozenset(Weekday)
WEEKEND = frozenset({Weekday.SATURDAY, Weekday.SUNDAY})
WEEKDAYS = EVERY_DAY - WEEKEND

_NAMED_DAYS = {EVERY_DAY: "daily", WEEKDAYS: "weekdays", WEEKEND: "weekends"}
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Some weekdays at one local time. ``at`` is naive and a whole minute; ``zone`` is an IANA name.

    ``ValueError`` where there is no day, no such zone, or no whole minute.
    """

    days: frozenset[Weekday]
    at: time
    zone: str

    def __post_init__(self) -> None:
        if not self.days:
            raise ValueError("a schedule needs a day")
        if self.at.tzinfo or self.at.second or self.at.microsecond:
            raise ValueError("a schedule's time is a whole local minute")
        if not is_zone(self.zone):
            raise ValueError(f"no IANA time zone is called {self.zone!r}")

    @property
    def tzinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def words(self) -> str:
        """As people say it: "weekdays at 09:30, Europe/Berlin"."""
        return f"{self.days_in_words} at {self.at:%H:%M}, {self.zone}"

    @property
    def days_in_words(self) -> str:
        """ "daily", "weekdays", "weekends", "Mondays" or "Mon, Wed and Fri"."""
        if named := _NAMED_DAYS.get(self.days):
            return named
        if len(self.days) == 1:
            return next(iter(self.days)).name.capitalize() + "s"
        *first, last = (day.short for day in sorted(self.days))
        return f"{', '.join(first)} and {last}"


def is_zone(name: str) -> bool:
    """Whether the time zone database knows the name, spelt exactly so."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a part of a name ("Europe") is a folder of the database
        return False
    return True


def next_due(schedule: Schedule, after: datetime) -> datetime:
    """The first instant (UTC) after the given one at which the schedule is due."""
    today = after.astimezone(schedule.tzinfo).date()
    return next(due for due in _instants(schedule, today - _DAY, _DAY) if due > after)


def previous_due(schedule: Schedule, at_or_before: datetime) -> datetime:
    """The last instant (UTC), up to and with the given one, at which the schedule was due."""
    today = at_or_before.astimezone(schedule.tzinfo).date()
    return next(due for due in _instants(schedule, today + _DAY, -_DAY) if due <= at_or_before)


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant at which clocks in the zone show the naive ``wall``.

    A time that they show twice is the first of the two; one that they skip is the next minute that they show.
    """
    while True:
        found = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if found.astimezone(zone).replace(tzinfo=None) == wall:
            return found
        wall += _MINUTE


def _instants(schedule: Schedule, start: date, step: timedelta) -> Iterator[datetime]:
    zone = schedule.tzinfo
    for day in (start + number * step for number in count()):
        if day.weekday() in schedule.days and _exists(day, zone):
            yield instant(datetime.combine(day, schedule.at), zone)


def _exists(day: date, zone: ZoneInfo) -> bool:
    """Whether the zone's calendar has the day: Samoa's had no 30 December 2011."""
    return instant(datetime.combine(day, time()), zone).astimezone(zone).date() == day
