"""A question → the command that asks it, so that an answer can offer it again, corrected or widened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.commands.parser import parse
from bot.commands.questions import Asker, FindRelease, ShowShipped, Target, TargetKind
from bot.commands.words import quote
from bot.domain.errors import CommandError
from bot.domain.filters import Filters
from bot.domain.query import DeploymentQuery, TimeWindow

_Question = TypeVar("_Question", bound=ShowShipped | FindRelease)
_LONGEST = 300
_WIDER = (timedelta(days=7), "7d"), (timedelta(days=30), "30d"), (timedelta(days=90), "90d")
_WIDEST = "365d"


def retyped(question: ShowShipped | FindRelease, asker: Asker) -> str:
    """The command that is read back as this question (of its window, the words); "" where there is none to type."""
    words = _shipped(question) if isinstance(question, ShowShipped) else _release(question)
    text = " ".join(filter(None, words))
    try:
        again = parse(text, asker)
    except CommandError:
        return ""
    same = type(again) is type(question) and replace(again, window=question.window) == question
    return text if same and len(text) <= _LONGEST else ""


def as_typed(query: DeploymentQuery) -> str:
    """The words after ``/shipped`` that ask this, of its window the instants."""
    window = TimeWindow(query.window.start, query.window.end)
    question = ShowShipped(window, query.project, query.environment, filters=query.filters)
    return " ".join(_words(question))


def widened(question: ShowShipped | FindRelease, asker: Asker) -> str:
    """The same question over the last 7, 30, 90 or 365 days: the first of them that looks further back."""
    looked_back = asker.now - question.window.start
    choices = _WIDER if isinstance(question, ShowShipped) else _WIDER[2:]
    since = next((words for least, words in choices if looked_back < least - timedelta(hours=1)), _WIDEST)
    return retyped(in_window(question, f"since:{since}"), asker)


def in_window(question: _Question, words: str) -> _Question:
    """The question with other words for its window; it can be typed, but not be answered."""
    return replace(question, window=replace(question.window, typed=words))


def target_words(target: Target) -> str:
    """What was looked for, as it is typed."""
    match target.kind:
        case TargetKind.PULL_REQUEST:
            if target.url and "://" not in target.url:
                return target.url.replace("/pull/", "#")
            return target.url or f"#{target.text}"
        case TargetKind.FLAG | TargetKind.VERSION:
            return f"{target.kind.value}:{quote(target.text)}"
        case TargetKind.APPLICATION:
            return f"app:{quote(target.text)}"
        case TargetKind.DEPLOYMENT | TargetKind.ANYTHING:
            return quote(target.text)


def filter_words(filters: Filters) -> str:
    """The filters, as they are typed."""
    words = [f'"{word}"' for word in filters.words] + [f"#{number}" for number in filters.pull_requests]
    for key, values in (
        ("app", filters.applications),
        ("by", filters.authors),
        ("-by", filters.excluded_authors),
        ("flag", filters.flags),
        ("status", (filters.status,)),
        ("kind", (filters.kind,)),
    ):
        words += [f"{key}:{quote(value)}" for value in values if value is not None]
    return " ".join(words)


def scope(question: FindRelease) -> str:
    """What narrows the search beside its target, as it is typed."""
    apps = [f"app:{quote(key)}" for key in question.applications]
    return " ".join(filter(None, [*question.narrowing, *apps, *_where(question)]))


def _release(question: FindRelease) -> Iterator[str]:
    yield "/release"
    yield target_words(question.target)
    yield scope(question)


def _shipped(question: ShowShipped) -> Iterator[str]:
    yield "/shipped"
    yield from _words(question)


def _words(question: ShowShipped) -> Iterator[str]:
    yield from map(quote, question.names)
    yield filter_words(question.filters)
    yield from _where(question)


def _where(question: ShowShipped | FindRelease) -> Iterator[str]:
    for key, value in (("in", question.environment), ("project", question.project)):
        if value is not None:
            yield f"{key}:{quote(value)}"
    yield _window(question.window)
    if question.public:
        yield "public"


def _window(window: TimeWindow) -> str:
    if window.typed is not None:
        return window.typed
    return f"since:{_instant(window.start)}" + (f" to:{_instant(window.end)}" if window.end else "")


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
