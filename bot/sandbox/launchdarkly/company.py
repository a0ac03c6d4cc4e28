"""The company behind the embedded LaunchDarkly: what it has deployed, and ``deploy`` for more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid5

from bot.sandbox.launchdarkly import acme
from bot.sandbox.launchdarkly.history import write_history
from bot.sandbox.launchdarkly.records import Application, Change, Deployment, Project, PullRequest

_NAMESPACE = UUID("6f2d8c1e-8a51-4a0b-9c5f-2f1f0f7b9a11")


class Company:
    """Believable and deterministic: the same seed and the same ``now`` (aware) give the same company."""

    def __init__(self, seed: int, now: datetime) -> None:
        self.seed = seed
        now = now.astimezone(UTC).replace(microsecond=0)
        self.founded_at = now - timedelta(days=400)
        random = Random(seed)  # noqa: S311 - sample data, nothing is guarded by it
        self._history = write_history(random, now)
        self._pull_requests = {p.id: p for p in self._history.pull_requests}
        self._deployments: dict[str, Deployment] = {}
        self._publish(self._history.deployments)

    @property
    def projects(self) -> tuple[Project, ...]:
        return acme.PROJECTS

    @property
    def applications(self) -> tuple[Application, ...]:
        """Of the whole account, in LaunchDarkly's default order (by key here)."""
        return tuple(sorted(acme.APPLICATIONS, key=lambda a: a.key))

    @property
    def deployments(self) -> Iterable[Deployment]:
        """All that were reported, newest first."""
        return self._deployments.values()

    @property
    def pull_requests(self) -> tuple[PullRequest, ...]:
        """All of them, deployed or not, the last merged or created first."""
        return tuple(sorted(self._pull_requests.values(), key=lambda p: (p.at, p.id), reverse=True))

    def deployment(self, deployment_id: str) -> Deployment | None:
        return self._deployments.get(deployment_id)

    def pull_request(self, pull_request_id: str) -> PullRequest | None:
        return self._pull_requests.get(pull_request_id)

    def is_active(self, deployment: Deployment) -> bool:
        """Whether it is the last one that finished in its place."""
        return deployment.id in self._active

    def deployments_of(self, pull_request: PullRequest) -> tuple[Deployment, ...]:
        return tuple(d for d in self.deployments if pull_request in d.pull_requests)

    def report_late(self) -> tuple[Deployment, ...]:
        """Let the deployments be known that happened before but were not reported; returns them."""
        late = tuple(self._history.late)
        self._history.late.clear()
        self._publish(late)
        return late

    def deploy(
        self,
        application: str,
        now: datetime,
        *,
        environment: str = "production",
        titles: Sequence[str] = ("Fix a typing mistake on the order page",),
        author: str = "jane.doe",
        flag: str = "",
        version: str = "",
        status: str = "finished",
        kind: str = "deployment",
        minutes: float = 3,
    ) -> Deployment:
        """A deployment that ends at ``now``, or starts then where its status is ``started``; one change per title.

        ``flag`` gets two new references from the first change. Raises KeyError for an unknown application.
        """
        home = acme.BY_KEY[application]
        work = [
            Change(title, author, references=(flag, 2, 0) if flag and not turn else ("", 0, 0))
            for turn, title in enumerate(titles)
        ]
        running = status == "started"
        start = now if running else now - timedelta(minutes=minutes)
        carried = tuple(self._history.merge(home, change, start - timedelta(minutes=20)) for change in work)
        commit = (carried[-1].merge_commit if carried else None) or self._history.new_id().replace("-", "")
        deployment = Deployment(
            id=self._history.new_id(),
            project=home.project,
            environment=environment,
            application=application,
            version=version or commit[:7],
            started_at=start,
            ended_at=None if running else now,
            status=status,
            kind=kind,
            pull_requests=carried,
        )
        self._pull_requests.update((p.id, p) for p in carried)
        self._publish([deployment])
        return deployment

    def made_up_id(self, *path: str) -> UUID:
        """The same id for the same thing, for what the history does not number."""
        return uuid5(_NAMESPACE, "/".join((str(self.seed), *path)))

    def _publish(self, deployments: Iterable[Deployment]) -> None:
        known = [*self._deployments.values(), *deployments]
        known.sort(key=lambda d: (d.started_at, d.id), reverse=True)
        self._deployments = {d.id: d for d in known}
        last = {(d.application, d.environment): d.id for d in reversed(known) if d.status == "finished"}
        self._active = frozenset(last.values())
