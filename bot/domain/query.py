"""What is asked of the deployments: a window of time and filters."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from bot.domain.deployments import Deployment, PullRequest, State, state_of
from bot.domain.people import same_author
from bot.domain.spelling import like

# Status and kind words that LaunchDarkly documents. Only these are asked of the API: what it does with a word it does
# not know (refuse it, or find nothing) is undocumented, so every other word is compared here.
DOCUMENTED_STATUSES = frozenset({"finished", "failed"})
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
    status: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class DeploymentQuery:
    """A whole question about one environment, its keys resolved. Empty filters let everything through.

    ``applications`` may hold ``*`` wildcards; ``authors``, ``pull_requests`` (numbers) and ``words`` (of titles) choose
    pull requests and with them the deployments that carried one; ``excluded_authors`` takes pull requests away, and
    with them the deployments that carried no other.
    """

    project: str
    environment: str
    window: TimeWindow
    applications: tuple[str, ...] = ()
    kind: str | None = None
    status: str | None = None
    authors: tuple[str, ...] = ()
    excluded_authors: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    pull_requests: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def for_source(self) -> SourceQuery:
        """What the source can filter; the rest is ``accepts``'s."""
        exact = not any("*" in pattern for pattern in self.applications)
        return SourceQuery(
            project=self.project,
            environment=self.environment,
            window=self.window,
            applications=tuple(sorted(self.applications)) if exact else (),
            status=self.status if self.status in DOCUMENTED_STATUSES else None,
            kind=self.kind if self.kind in DOCUMENTED_KINDS else None,
        )

    @property
    def chooses_pull_requests(self) -> bool:
        """Whether a deployment is in the answer only for a pull request that it carried."""
        return bool(self.authors or self.pull_requests or self.words)

    def accepts(self, deployment: Deployment) -> bool:
        """Whether the deployment belongs to the answer, as far as its listed pull requests and flags tell."""
        return self.accepts_apart_from_pull_requests(deployment) and self._accepts_some_pull_request(deployment)

    def accepts_apart_from_pull_requests(self, deployment: Deployment) -> bool:
        """The filters on the deployment itself: application, kind, status, flag."""
        return (
            self._accepts_application(deployment.application)
            and (self.kind is None or deployment.kind.lower() == self.kind.lower())
            and (self.status is None or _same_status(self.status, deployment.status))
            and (not self.flags or any(self.accepts_flag(ref.key) for ref in deployment.flag_references))
        )

    def accepts_pull_request(self, pull_request: PullRequest) -> bool:
        """Whether this pull request is one that the question is about."""
        if any(same_author(typed, pull_request.author) for typed in self.excluded_authors):
            return False
        title = pull_request.title.lower()
        return (
            (not self.authors or any(same_author(typed, pull_request.author) for typed in self.authors))
            and (not self.pull_requests or pull_request.number in self.pull_requests)
            and all(word.lower() in title for word in self.words)
        )

    def accepts_flag(self, key: str) -> bool:
        return any(like(key, pattern) for pattern in self.flags)

    def _accepts_application(self, key: str) -> bool:
        return not self.applications or any(like(key, p) for p in self.applications)

    def _accepts_some_pull_request(self, deployment: Deployment) -> bool:
        listed = deployment.pull_requests
        if any(self.accepts_pull_request(pull_request) for pull_request in listed):
            return True
        if self.chooses_pull_requests:
            return False
        # Only exclusions, if any: what carried nothing else is left out, what carried nothing at all stays.
        return not (self.excluded_authors and listed and not deployment.unread_pull_requests)


def _same_status(typed: str, status: str) -> bool:
    meant = state_of(typed)
    if meant is not State.OTHER:
        return state_of(status) is meant
    return typed.strip().lower() == status.strip().lower()
