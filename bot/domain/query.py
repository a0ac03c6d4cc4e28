"""What is asked of the deployments: a window of time and filters."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from bot.domain.deployments import Deployment
from bot.domain.filters import NO_FILTERS, Filters

# The kinds that LaunchDarkly documents. Only these are asked of the API: what it does with a word it does not know
# (refuse it, or find nothing) is undocumented, so every other word is compared here. So is every status: several words
# mean "failed" (``state_of``), which of them the API uses is undocumented, and it filters by one.
DOCUMENTED_KINDS = frozenset({"redeployment"})


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """``[start, end)``; an ``end`` of None is the moment of the reading.

    ``zone`` and ``words`` say how the person named the window; two windows of the same instants are equal. ``typed`` is
    how to type it again: "" where nothing need be typed, None where that is not known.
    """

    start: datetime
    end: datetime | None = None
    zone: tzinfo = field(default=UTC, compare=False)
    words: str = field(default="", compare=False)
    typed: str | None = field(default=None, compare=False)

    def end_or(self, now: datetime) -> datetime:
        """The end, no later than ``now``."""
        return now if self.end is None else min(self.end, now)

    def covers(self, other: TimeWindow, read_at: datetime) -> bool:
        """Whether a reading of this window, made at ``read_at``, has all that one of the other would have had then."""
        if self.start > other.start:
            return False
        return self.end is None if other.end is None else self.end_or(read_at) >= other.end

    def touches(self, deployment: Deployment, now: datetime) -> bool:
        """Whether any moment of the deployment lies inside.

        LaunchDarkly does not document which of a deployment's times its window tests, so all of them count; a
        deployment without an end is taken to be still under way.
        """
        end = self.end_or(now)
        last = deployment.ended_at
        return self.start < end and deployment.started_at < end and (last is None or last >= self.start)


@dataclass(frozen=True, slots=True)
class SourceQuery:
    """The part of a question that the source filters. Equal ones share one read."""

    project: str
    environment: str
    window: TimeWindow
    applications: tuple[str, ...] = ()
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class DeploymentQuery:
    """A whole question about one environment, its keys resolved."""

    project: str
    environment: str
    window: TimeWindow
    filters: Filters = NO_FILTERS

    def for_source(self) -> SourceQuery:
        """What the source can filter; the rest is left to the filters."""
        filters = self.filters
        exact = not any("*" in pattern for pattern in filters.applications)
        return SourceQuery(
            project=self.project,
            environment=self.environment,
            window=self.window,
            applications=tuple(sorted(filters.applications)) if exact else (),
            kind=filters.kind if filters.kind in DOCUMENTED_KINDS else None,
        )
