"""What every answer says about itself: what it covers, what is missing, how old it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.domain.deployments import Completeness
from bot.domain.filters import NO_FILTERS
from bot.domain.query import DeploymentQuery, TimeWindow
from bot.domain.summary import Copy
from bot.formatting.deployment import label
from bot.formatting.lines import Line, Piece, bold, bullet, code, line, when
from bot.formatting.text import clean, listed, plural, sentence
from bot.formatting.times import span

_GAP = 250
_GAPS = 5
_FILTER = 60
_FILTERS = 3


def covers(query: DeploymentQuery, now: datetime) -> Line:
    """The window with its zone, the project, and the filters asked for."""
    words = span(query.window, now)
    return line(words[0].upper() + words[1:], *filters(query))


def filters(query: DeploymentQuery) -> list[Piece]:
    """The project and the filters asked for, each after a dot."""
    asked = query.filters
    pieces = [Piece(" · project "), code(label(query.project))]
    for word, values in (
        ("only", asked.applications),
        ("by", asked.authors),
        ("not by", asked.excluded_authors),
        ("pull request", [f"#{number}" for number in asked.pull_requests]),
        ("titles with", asked.words),
        ("flag", asked.flags),
        ("status", [asked.status] if asked.status else []),
        ("kind", [asked.kind] if asked.kind else []),
    ):
        if values:
            pieces += [Piece(f" · {word} "), code(clean(listed(list(values), _FILTERS), _FILTER) or "–")]
    return pieces


def is_filtered(query: DeploymentQuery) -> bool:
    """Whether the question leaves out some of the environment's deployments."""
    return query.filters != NO_FILTERS


def stale(copy: Copy | None, as_of: datetime, window: TimeWindow) -> Iterator[Line]:
    """Why there is no newer answer, and how old this one is."""
    if copy is not None and copy.because:
        reason = sentence(clean(copy.because, _GAP))
        yield line("⚠️ ", bold("Not fresh. "), f"{reason} This is the copy of ", _as_of(as_of, window, ago=True), ".")


def gaps(completeness: Completeness, *more: str) -> list[Line]:
    """What could not be read: the answer may lack something for each of these."""
    told = [sentence(clean(gap, _GAP)) for gap in (*completeness.gaps, *more)]
    if not told:
        return []
    shown: Sequence[str] = told[:_GAPS]
    rest = [bullet(f"and {plural(len(told) - len(shown), 'more gap')}")] if len(told) > len(shown) else []
    head = "⚠️ ", bold("This answer may be incomplete:")
    return [line(*head), *(bullet(gap) for gap in shown), *rest]


def freshness(copy: Copy | None, as_of: datetime, window: TimeWindow) -> list[Piece]:
    """``As of Mon 23 Nov 10:02 CET (cached)``."""
    cached = Piece(" (cached)" if copy is not None and not copy.because else "")
    return [Piece("As of "), _as_of(as_of, window), cached]


def _as_of(as_of: datetime, window: TimeWindow, *, ago: bool = False) -> Piece:
    return when(as_of, window.zone, as_of, ago=ago)
