"""One fake per port, held to the same contract as the real thing (``tests/contracts``)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from bot.domain.deployments import COMPLETE, Application, Completeness, Deployment, Deployments, Named, PullRequest
from bot.domain.errors import SourceError, SourceNotFound
from bot.domain.query import SourceQuery


class FakeSource:
    """A LaunchDarkly in memory: ``environments_of`` maps a project to its environments.

    ``error`` makes every read fail, ``errors`` one environment's, ``names_error`` the lists of names;
    ``listed_environments`` is what a project's list says in place of its environments; ``gate`` holds reads until it is
    set, and ``begun`` tells that one came; ``completeness`` is what readings claim.
    """

    def __init__(
        self,
        *deployments: Deployment,
        environments_of: dict[str, Sequence[str]] | None = None,
        applications: Sequence[str] = ("billing-service", "checkout-web", "checkout-api", "search-api"),
        pull_requests: Sequence[PullRequest] = (),
    ) -> None:
        self.held = list(deployments)
        self.environments_of = environments_of or {"default": ("test", "staging", "production")}
        self.known_applications = tuple(applications)
        self.known_pull_requests = tuple(pull_requests)
        self.completeness: Completeness = COMPLETE
        self.error: SourceError | None = None
        self.errors: dict[str, SourceError] = {}
        self.names_error: SourceError | None = None
        self.listed_environments: Sequence[str] | None = None
        self.gate: asyncio.Event | None = None
        self.begun = asyncio.Event()
        self.reads: list[SourceQuery] = []
        self.name_reads = 0

    async def read(self, query: SourceQuery, *, now: datetime, timeout: float) -> Deployments:
        self.reads.append(query)
        if self.gate is not None:
            self.begun.set()
            await self.gate.wait()
        if error := self.error or self.errors.get(query.environment):
            raise error
        if query.environment not in self.environments_of.get(query.project, ()):
            raise SourceNotFound("LaunchDarkly answered 404.")
        items = [
            d
            for d in self.held
            if d.project == query.project
            and d.environment == query.environment
            and (not query.applications or d.application in query.applications)
            and (query.kind is None or d.kind == query.kind)
        ]
        inside = [d for d in items if query.window.touches(d, now)]
        inside.sort(key=lambda d: (d.started_at, d.id), reverse=True)
        return Deployments(tuple(inside), self.completeness, now)

    async def deployment(self, project: str, deployment_id: str, *, timeout: float) -> Deployment:
        for deployment in self.held:
            if deployment.id == deployment_id:
                return deployment
        raise SourceNotFound("LaunchDarkly knows no such deployment.")

    async def pull_requests(
        self, project: str, *, start: datetime, end: datetime, text: str = "", timeout: float
    ) -> Sequence[PullRequest]:
        if self.error:
            raise self.error
        wanted = text.lower()
        return [p for p in self.known_pull_requests if wanted in p.title.lower() or wanted == p.author.lower()]

    async def applications(self, *, timeout: float) -> Sequence[Application]:
        self._name_read()
        return [Application(key, key.title(), "server") for key in self.known_applications]

    async def projects(self, *, timeout: float) -> Sequence[Named]:
        self._name_read()
        return [Named(key, key.title()) for key in self.environments_of]

    async def environments(self, project: str, *, timeout: float) -> Sequence[Named]:
        self._name_read()
        if project not in self.environments_of:
            raise SourceNotFound("LaunchDarkly answered 404.")
        if self.listed_environments is not None:
            return [Named(key, key.title()) for key in self.listed_environments]
        return [Named(key, key.title()) for key in self.environments_of[project]]

    def _name_read(self) -> None:
        self.name_reads += 1
        if self.names_error:
            raise self.names_error


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now
