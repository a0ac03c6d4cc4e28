"""Who asks in these tests, and short forms of asking."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.commands.parser import parse
from bot.commands.questions import Asker, FindRelease, ShowShipped

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 10, 0, 37, tzinfo=UTC)
"""A Monday, 11:00:37 in Berlin."""

ASKER = Asker(NOW, BERLIN)


def asker(now: str, zone: str = "Europe/Berlin") -> Asker:
    """Someone in ``zone`` whose clock shows ``now``."""
    tz = ZoneInfo(zone)
    return Asker(datetime.fromisoformat(now).replace(tzinfo=tz).astimezone(UTC), tz)


def shipped(text: str, who: Asker = ASKER) -> ShowShipped:
    question = parse(text, who)
    assert isinstance(question, ShowShipped)
    return question


def release(text: str, who: Asker = ASKER) -> FindRelease:
    question = parse(f"/release {text}", who)
    assert isinstance(question, FindRelease)
    return question
