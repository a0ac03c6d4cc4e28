"""What the embedded LaunchDarkly remembers. All times are aware and in whole seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


@dataclass(frozen=True, slots=True)
class Environment:
    key: str
    name: str
    color: str
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """``environments`` are listed as LaunchDarkly would; a change travels through them from the last to the first."""

    key: str
    name: str
    environments: tuple[Environment, ...]


@dataclass(frozen=True, slots=True)
class Application:
    """``kind`` is server, browser or mobile. ``versions`` says how releases are called: short, full or semver.

    ``releases_a_day`` counts trains to production on a working day, ``minutes`` is how long one usually takes; 0 means
    that only the end of a deployment is ever reported, as an app store or an SDK does.
    """

    key: str
    name: str
    kind: str
    description: str
    project: str
    versions: str
    first_number: int
    releases_a_day: float
    minutes: int
    team: tuple[str, ...]

    @property
    def repository(self) -> str:
        return f"acme-shop/{self.key}"


@dataclass(frozen=True, slots=True)
class FlagReference:
    project: str
    flag: str
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class PullRequest:
    """``status`` is open, merged or closed; ``merged_at`` and ``merge_commit`` are there once it is merged."""

    id: str
    number: int
    repository: str
    application: str
    project: str
    title: str
    author: str
    status: str
    first_commit_at: datetime
    created_at: datetime
    merged_at: datetime | None
    merge_commit: str | None
    base_commit: str
    head_commit: str
    files: int
    added: int
    deleted: int
    flags: tuple[FlagReference, ...] = ()

    @property
    def url(self) -> str:
        return f"https://github.com/{self.repository}/pull/{self.number}"

    @property
    def at(self) -> datetime:
        """The time by which LaunchDarkly sorts: merged, or else created."""
        return self.merged_at or self.created_at


@dataclass(frozen=True, slots=True)
class Deployment:
    """One version of one application in one environment; ``ended_at`` is None while no end was reported."""

    id: str
    project: str
    environment: str
    application: str
    version: str
    started_at: datetime
    ended_at: datetime | None
    status: str
    kind: str
    pull_requests: tuple[PullRequest, ...]
    archived: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)


class Course(Enum):
    """How a release went in production."""

    WELL = "well"
    FAILED_FIRST = "failed, then redeployed"
    ROLLED_BACK = "finished, then rolled back"
    RUNNING = "still running"
    NO_END = "its pipeline died"
    HIDDEN = "hidden by somebody afterwards"
    LATE = "reported long after it happened"
    STAGING_ONLY = "not in production yet"


@dataclass(frozen=True, slots=True)
class Change:
    """One pull request. ``references`` is (flag, added, removed); a flag of another project is ``project:flag``.

    ``days_old`` is how long ago it was opened where that is much longer than usual.
    """

    title: str
    author: str
    number: int = 0
    references: tuple[str, int, int] = ("", 0, 0)
    days_old: int = 0
