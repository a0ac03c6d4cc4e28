"""Instants, windows and durations in words. An instant is never printed without its zone."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from bot.domain.query import TimeWindow

# Not strftime: it follows the host's locale.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def stamp(at: datetime, zone: tzinfo, now: datetime) -> str:
    """``Mon 23 Nov 10:02 CET``, with the year where it is not that of ``now``."""
    local = at.astimezone(zone)
    return f"{_day_and_time(local, now.astimezone(zone))} {_zone_name(local)}"


def span(window: TimeWindow, now: datetime) -> str:
    """``since Sun 22 Nov 00:00 CET``, or ``Sun 1 Nov 00:00 – Mon 16 Nov 00:00 CET`` for a closed window."""
    start, today = window.start.astimezone(window.zone), now.astimezone(window.zone)
    if window.end is None:
        return f"since {stamp(start, window.zone, now)}"
    end = window.end.astimezone(window.zone)
    zone = "" if _zone_name(start) == _zone_name(end) else f" {_zone_name(start)}"
    return f"{_day_and_time(start, today)}{zone} – {_day_and_time(end, today)} {_zone_name(end)}"


def length(duration: timedelta) -> str:
    """A duration by its two largest units: ``2 d 4 h``, ``1 h 5 min``, ``35 min``, ``45 s``."""
    seconds = max(0, round(duration.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "d"), (hours, "h")] if days else [(hours, "h"), (minutes, "min")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def _day_and_time(local: datetime, today: datetime) -> str:
    year = f" {local.year}" if local.year != today.year else ""
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}{year} {local:%H:%M}"


def _zone_name(local: datetime) -> str:
    """``CET``; zones without letters of their own are told by their distance from UTC: ``UTC+03``."""
    name = local.tzname() or ""
    return f"UTC{name}" if name.startswith(("+", "-")) else name
