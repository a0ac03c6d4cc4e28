"""The names that LaunchDarkly knows: projects, environments, applications."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta

from bot.domain.deployments import Application, Named
from bot.domain.errors import SourceError, SourceNotFound
from bot.services.budget import left
from bot.services.ports import DeploymentSource
from bot.services.single_flight import SingleFlight

_Names = Sequence[Application] | Sequence[Named]


def not_shown(project: str) -> SourceNotFound:
    """What is said of a project that people may not ask about: no more than of one that is not there."""
    return SourceNotFound(f"There is no project “{project}” here.")


class Catalog:
    """Names, read at most every ``fresh_for`` seconds and kept for ever: an old list of names is better than none.

    ``timeout`` is in seconds, for one list, which takes no longer than its question may. Where there are
    ``allowed_projects``, there are no others.
    """

    def __init__(
        self,
        source: DeploymentSource,
        *,
        clock: Callable[[], datetime],
        fresh_for: float = 300.0,
        timeout: float = 15.0,
        allowed_projects: Collection[str] = (),
    ) -> None:
        self._source = source
        self._allowed = tuple(allowed_projects)
        self._clock = clock
        self._fresh_for = timedelta(seconds=fresh_for)
        self._timeout = timeout
        self._kept: dict[str, tuple[datetime, tuple[str, ...]]] = {}
        self._flights: SingleFlight[str, tuple[str, ...]] = SingleFlight()

    async def applications(self) -> tuple[str, ...]:
        """The keys of all applications of the account; raises ``SourceError``."""
        return await self._keys("applications", lambda: self._source.applications(timeout=left(self._timeout)))

    async def projects(self) -> tuple[str, ...]:
        """The keys of all projects that the token may see and people may ask about; raises ``SourceError``."""
        keys = await self._keys("projects", lambda: self._source.projects(timeout=left(self._timeout)))
        return tuple(key for key in keys if self.allows(key))

    def allows(self, project: str) -> bool:
        """Whether people may ask about it."""
        return not self._allowed or project in self._allowed

    async def environments(self, project: str) -> tuple[str, ...]:
        """The keys of a project's environments, as LaunchDarkly orders them; raises ``SourceError``."""
        if not self.allows(project):
            raise not_shown(project)
        return await self._keys(
            f"environments of {project}", lambda: self._source.environments(project, timeout=left(self._timeout))
        )

    async def _keys(self, what: str, read: Callable[[], Awaitable[_Names]]) -> tuple[str, ...]:
        kept = self._kept.get(what)
        if kept is not None and self._clock() - kept[0] <= self._fresh_for:
            return kept[1]

        async def refresh() -> tuple[str, ...]:
            keys = tuple(named.key for named in await read())
            self._kept[what] = (self._clock(), keys)
            return keys

        try:
            return await self._flights.run(what, refresh)
        except SourceError:
            if kept is None:
                raise
            return kept[1]

    async def aclose(self) -> None:
        """Stop the reads that are still under way."""
        await self._flights.aclose()
