"""Windows: what was said about time → a ``TimeWindow`` in instants."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from bot.commands.dates import meant
from bot.commands.mistakes import Mistake, said
from bot.commands.moments import COUNTED, MOMENT, Span, back, days_in_words, midnight, read_span, today
from bot.commands.questions import Asker
from bot.domain.query import TimeWindow

LONGEST = timedelta(days=366)

_WEEKDAY_WORDS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_BETWEEN = r"(?:\s*(?:\.{2,}|…|–|—)\s*| (?:-|to|until) )"
_RANGE = re.compile(rf"({MOMENT}){_BETWEEN}({MOMENT})")
_PHRASE = re.compile(
    r"today|yesterday|(?:this|last) (?:week|month|year)"
    r"|(?:the )?(?:last|past) (?:\d{1,6} ?[a-z]+|minute|hour|day)|past (?:week|month)"
)
_DAY_PHRASE = re.compile(rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}|(?:last )?{_WEEKDAY_WORDS}|{COUNTED}")
_MOMENT = re.compile(MOMENT)
_ON_FROM = re.compile(rf"({MOMENT}) ?(?:\.{{2,}}|…)")
_UP_TO = re.compile(rf"(?:\.{{2,}}|…) ?({MOMENT})")


def is_moment(text: str) -> bool:
    """Whether the text can follow ``since:``."""
    return _MOMENT.fullmatch(_folded(text)) is not None


def is_other_form(text: str) -> bool:
    """Whether the text is a time in a form that is not understood, but for which ours can be offered."""
    return bool(meant(text, date.max))


def is_window(text: str, *, days: bool) -> bool:
    """Whether the text is a window of its own: "last week", "2026-11-01..2026-11-15", "2026-11-01..".

    ``days``: a date or a weekday's name alone is that whole day (and not, say, a version), and "2 days" the last two.
    """
    text = _folded(text)
    forms = (_PHRASE, _RANGE, _ON_FROM, _UP_TO, *([_DAY_PHRASE] if days else []))
    return any(form.fullmatch(text) for form in forms)


def today_and_yesterday(asker: Asker) -> TimeWindow:
    """From yesterday's local midnight on."""
    start = midnight(today(asker) - timedelta(days=1), asker)
    return TimeWindow(start, None, asker.zone, "today and yesterday")


def last_days(count: int, asker: Asker) -> TimeWindow:
    """From so many days ago on, at a whole minute."""
    return TimeWindow(back(count, "day", asker), None, asker.zone, f"the last {count} days")


def named_window(text: str, asker: Asker) -> TimeWindow:
    """The window that one phrase names; raises ``Mistake`` with filters to type instead."""
    if ends := _RANGE.fullmatch(_folded(text)):
        return window_between(ends[1], ends[2], asker)
    if start := _ON_FROM.fullmatch(_folded(text)):
        return window_since(start[1], asker)
    if end := _UP_TO.fullmatch(_folded(text)):
        raise start_is_missing(end[1], asker)
    span = _read(text, "since", asker)
    # A moment without length is how long ago something began: "last 2h".
    stop = None if span.stop == span.start else span.stop
    return _checked(span.start, stop, span.whole, text, asker)


def window_since(text: str, asker: Asker) -> TimeWindow:
    """From the moment on, or the whole range where ``text`` is one; raises ``Mistake`` with filters to type instead."""
    if any(form.fullmatch(_folded(text)) for form in (_RANGE, _ON_FROM, _UP_TO)):
        return named_window(text, asker)
    span = _read(text, "since", asker)
    return _checked(span.start, None, span.since, text, asker)


def window_between(since: str, until: str, asker: Asker) -> TimeWindow:
    """From the start of ``since`` to the end of ``until``; raises ``Mistake`` with filters to type instead."""
    first = _read(since, "since", asker, beside=f"to:{_value(until)}")
    last = _read(until, "to", asker, beside=f"since:{_value(since)}")
    words = f"{first.label} – {last.label}"
    if first.days and last.days:
        words = days_in_words(first.days[0], last.days[1])
    stop = last.stop
    if (stop or asker.now) <= first.start <= asker.now:
        swapped = f"since:{_value(until)} to:{_value(since)}"
        raise Mistake(f"The window ends ({said(until)}) before it starts ({said(since)}).", instead=swapped)
    return _checked(first.start, stop, words, since, asker)


def start_is_missing(until: str, asker: Asker) -> Mistake:
    """What to say to an end without a start."""
    last = _read(until, "to", asker)
    day = (last.stop or asker.now).astimezone(asker.zone).date() - timedelta(days=7)
    return Mistake(
        f"A window that ends with {said(until)} needs a start.", instead=f"since:{day.isoformat()} to:{_value(until)}"
    )


def _checked(start: datetime, stop: datetime | None, words: str, typed: str, asker: Asker) -> TimeWindow:
    if start > asker.now:
        raise Mistake(f"{said(typed)} is still to come.", instead=_in_the_past(typed, asker))
    if stop is not None and stop >= asker.now:
        stop = None
    length = _wall(stop or asker.now, asker) - _wall(start, asker)
    if length > LONGEST:
        raise Mistake(
            f"A window can be {LONGEST.days} days long at most; this one has {length.days}.", instead="since:90d"
        )
    return TimeWindow(start, stop, asker.zone, words)


def _wall(moment: datetime, asker: Asker) -> datetime:
    """On the clock and at a whole minute, as windows are counted: 366 days stay 366 over a daylight-saving change."""
    return moment.astimezone(asker.zone).replace(tzinfo=None, second=0, microsecond=0)


def _in_the_past(typed: str, asker: Asker) -> str:
    if re.fullmatch(r"\d{1,2}:\d{2}", typed):
        return f"since:{today(asker) - timedelta(days=1)}T{typed}"
    return "since:yesterday"


def _read(text: str, key: str, asker: Asker, beside: str = "") -> Span:
    """The span; a ``Mistake`` has a whole window to type instead, with what was said ``beside`` this end."""
    try:
        return read_span(text, asker)
    except Mistake as mistake:
        message, instead = mistake.message, mistake.instead
    if readings := meant(text, today(asker)):
        values = [one.since if key == "since" else one.until for one in readings]
        message, instead = f"I do not understand the time {said(text)}. Did you mean {' or '.join(values)}?", values[0]
        if readings[0].is_to_come:
            message, instead = f"{said(text)} is still to come.", "yesterday"
    raise Mistake(message, instead=f"{key}:{instead} {beside}".strip())


def _value(text: str) -> str:
    return f'"{text}"' if " " in text else text


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
