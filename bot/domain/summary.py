"""What shipped, told in order: failures first, then by application, with what is missing said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.deployments import Completeness, Deployment, Deployments, FlagReference, PullRequest, State
from bot.domain.filters import Filters
from bot.domain.people import is_robot
from bot.domain.query import DeploymentQuery


@dataclass(frozen=True, slots=True)
class Copy:
    """That an answer is not fresh: ``because`` is empty for an ordinary cached answer, else why no newer one came."""

    because: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading as it reaches the summary: fresh (``copy`` is None) or a kept copy of an earlier one."""

    deployments: Deployments
    copy: Copy | None = None


@dataclass(frozen=True, slots=True)
class Shipment:
    """One deployment as the answer tells it.

    ``pull_requests`` are those of people and ``robot_pull_requests`` those of machines that the question is about;
    ``left_out`` counts the listed ones that it is not about, ``unread`` those that LaunchDarkly counts but did not
    list. The four together are LaunchDarkly's own count.
    """

    deployment: Deployment
    pull_requests: tuple[PullRequest, ...]
    robot_pull_requests: tuple[PullRequest, ...]
    left_out: int
    unread: int
    lacks_end_event: bool


@dataclass(frozen=True, slots=True)
class ApplicationGroup:
    """The shipments of one application that did not fail, newest first."""

    application: str
    shipments: tuple[Shipment, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the whole answer, each pull request, person and flag counted once.

    ``unread_pull_requests`` and ``unread_flag_references`` are how many more LaunchDarkly counts without listing them:
    ``pull_requests`` and ``people``, or ``flags``, are then lower bounds.
    """

    deployments: int
    finished: int
    failed: int
    running: int
    other: int
    pull_requests: int
    robot_pull_requests: int
    unread_pull_requests: int
    people: int
    lines_added: int
    lines_deleted: int
    flags: int
    unread_flag_references: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole answer to "what shipped?". ``completeness`` and ``copy`` must be told wherever it is shown.

    ``hidden`` counts deployments that somebody hid in LaunchDarkly (``archived``), ``outside`` those that it returned
    although they lie outside the window. ``undecided`` counts deployments that may belong to the answer by a pull
    request or flag that LaunchDarkly counts but did not list. ``others`` were read and do not belong to it.

    ``corrected`` and ``wider`` are commands to offer where nothing was found: the same question with a near spelling,
    and over a longer time.
    """

    query: DeploymentQuery
    failed: tuple[Shipment, ...]
    groups: tuple[ApplicationGroup, ...]
    totals: Totals
    completeness: Completeness
    as_of: datetime
    copy: Copy | None
    hidden: int
    outside: int
    undecided: int
    kinds_seen: tuple[str, ...]
    statuses_seen: tuple[str, ...]
    authors_seen: tuple[str, ...] = ()
    others: int = 0
    corrected: tuple[str, ...] = ()
    wider: str = ""

    @property
    def shipments(self) -> tuple[Shipment, ...]:
        """All of them in the order they are told: failures, then application by application."""
        return self.failed + tuple(shipment for group in self.groups for shipment in group.shipments)

    @property
    def nothing_shipped(self) -> bool:
        """True only after a complete read that found nothing."""
        return not self.totals.deployments and self.completeness.is_complete and not self.undecided


def summarize(query: DeploymentQuery, reading: Reading, now: datetime) -> Summary:
    """Choose, order and count what a reading gave, for the question that it was made for."""
    read = reading.deployments
    visible = [d for d in read.items if not d.archived]
    filters = query.filters
    shipments = [_shipment(filters, d, now) for d in visible if filters.accepts(d)]
    failed = tuple(s for s in shipments if s.deployment.state is State.FAILED)
    return Summary(
        query=query,
        failed=failed,
        groups=_groups(s for s in shipments if s.deployment.state is not State.FAILED),
        totals=_totals(shipments),
        completeness=read.completeness,
        as_of=read.as_of,
        copy=reading.copy,
        hidden=len(read.items) - len(visible),
        outside=read.outside,
        undecided=sum(_undecided(filters, d) for d in visible),
        kinds_seen=tuple(sorted({d.kind for d in visible if d.kind})),
        statuses_seen=tuple(sorted({d.status for d in visible if d.status})),
        authors_seen=tuple(sorted({p.author for d in visible for p in d.pull_requests if p.author})),
        others=len(visible) - len(shipments),
    )


def _shipment(filters: Filters, deployment: Deployment, now: datetime) -> Shipment:
    meant = [p for p in deployment.pull_requests if filters.accepts_pull_request(p)]
    return Shipment(
        deployment=deployment,
        pull_requests=tuple(p for p in meant if not is_robot(p.author)),
        robot_pull_requests=tuple(p for p in meant if is_robot(p.author)),
        left_out=len(deployment.pull_requests) - len(meant),
        unread=deployment.unread_pull_requests,
        lacks_end_event=deployment.lacks_end_event(now),
    )


def _undecided(filters: Filters, deployment: Deployment) -> bool:
    if filters.accepts(deployment):
        return False
    if filters.chooses_pull_requests and deployment.unread_pull_requests:
        return filters.accepts_apart_from_pull_requests(deployment)
    return bool(filters.flags) and bool(deployment.unread_flag_references)


def _groups(shipments: Iterable[Shipment]) -> tuple[ApplicationGroup, ...]:
    by_application: dict[str, list[Shipment]] = {}
    for shipment in shipments:  # newest first, so an application's place is that of its newest
        by_application.setdefault(shipment.deployment.application, []).append(shipment)
    return tuple(ApplicationGroup(name, tuple(members)) for name, members in by_application.items())


def _totals(shipments: list[Shipment]) -> Totals:
    states = [s.deployment.state for s in shipments]
    people = {_identity(p): p for s in shipments for p in s.pull_requests}
    robots = {_identity(p) for s in shipments for p in s.robot_pull_requests}
    return Totals(
        deployments=len(shipments),
        finished=states.count(State.FINISHED),
        failed=states.count(State.FAILED),
        running=states.count(State.RUNNING),
        other=states.count(State.OTHER),
        pull_requests=len(people),
        robot_pull_requests=len(robots),
        unread_pull_requests=sum(s.unread for s in shipments),
        people=len({p.author.lower() for p in people.values() if p.author}),
        lines_added=sum(s.deployment.lines_added for s in shipments),
        lines_deleted=sum(s.deployment.lines_deleted for s in shipments),
        flags=len({(ref.project, ref.key) for s in shipments for ref in s.deployment.flag_references}),
        unread_flag_references=sum(s.deployment.unread_flag_references for s in shipments),
    )


def _identity(pull_request: PullRequest) -> str:
    return pull_request.url or pull_request.id or pull_request.number


def flags_touched(shipments: Iterable[Shipment]) -> tuple[FlagReference, ...]:
    """Each flag once, its references added up over the shipments, most changed first."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for shipment in shipments:
        for ref in shipment.deployment.flag_references:
            added, removed = sums.get((ref.project, ref.key), (0, 0))
            sums[ref.project, ref.key] = (added + ref.added, removed + ref.removed)
    flags = [FlagReference(project, key, added, removed) for (project, key), (added, removed) in sums.items()]
    return tuple(sorted(flags, key=lambda f: (-(f.added + f.removed), f.key)))
