"""A moment, a day or a period in words → instants, in the asker's zone and over its daylight-saving changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.commands.mistakes import Mistake, said
from bot.commands.questions import Asker
from bot.domain.spelling import nearest

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = {"m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month"}

_UNIT = r"(?:months?|mo|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|wks?|w)"
_WEEKDAY = r"(?:mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
_DATE = r"\d{4}-\d{1,2}-\d{1,2}"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?"
_DAY = rf"(?:{_DATE}|today|yesterday|(?:last )?{_WEEKDAY})"
_PERIOD = r"(?:this|last) (?:week|month|year)"
COUNTED = rf"\d{{1,6}} ?{_UNIT}"
"""A regular expression for a number of minutes, hours, days, weeks or months."""

_DURATION = rf"(?:(?:the )?(?:last|past) )?{COUNTED}|(?:the )?(?:last|past) (?:minute|hour|day)|past (?:week|month)"
MOMENT = rf"(?:{_DAY}(?:(?: at |t| ){_CLOCK}(?:z|[+-]\d{{2}}:?\d{{2}})?)?|{_CLOCK}|{_PERIOD}|{_DURATION})"
"""A regular expression for everything that ``read_span`` understands (lower case, single spaces)."""

_AT = re.compile(rf"(?:(?P<day>{_DAY})(?: at |t| ))?(?P<clock>{_CLOCK})(?P<offset>z|[+-]\d{{2}}:?\d{{2}})?")
_AGO = re.compile(rf"(?:(?:the )?(?:last|past) )?(?P<count>\d{{1,6}})? ?(?P<unit>{_UNIT})")
_KNOWN_WORDS = ("today", "yesterday", *(day.lower() for day in _WEEKDAYS), "this week", "last week", "this month")


@dataclass(frozen=True, slots=True)
class Span:
    """What a person named: ``start`` up to ``stop`` in UTC; a moment has no length, a period still running no stop.

    ``days`` are the first and last local day of a span that is made of whole days. ``label`` names the span inside a
    sentence, ``whole`` as a window of its own, ``since`` as the start of one.
    """

    start: datetime
    stop: datetime | None
    label: str
    whole: str
    since: str
    days: tuple[date, date] | None = None


def read_span(typed: str, asker: Asker) -> Span:
    """The span that the text names; raises ``Mistake`` with a value to type instead."""
    text = " ".join(typed.lower().split())
    try:
        if at := _AT.fullmatch(text):
            return _clock_time(at, asker)
        if re.fullmatch(_PERIOD, text):
            return _period(*text.split(), asker=asker)
        if re.fullmatch(_DURATION, text) and (ago := _AGO.fullmatch(text)):
            return _duration(int(ago["count"] or 1), _unit(ago["unit"]), asker)
        if re.fullmatch(_DAY, text):
            return _day(text, asker)
    except OverflowError:
        raise Mistake(f"{said(typed)} is out of the calendar.", instead="7d") from None
    raise _unknown(typed, text, asker)


def days_in_words(first: date, last: date, *, year: bool = True) -> str:
    """Two days and all between: "1–15 Nov 2026"."""
    end = day_in_words(last, year=year)
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{end}"
    return f"{day_in_words(first, year=year and first.year != last.year)} – {end}"


def day_in_words(day: date, *, year: bool = True) -> str:
    """A day without its weekday: "1 Nov 2026"."""
    return f"{day.day} {_MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")


def instant(wall: datetime, zone: tzinfo) -> datetime:
    """The UTC instant at which clocks in the zone show ``wall`` (naive).

    A time that the clocks show twice is the first of the two; one that they skip is the moment at which they skip it.
    """
    found = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    # In a gap, the two readings of the wall time lie on either side of the change (PEP 495).
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), found
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def back(count: int, unit: str, asker: Asker) -> datetime:
    """So many minutes, hours, days, weeks or months before now, at a whole minute.

    Minutes and hours are measured; days, weeks and months keep the time on the clock.
    """
    now = asker.now.astimezone(UTC).replace(second=0, microsecond=0)
    if unit in {"minute", "hour"}:
        return now - count * timedelta(**{f"{unit}s": 1})
    wall = now.astimezone(asker.zone).replace(tzinfo=None)
    if unit == "month":
        month = _months_before(wall.date().replace(day=1), count)
        day = min(wall.day, (_months_before(month, -1) - timedelta(days=1)).day)
        return instant(wall.replace(year=month.year, month=month.month, day=day), asker.zone)
    return instant(wall - timedelta(days=count * (7 if unit == "week" else 1)), asker.zone)


def midnight(day: date, asker: Asker) -> datetime:
    """The first instant of a local day."""
    return instant(datetime.combine(day, time()), asker.zone)


def today(asker: Asker) -> date:
    """The asker's date."""
    return asker.now.astimezone(asker.zone).date()


