"""An answer without deployments: what was looked at, what can be the cause, what to type next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from bot.domain.query import DeploymentQuery
from bot.domain.summary import Summary
from bot.formatting.answer import is_filtered
from bot.formatting.deployment import WORD
from bot.formatting.lines import Line, Piece, code, line
from bot.formatting.text import clean, listed

_WIDER = (timedelta(days=7), "7d"), (timedelta(days=30), "30d"), (timedelta(days=90), "90d")
_TYPEABLE = re.compile(r'[\w.*:\[\]-]{1,80}|"[\w .*:-]{1,80}"', re.ASCII)
_WORDS_SEEN = 8


def nothing_headline(summary: Summary, environment: str) -> str:
    """ "Nothing shipped" only where everything was read and nothing was left out."""
    if not summary.nothing_shipped:
        return f"No deployments to {environment} found in what could be read"
    if not is_filtered(summary.query):
        return f"Nothing shipped to {environment}"
    if summary.statuses_seen:
        return f"There were deployments to {environment}, but none matches"
    return f"No deployment to {environment} matches"


def what_next(summary: Summary) -> Iterator[Line]:
    """Possible causes, words that would have found something, and a command to try."""
    query = summary.query
    yield line("If you expected one: ", "; ".join(_causes(query)), ".")
    for name, asked, seen in (
        ("Statuses", query.status, summary.statuses_seen),
        ("Kinds", query.kind, summary.kinds_seen),
    ):
        if asked and seen:
            yield line(f"{name} in this window: ", *_codes(seen))
    yield line("Try: ", code(wider(query, summary.as_of - query.window.start)))


def _causes(query: DeploymentQuery) -> Iterator[str]:
    yield "it may lie outside this window or in another environment"
    yield "its pipeline may not report deployments to LaunchDarkly"
    if query.chooses_pull_requests:
        yield "its pull requests are known only with LaunchDarkly's GitHub app and a version that is a commit or a tag"
    if query.flags:
        yield "flag references are known only with LaunchDarkly's code references"


def _codes(words: tuple[str, ...]) -> Iterator[Piece]:
    yield code(clean(listed(words, _WORDS_SEEN), 4 * WORD))


def wider(query: DeploymentQuery, looked_back: timedelta) -> str:
    """A command that asks the same for a longer time: 7, 30, 90 or 365 days. What cannot be typed is left out."""
    since = next((words for least, words in _WIDER if looked_back < least), "365d")
    typed = [
        *query.applications,
        *(f'"{word}"' for word in query.words),
        *(f"by:{author}" for author in query.authors),
        *(f"-by:{author}" for author in query.excluded_authors),
        *(f"pr:{number}" for number in query.pull_requests),
        *(f"flag:{key}" for key in query.flags),
        f"in:{query.environment}",
        f"project:{query.project}",
    ]
    return " ".join(["/shipped", *filter(_TYPEABLE.fullmatch, typed), f"since:{since}"])
