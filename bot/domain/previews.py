"""What a digest would have told, had it been there before: so that nobody subscribes to a surprise."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.deployments import Completeness, Deployment, State
from bot.domain.digests import Occurrence, Subscription, choose
from bot.domain.filters import Filters
from bot.domain.query import TimeWindow
from bot.domain.schedule import Schedule, previous_due
from bot.domain.spelling import like
from bot.domain.summary import Copy, Reading

PREVIEWED = timedelta(days=7)
"""How far back a preview goes; further where the digest comes less often."""

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Draft:
    """A digest as somebody wishes it, not stored yet; ``before`` is the one that it would change, where it is one.

    ``title_words`` are bare words that name no application, so that they are looked for in titles.
    """

    subscription: Subscription
    before: Subscription | None = None
    title_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """One digest that would have come: its time and window, and the deployments that it would have told."""

    occurrence: Occurrence
    deployments: tuple[Deployment, ...]

    @property
    def failed(self) -> int:
        return sum(deployment.state is State.FAILED for deployment in self.deployments)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another digest of the channel that tells ``shared`` of the previewed deployments, or could tell the same."""

    subscription: Subscription
    shared: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The digests of the last seven days, oldest first.

    ``namesake`` is another digest of the channel that has the same name. ``completeness`` and ``copy`` are those of the
    reading: what is missing there is missing here.
    """

    subscription: Subscription
    told: tuple[Told, ...]
    overlaps: tuple[Overlap, ...]
    namesake: Subscription | None
    completeness: Completeness
    copy: Copy | None
    as_of: datetime

    @property
    def deployments(self) -> int:
        return sum(len(one.deployments) for one in self.told)

    @property
    def example(self) -> Told | None:
        """The last of them that had something to tell."""
        return next((one for one in reversed(self.told) if one.deployments), None)


def previewed_window(subscription: Subscription, now: datetime) -> TimeWindow:
    """What to read for a preview: from the beginning of its first window to the end of its last."""
    occurrences = _occurrences(subscription, now)
    return TimeWindow(occurrences[0].window_start, occurrences[-1].window_end, subscription.schedule.tzinfo)


def preview(subscription: Subscription, reading: Reading, there: Iterable[Subscription], now: datetime) -> Preview:
    """What ``reading`` (of ``previewed_window``) gives; ``there`` are the digests that the channel has already."""
    there, occurrences = tuple(there), _occurrences(subscription, now)
    from_the_first = as_if_there(subscription, occurrences[0])
    told: list[Told] = []
    known: set[str] = set()
    for occurrence in occurrences:
        chosen = choose(reading.deployments.items, from_the_first, occurrence, known)
        known |= {deployment.id for deployment in chosen}
        told.append(Told(occurrence, chosen))
    return Preview(
        subscription=subscription,
        told=tuple(told),
        overlaps=tuple(_overlaps(subscription, there, [d for one in told for d in one.deployments])),
        namesake=next((one for one in there if _are_namesakes(one, subscription)), None),
        completeness=reading.deployments.completeness,
        copy=reading.copy,
        as_of=reading.deployments.as_of,
    )


def as_if_there(subscription: Subscription, first: Occurrence) -> Subscription:
    """The subscription as if it had been made in time for that occurrence."""
    return replace(subscription, counts_from=first.window_start)


def _occurrences(subscription: Subscription, now: datetime) -> list[Occurrence]:
    """Those due in the last seven days, oldest first; the last one where it was longer ago."""
    dues = [previous_due(subscription.schedule, now)]
    while (due := _before(subscription.schedule, dues[-1])) > now - PREVIEWED:
        dues.append(due)
    starts = [*dues[1:], _before(subscription.schedule, dues[-1])]
    found = [Occurrence(subscription.id, due, start, due) for due, start in zip(dues, starts, strict=True)]
    return found[::-1]


def _before(schedule: Schedule, due: datetime) -> datetime:
    return previous_due(schedule, due - _INSTANT)


def _are_namesakes(one: Subscription, other: Subscription) -> bool:
    return one.id != other.id and one.name != "" and one.name.casefold() == other.name.casefold()


def _overlaps(
    subscription: Subscription, there: Iterable[Subscription], deployments: Sequence[Deployment]
) -> Iterator[Overlap]:
    for other in there:
        same_place = (other.project, other.environment) == (subscription.project, subscription.environment)
        if other.id == subscription.id or not same_place:
            continue
        shared = sum(other.filters.accepts(deployment) for deployment in deployments)
        # Where nothing happened, the filters alone tell.
        if shared or (not deployments and _may_share(subscription.filters, other.filters)):
            yield Overlap(other, shared)


def _may_share(mine: Filters, theirs: Filters) -> bool:
    same_status = not (mine.status and theirs.status) or mine.status.lower() == theirs.status.lower()
    return same_status and _may_both_fit(mine.applications, theirs.applications)


def _may_both_fit(mine: Collection[str], theirs: Collection[str]) -> bool:
    return not (mine and theirs) or any(like(a, b) or like(b, a) for a in mine for b in theirs)
