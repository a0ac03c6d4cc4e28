"""What a button or a menu carries: the question as it was asked, so that any replica can answer the click, any day."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.commands.parser import parse, parse_command
from bot.commands.questions import Asker, Question, ShowHelp
from bot.domain.query import TimeWindow

VERSION = 1
_MOST_PAGES = 100_000
# A click so much later gets the window that was asked about, with its dates instead of words such as "today".
_WORDS_LAST = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


class BadState(ValueError):
    """A value that this version did not write: another version's, or not ours at all."""


@dataclass(frozen=True, slots=True)
class State:
    """A question as it was typed, where its answer stands, and what was chosen since.

    ``command`` is "" for a message to the bot, whose words may name one.

    ``asked_at`` is the minute in which it was asked and ``zone`` the asker's IANA zone: "today" keeps its meaning. None
    and "" stand for the moment and the zone of whoever presses the button. ``environment`` and ``window`` (words that
    could be typed) come before those in ``text``.
    """

    command: str
    text: str
    asked_at: datetime | None = None
    zone: str = ""
    page: int = 1
    environment: str = ""
    window: str = ""

    @property
    def told(self) -> str:
        """The question in words: what was typed, and what was chosen since."""
        return " · ".join(filter(None, [f"{self.command} {self.text}".strip(), self.environment, self.window]))

    def encode(self) -> str:
        """One line that ``decode`` reads, as short as it can be: a menu's has to fit into 255 characters."""
        minute = int(self.asked_at.timestamp() // 60) if self.asked_at else 0
        fields = [VERSION, self.command, self.text, minute, self.zone, self.page, self.environment, self.window]
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))

    def on_page(self, page: int) -> State:
        return replace(self, page=page)

    def in_environment(self, key: str) -> State:
        return replace(self, environment=key, page=1)

    def in_window(self, words: str, now: datetime) -> State:
        """Another window, in the words of the moment of choosing: "today" is then the chooser's today."""
        return replace(self, window=words, page=1, asked_at=minute_of(now))

    def question(self, asker: Asker) -> Question:
        """What is asked, read at ``asker``'s moment; raises ``CommandError``."""
        question = parse_command(self.command, self.text, asker) if self.command else parse(self.text, asker)
        if isinstance(question, ShowHelp):
            return question
        if self.environment:
            question = replace(question, environment=self.environment)
        if self.window:
            chosen = parse_command("/shipped", self.window, asker)
            if not isinstance(chosen, ShowHelp):
                question = replace(question, window=chosen.window)
        return question


def decode(value: str) -> State:
    """The state; raises ``BadState`` for everything that ``encode`` of this version cannot have written."""
    try:
        fields = json.loads(value)
    except (ValueError, RecursionError):
        raise BadState("not a state") from None
    match fields:
        case [
            int(version),
            str(command),
            str(text),
            int(minute),
            str(zone),
            int(page),
            str(environment),
            str(window),
        ] if version == VERSION and 0 <= minute < 10**9 and 1 <= page <= _MOST_PAGES and _is_zone(zone):
            asked_at = datetime.fromtimestamp(minute * 60, UTC) if minute else None
            return State(command, text, asked_at, zone, page, environment, window)
    raise BadState("another version's state")


def as_asked(window: TimeWindow, asked_at: datetime, now: datetime) -> TimeWindow:
    """The window of a question that was asked at ``asked_at``, for somebody who reads the answer at ``now``.

    An open end stays open for an hour, so that page 2 is read from the same copy as page 1. Later it would let newer
    deployments into an answer about "today", so the window then ends where it ended, and is told in dates.
    """
    if now - asked_at < _WORDS_LAST:
        return window
    return TimeWindow(window.start, window.end or asked_at + _MINUTE, window.zone)


def minute_of(now: datetime) -> datetime:
    """The minute: questions asked in the same minute have the same window, and so share one read."""
    return now.replace(second=0, microsecond=0)


def _is_zone(key: str) -> bool:
    try:
        return not key or bool(ZoneInfo(key))
    except (KeyError, ValueError, OSError):
        return False