def _duration(count: int, unit: str, asker: Asker) -> Span:
    if count == 0:
        raise Mistake(f"The last 0 {unit}s hold nothing.", instead=f"1{unit[0]}")
    start = back(count, unit, asker)
    if unit == "week" and count == 1:
        count, unit = 7, "day"  # "the last week" would sound like the calendar's
    words = f"the last {unit}" if count == 1 else f"the last {count} {unit}s"
    return Span(start, start, f"{count} {unit}{'s' * (count != 1)} ago", words, words)


def _day(text: str, asker: Asker) -> Span:
    day = _date(text, asker)
    if text == "today":
        return Span(midnight(day, asker), None, "today", "today", "today", (day, day))
    start, stop = midnight(day, asker), midnight(day + timedelta(days=1), asker)
    if text == "yesterday":
        label = "yesterday"
    elif text[0].isdigit():
        label = day_in_words(day)
    else:
        label = f"{_WEEKDAYS[day.weekday()]} {day_in_words(day, year=False)}"
    return Span(start, stop, label, label, f"since {label}", (day, day))


def _date(text: str, asker: Asker) -> date:
    now = today(asker)
    if text in {"today", "yesterday"}:
        return now - timedelta(days=int(text == "yesterday"))
    if text[0].isdigit():
        year, month, day = (int(part) for part in text.split("-"))
        try:
            return date(year, month, day)
        except ValueError:
            raise Mistake(f"There is no {said(text)} in the calendar.", instead=_a_recent_day(asker)) from None
    wanted = text.removeprefix("last ")[:3]
    weekday = next(place for place, name in enumerate(_WEEKDAYS) if name.lower().startswith(wanted))
    # Today's own name means the one a week ago: for today people say "today".
    return now - timedelta(days=(now.weekday() - weekday) % 7 or 7)


def _clock_time(at: re.Match[str], asker: Asker) -> Span:
    day = _date(at["day"] or "today", asker)
    hour, minute, second = (int(part) for part in f"{at['clock']}:0".split(":")[:3])
    try:
        wall = datetime.combine(day, time(hour, minute, second))
    except ValueError:
        raise Mistake(f"There is no {at['clock']} on the clock.", instead=_a_recent_day(asker)) from None
    if offset := at["offset"]:
        try:
            start = datetime.fromisoformat(f"{wall.isoformat()}{offset.upper()}").astimezone(UTC)
        except ValueError:
            raise Mistake(f"There is no time zone {said(offset)}.", instead=_a_recent_day(asker)) from None
    else:
        start = instant(wall, asker.zone)
    local = start.astimezone(asker.zone)
    clock = f"{local:%H:%M}" + (f":{local.second:02}" if local.second else "")
    label = clock if not at["day"] else f"{_label_of_day(at['day'], local.date())}, {clock}"
    return Span(start, start, label, label, f"since {label}")


def _label_of_day(text: str, day: date) -> str:
    return text if text in {"today", "yesterday"} else day_in_words(day)


def _period(which: str, unit: str, *, asker: Asker) -> Span:
    now = today(asker)
    first = {
        "week": now - timedelta(days=now.weekday()),
        "month": now.replace(day=1),
        "year": now.replace(month=1, day=1),
    }[unit]
    name = f"{which} {unit}"
    if which == "this":
        return Span(midnight(first, asker), None, name, name, name, (first, now))
    months = {"month": 1, "year": 12}
    begin = first - timedelta(days=7) if unit == "week" else _months_before(first, months[unit])
    last = first - timedelta(days=1)
    other_year = last.year != now.year
    return Span(
        midnight(begin, asker),
        midnight(first, asker),
        name,
        f"{name} ({days_in_words(begin, last, year=other_year)})",
        f"since {name} ({day_in_words(begin, year=begin.year != now.year)})",
        (begin, last),
    )


def _months_before(first_of_month: date, count: int) -> date:
    months = first_of_month.year * 12 + first_of_month.month - 1 - count
    if months < 12:
        raise OverflowError
    return date(months // 12, months % 12 + 1, 1)


def _unit(text: str) -> str:
    return _UNITS["mo" if text.startswith("mo") else text[0]]


def _unknown(typed: str, text: str, asker: Asker) -> Mistake:
    if re.fullmatch(r"\d{1,6}", text):
        return Mistake(f"{said(typed)}: minutes, hours, days or weeks? Type 90m, 2h, 3d or 1w.", instead=f"{text}d")
    near = nearest(text, _KNOWN_WORDS, most=1)
    if near:
        return Mistake(f"I do not know the time {said(typed)}. Did you mean {near[0]}?", instead=_quoted(near[0]))
    return Mistake(
        f"I do not understand the time {said(typed)}. Type 2h, 3d, yesterday, monday, 14:05 or a date such as "
        f"{_a_recent_day(asker)}.",
        instead=_a_recent_day(asker),
    )


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def _a_recent_day(asker: Asker) -> str:
    return (today(asker) - timedelta(days=7)).isoformat()
