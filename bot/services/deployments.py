"""The query service: every answer's deployments come through here, one read for equal questions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.deployments import Deployments
from bot.domain.errors import SourceContractError, SourceError
from bot.domain.query import SourceQuery
from bot.domain.summary import Copy, Reading
from bot.services.ports import DeploymentSource
from bot.services.single_flight import SingleFlight


class DeploymentService:
    """Reads deployments; shares equal reads, keeps short-lived copies, and falls back on an older one in trouble.

    ``fresh_for`` and ``timeout`` are in seconds. Copies are kept up to ``keep`` deployments in all, the least recently
    used go first. ``clock`` gives the present moment, aware.
    """

    def __init__(
        self,
        source: DeploymentSource,
        *,
        clock: Callable[[], datetime],
        fresh_for: float = 60.0,
        timeout: float = 60.0,
        keep: int = 30_000,
    ) -> None:
        self._source = source
        self._clock = clock
        self._fresh_for = timedelta(seconds=fresh_for)
        self._timeout = timeout
        self._keep = keep
        self._copies: OrderedDict[SourceQuery, Deployments] = OrderedDict()
        self._flights: SingleFlight[SourceQuery, Deployments] = SingleFlight()

    async def read(self, query: SourceQuery) -> Reading:
        """All deployments of the query, complete or with its gaps named.

        Raises a ``SourceError`` only where LaunchDarkly could not be read and no earlier copy is at hand; such a copy
        comes with the reason. A copy never hides that the operator must act (``SourceAuthError``) or that a key is
        unknown (``SourceNotFound``).
        """
        kept = self._copies.get(query)
        if kept is not None:
            self._copies.move_to_end(query)
            if self._clock() - kept.as_of <= self._fresh_for:
                return Reading(kept, Copy())
        try:
            return Reading(await self._flights.run(query, lambda: self._read(query)))
        except SourceError as error:
            if kept is None or not (error.retryable or isinstance(error, SourceContractError)):
                raise
            return Reading(kept, Copy(because=error.message))

    async def _read(self, query: SourceQuery) -> Deployments:
        deployments = await self._source.read(query, now=self._clock(), timeout=self._timeout)
        if deployments.completeness.is_complete:
            self._remember(query, deployments)
        return deployments

    def _remember(self, query: SourceQuery, deployments: Deployments) -> None:
        self._copies[query] = deployments
        self._copies.move_to_end(query)
        # An empty reading takes room too, so that a stream of odd questions cannot fill the memory.
        while sum(len(copy.items) + 1 for copy in self._copies.values()) > self._keep and len(self._copies) > 1:
            self._copies.popitem(last=False)

    async def aclose(self) -> None:
        """Stop the reads that are still under way."""
        await self._flights.aclose()
