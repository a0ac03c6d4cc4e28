"""Digests: who wants to hear of what and when, which one is due, and which deployments belong in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum

from bot.domain.deployments import Deployment, State
from bot.domain.filters import Filters
from bot.domain.query import DeploymentQuery, TimeWindow
from bot.domain.schedule import Schedule, next_due, previous_due

ON_TIME_FOR = timedelta(hours=1)
"""How long after its due time a digest is still an ordinary one, and for how long it is tried again."""

LOOK_BACK = timedelta(days=3)
"""How far before its window a digest looks for what was not told: LaunchDarkly may learn of a deployment late."""

_TELLABLE = frozenset({State.FINISHED, State.FAILED})


class SubscriptionState(Enum):
    """Whether digests come."""

    ACTIVE = "active"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One channel's wish for one digest. Datetimes are aware.

    ``number`` is what people call it by in its channel; 0 lets the store choose one. Deployments count that ended at
    or after ``counts_from``; occurrences count that are due after ``due_after``. ``reason`` says why it is paused.
    ``revision`` counts the stored changes: a change made to an older one is refused by the store.
    """

    id: str
    team_id: str
    channel_id: str
    name: str
    project: str
    environment: str
    filters: Filters
    schedule: Schedule
    say_when_empty: bool
    created_by: str
    created_at: datetime
    counts_from: datetime
    due_after: datetime
    state: SubscriptionState = SubscriptionState.ACTIVE
    reason: str = ""
    number: int = 0
    revision: int = 1

    @property
    def is_active(self) -> bool:
        return self.state is SubscriptionState.ACTIVE

    def query(self, window: TimeWindow) -> DeploymentQuery:
        """The subscription's question about a window."""
        return DeploymentQuery(self.project, self.environment, window, self.filters)

    def paused(self, reason: str) -> Subscription:
        """Without digests, until it is resumed."""
        return replace(self, state=SubscriptionState.PAUSED, reason=reason)

    def resumed(self, now: datetime) -> Subscription:
        """With digests again, from now on: what happened during the pause is not told."""
        return replace(self, state=SubscriptionState.ACTIVE, reason="", counts_from=now, due_after=now)

    def rescheduled(self, schedule: Schedule, now: datetime) -> Subscription:
        """At other times from now on; the first of them tells what came since the last digest."""
        return replace(self, schedule=schedule, due_after=now)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One due time of a subscription and the window ``[window_start, window_end)`` that it tells; all in UTC.

    ``late``: it comes after an outage; its window then ends at the moment at which it was found to be due.
    """

    subscription_id: str
    due_at: datetime
    window_start: datetime
    window_end: datetime
    late: bool = False

    @property
    def key(self) -> str:
        """The same for every attempt at this due time, different for every other one."""
        return f"{self.subscription_id}@{self.due_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"

    @property
    def deadline(self) -> datetime:
        """Until when to try again what fails; always before the next one is due."""
        return self.window_end + ON_TIME_FOR

    @property
    def reading_window(self) -> TimeWindow:
        """What to read for it: the window, and before it what may have been learned of since."""
        return TimeWindow(self.window_start - LOOK_BACK, self.window_end)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a subscription has come: the last due time that is done with, and up to where deployments were told.

    They differ after a late digest, which tells more than its due time says, and after a failed one, which is done
    with and told nothing.
    """

    last_due: datetime | None = None
    covered_until: datetime | None = None


NO_PROGRESS = Progress()


def due_occurrence(subscription: Subscription, now: datetime, progress: Progress = NO_PROGRESS) -> Occurrence | None:
    """The one occurrence that is due, if any.

    However many due times passed unnoticed, it is the latest of them, and it covers all that was not covered. One
    that is late and less than an hour ahead of the next is left to the next, so that never two come in a row.
    """
    if not subscription.is_active:
        return None
    due = previous_due(subscription.schedule, now)
    if due <= subscription.due_after or (progress.last_due is not None and due <= progress.last_due):
        return None
    late = now - due > ON_TIME_FOR
    if late and next_due(subscription.schedule, now) - now <= ON_TIME_FOR:
        return None
    start = max(subscription.counts_from, progress.covered_until or subscription.counts_from).astimezone(UTC)
    end = now.astimezone(UTC).replace(second=0, microsecond=0) if late else due
    return Occurrence(subscription.id, due, start, end, late) if start < end else None


def choose(
    deployments: Iterable[Deployment], subscription: Subscription, occurrence: Occurrence, told: Collection[str]
) -> tuple[Deployment, ...]:
    """The deployments that belong in this digest, in the order given.

    Those that finished or failed before the window's end and were not told yet (``told`` holds ids): in the window
    or, learned of late, up to ``LOOK_BACK`` before it; never any from before the subscription counts.
    """
    window = occurrence.reading_window
    earliest = max(window.start, subscription.counts_from)
    return tuple(
        deployment
        for deployment in deployments
        if deployment.state in _TELLABLE
        and not deployment.archived
        and earliest <= deployment.at < occurrence.window_end
        and deployment.id not in told
        and subscription.filters.accepts(deployment)
    )
