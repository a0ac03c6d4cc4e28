"""What a form offers: projects, the environments of one, and the applications, those deployed there lately first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.errors import SourceError
from bot.domain.lookup import order_environments
from bot.domain.query import SourceQuery, TimeWindow
from bot.services.catalog import Catalog
from bot.services.deployments import DeploymentService

_LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Offered:
    """Keys to choose from, and which project and environment are chosen. ``lately`` and ``others`` do not overlap."""

    projects: tuple[str, ...]
    project: str
    environments: tuple[str, ...]
    environment: str
    lately: tuple[str, ...]
    others: tuple[str, ...]


class Choices:
    """Reads names; what cannot be read is missing among the choices, and what is chosen is always among them."""

    def __init__(self, catalog: Catalog, deployments: DeploymentService, *, clock: Callable[[], datetime]) -> None:
        self._catalog = catalog
        self._deployments = deployments
        self._clock = clock

    async def offered(self, project: str, environment: str) -> Offered:
        """The choices for somebody who chose this project and environment; other ones where they do not exist."""
        projects = await self._projects(project)
        if project not in projects:
            project = projects[0]
        environments = await self._environments(project, environment)
        if environment not in environments:
            environment = environments[0]
        lately = await self._lately(project, environment)
        known = await self._applications()
        others = tuple(sorted(set(known) - set(lately)))
        return Offered(projects, project, environments, environment, lately, others)

    async def _projects(self, chosen: str) -> tuple[str, ...]:
        try:
            return await self._catalog.projects() or (chosen,)
        except SourceError:
            if not chosen:
                raise
            return (chosen,)

    async def _environments(self, project: str, chosen: str) -> tuple[str, ...]:
        try:
            return order_environments(await self._catalog.environments(project)) or (chosen,)
        except SourceError:
            return (chosen,)

    async def _applications(self) -> tuple[str, ...]:
        try:
            return await self._catalog.applications()
        except SourceError:
            return ()

    async def _lately(self, project: str, environment: str) -> tuple[str, ...]:
        start = self._clock().replace(second=0, microsecond=0) - _LATELY
        try:
            reading = await self._deployments.read(SourceQuery(project, environment, TimeWindow(start)))
        except SourceError:
            return ()
        return tuple(sorted({d.application for d in reading.deployments.items if d.application and not d.archived}))
