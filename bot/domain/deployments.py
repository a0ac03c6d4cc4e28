"""A deployment with the pull requests it carried and the flag references it touched.

Field meanings: https://launchdarkly.com/docs/api/insights-deployments-beta/get-deployments
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

_FULL_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)
_SHORT_SHA = 7

# A pipeline that dies leaves its deployment unfinished for ever; after this long we stop calling it "running".
NO_END_EVENT_AFTER = timedelta(hours=6)


class State(Enum):
    """What a status word means to us. LaunchDarkly's ``status`` is an open string without a documented list."""

    FINISHED = "finished"
    FAILED = "failed"
    RUNNING = "running"
    OTHER = "other"


# Event types (`started`, `failed`, `finished`) and the labels of LaunchDarkly's own pages, plus their usual spellings.
_STATES = {
    "finished": State.FINISHED,
    "completed": State.FINISHED,
    "succeeded": State.FINISHED,
    "success": State.FINISHED,
    "failed": State.FAILED,
    "failure": State.FAILED,
    "error": State.FAILED,
    "started": State.RUNNING,
    "running": State.RUNNING,
    "in_progress": State.RUNNING,
    "in-progress": State.RUNNING,
    "in progress": State.RUNNING,
    "inprogress": State.RUNNING,
    "deploying": State.RUNNING,
}


def state_of(status: str) -> State:
    """The state that a status word names, whatever its case; ``OTHER`` for a word we do not know."""
    return _STATES.get(status) or _STATES.get(status.strip().lower(), State.OTHER)


class PullRequest(NamedTuple):
    """One pull request of a deployment. Texts come from strangers; an unknown text is ``""``, an unknown time None.

    A tuple, for there are tens of thousands in a busy month: made twice as quickly as a frozen dataclass, and the
    garbage collector stops looking at it.
    """

    id: str
    number: str
    title: str
    author: str
    url: str
    status: str
    created_at: datetime | None
    merged_at: datetime | None
    merge_commit: str
    head_commit: str
    files_changed: int
    lines_added: int
    lines_deleted: int


@dataclass(frozen=True, slots=True)
class FlagReference:
    """How many references to a flag a deployment added and removed. It says nothing about the flag being on or gone.

    ``project`` is the reference's own project, which may differ from the deployment's.
    """

    project: str
    key: str
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class LeadTimeStages:
    """First commit → opened (coding) → merged (review) → deployment starts (wait) → ends (deploy); None is unknown."""

    coding: timedelta | None
    review: timedelta | None
    wait: timedelta | None
    deploy: timedelta | None

    def slowest(self) -> tuple[str, timedelta] | None:
        """The name and length of the longest known stage, or None where no stage took any time."""
        known = [
            (name, length)
            for name, length in (
                ("coding", self.coding),
                ("review", self.review),
                ("wait", self.wait),
                ("deploy", self.deploy),
            )
            if length
        ]
        return max(known, key=lambda stage: stage[1]) if known else None


@dataclass(frozen=True, slots=True)
class Deployment:
    """One version of one application on its way into one environment.

    ``project`` is the asked one: LaunchDarkly does not say it on a deployment. ``duration`` and ``lead_time`` are None
    where LaunchDarkly sent 0, which means "not measured" and "no pull requests known". ``pull_request_count`` and
    ``flag_reference_count`` are LaunchDarkly's own counts and can exceed the lists beside them.
    """

    id: str
    project: str
    environment: str
    application: str
    version: str
    started_at: datetime
    ended_at: datetime | None
    duration: timedelta | None
    status: str
    kind: str
    active: bool
    archived: bool
    contributors: int
    lines_added: int
    lines_deleted: int
    lead_time: timedelta | None
    stages: LeadTimeStages | None
    pull_requests: tuple[PullRequest, ...]
    pull_request_count: int
    flag_references: tuple[FlagReference, ...]
    flag_reference_count: int
    metadata: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def state(self) -> State:
        """What the status word means; an end time beside an unknown word does not make it finished."""
        return state_of(self.status)

    @property
    def at(self) -> datetime:
        """When it got there: its end, or its start while there is no end."""
        return self.ended_at or self.started_at

    @property
    def short_version(self) -> str:
        """The version as people say it: a full commit SHA shortened to seven digits, anything else as it is."""
        return self.version[:_SHORT_SHA] if _FULL_SHA.fullmatch(self.version) else self.version

    @property
    def unread_pull_requests(self) -> int:
        """How many pull requests LaunchDarkly counts beyond those it listed."""
        return max(0, self.pull_request_count - len(self.pull_requests))

    @property
    def unread_flag_references(self) -> int:
        """How many flag references LaunchDarkly counts beyond those it listed."""
        return max(0, self.flag_reference_count - len(self.flag_references))

    def lacks_end_event(self, now: datetime) -> bool:
        """Whether it started so long ago, without an end, that its pipeline probably died."""
        return self.state is State.RUNNING and self.ended_at is None and now - self.started_at >= NO_END_EVENT_AFTER


@dataclass(frozen=True, slots=True)
class Completeness:
    """Whether everything asked for was read; each gap is one sentence that a person can read."""

    gaps: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        return not self.gaps

    def and_(self, other: Completeness) -> Completeness:
        """Both together: complete only where both are. A gap told twice is told once."""
        return Completeness(tuple(dict.fromkeys(self.gaps + other.gaps)))


COMPLETE = Completeness()


@dataclass(frozen=True, slots=True)
class Deployments:
    """What one reading of one environment gave: newest first, each id once, all inside the asked window.

    ``as_of`` is when the reading was made. ``outside`` counts deployments that LaunchDarkly returned although they
    lie outside the window; they are not in ``items``.
    """

    items: tuple[Deployment, ...]
    completeness: Completeness
    as_of: datetime
    outside: int = 0


@dataclass(frozen=True, slots=True)
class Application:
    """An application as LaunchDarkly lists it, for the whole account; ``kind`` is server, browser or mobile."""

    key: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Named:
    """A project or an environment: the key people type, the name they see."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a token is, as far as LaunchDarkly says."""

    token_name: str
    kind: str
    is_service_token: bool | None
    expires_at: datetime | None
