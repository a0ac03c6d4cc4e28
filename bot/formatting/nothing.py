"""An answer without deployments: what was looked at, what can be the cause, what to type next."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from bot.domain.filters import Filters
from bot.domain.summary import Summary
from bot.formatting.answer import is_filtered
from bot.formatting.deployment import KEY, WORD
from bot.formatting.lines import Line, Piece, code, line
from bot.formatting.offers import COMMAND, did_you_mean
from bot.formatting.text import clean, listed, plural

_WORDS_SEEN = 8
_CAUSES = 2


def nothing_headline(summary: Summary, environment: str) -> str:
    """ "Nothing shipped" only where everything was read and nothing was left out."""
    if not summary.nothing_shipped:
        return f"No deployments to {environment} found in what could be read"
    if not is_filtered(summary.query):
        return f"Nothing shipped to {environment}"
    return f"No deployment to {environment} matches{_only_filter(summary.query.filters)}"


def others(summary: Summary, window: str) -> str:
    """ "14 others today": the window's words, after a count where all its deployments were read, not a filter's."""
    asked = summary.query.for_source()
    if not summary.nothing_shipped or not summary.others or asked.applications or asked.kind:
        return window
    return f"{plural(summary.others, 'other', 'others')} {'in ' if window.startswith('the ') else ''}{window}".rstrip()


def _only_filter(asked: Filters) -> str:
    """What was asked for, where that is one thing; the line below the headline names all."""
    numbers = [f"#{pull_request}" for pull_request in asked.pull_requests]
    values = [*asked.applications, *asked.words, *numbers, *asked.flags, *asked.authors]
    values += filter(None, (asked.status, asked.kind))
    return f" “{clean(values[0], KEY)}”" if len(values) == 1 and not asked.excluded_authors else ""


def what_next(summary: Summary) -> Iterator[Line]:
    """Possible causes, words that would have found something, and commands to try."""
    filters = summary.query.filters
    if summary.corrected:
        yield did_you_mean(summary.corrected)
    yield line("If you expected one: ", "; ".join(islice(_causes(filters), _CAUSES)), ".")
    for name, asked, seen in (
        ("Statuses", filters.status, summary.statuses_seen),
        ("Kinds", filters.kind, summary.kinds_seen),
    ):
        if asked and seen:
            yield line(f"{name} in this window: ", *_codes(seen))
    if summary.wider and not summary.corrected:
        yield line("Try: ", code(clean(summary.wider, COMMAND)))


def _causes(filters: Filters) -> Iterator[str]:
    """The likeliest first."""
    if filters.chooses_pull_requests:
        yield "its pull requests are known only with LaunchDarkly's GitHub app and a version that is a commit or a tag"
    if filters.flags:
        yield "flag references are known only with LaunchDarkly's code references"
    yield "it may lie outside this window or in another environment"
    yield "its pipeline may not report deployments to LaunchDarkly"


def _codes(words: tuple[str, ...]) -> Iterator[Piece]:
    yield code(clean(listed(words, _WORDS_SEEN), 4 * WORD))
