"""The query service: every answer's deployments come through here, one read for equal questions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from operator import itemgetter

from bot.domain.deployments import Deployments
from bot.domain.errors import SourceContractError, SourceError
from bot.domain.query import SourceQuery
from bot.domain.summary import Copy, Reading
from bot.services.budget import left
from bot.services.catalog import not_shown
from bot.services.ports import DeploymentSource
from bot.services.single_flight import SingleFlight


class DeploymentService:
    """Reads deployments; shares equal reads, keeps short-lived copies, and falls back on an older one in trouble.

    ``fresh_for`` and ``timeout`` are in seconds; a read takes no longer than its question may. Copies are kept up to
    ``keep`` deployments in all, the least recently used go first. ``clock`` gives the present moment, aware.
    ``on_read`` is told how each question was answered: "ok", "failed", or "cached" where LaunchDarkly was not asked.
    ``allows`` says of a project whether it may be shown.
    """

    def __init__(
        self,
        source: DeploymentSource,
        *,
        clock: Callable[[], datetime],
        fresh_for: float = 60.0,
        timeout: float = 60.0,
        keep: int = 30_000,
        on_read: Callable[[str], None] = lambda _: None,
        allows: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._source = source
        self._clock = clock
        self._fresh_for = timedelta(seconds=fresh_for)
        self._timeout = timeout
        self._keep = keep
        self.on_read = on_read
        self._allows = allows
        self._copies: OrderedDict[SourceQuery, Deployments] = OrderedDict()
        self._kept = 0
        self._flights: SingleFlight[SourceQuery, Deployments] = SingleFlight()

    async def read(self, query: SourceQuery) -> Reading:
        """All deployments of the query, complete or with its gaps named.

        Raises a ``SourceError`` only where LaunchDarkly could not be read and no earlier copy is at hand; such a copy
        comes with the reason. A copy never hides that the operator must act (``SourceAuthError``) or that a key is
        unknown (``SourceNotFound``).
        """
        if not self._allows(query.project):
            raise not_shown(query.project)
        kept = self._copy(query)
        if kept is not None and self._clock() - kept.as_of <= self._fresh_for:
            self.on_read("cached")
            return Reading(kept, Copy())
        try:
            return Reading(await self._flights.run(query, lambda: self._read(query)))
        except SourceError as error:
            if kept is None or not (error.retryable or isinstance(error, SourceContractError)):
                raise
            return Reading(kept, Copy(because=error.message))

    def _copy(self, query: SourceQuery) -> Deployments | None:
        """The newest copy whose window covers the asked one, cut to it.

        "The last 2 hours" begin a minute later in every minute; the copy of a minute ago still covers them.
        """
        covering = [
            (kept.as_of, key)
            for key, kept in self._copies.items()
            if key.window.covers(query.window, kept.as_of) and replace(key, window=query.window) == query
        ]
        if not covering:
            return None
        _, key = max(covering, key=itemgetter(0))
        self._copies.move_to_end(key)
        kept = self._copies[key]
        if key == query:
            return kept
        inside = tuple(d for d in kept.items if query.window.touches(d, kept.as_of))
        return replace(kept, items=inside, outside=0)

    async def _read(self, query: SourceQuery) -> Deployments:
        try:
            deployments = await self._source.read(query, now=self._clock(), timeout=left(self._timeout))
        except SourceError:
            self.on_read("failed")
            raise
        self.on_read("ok")
        if deployments.completeness.is_complete:
            self._remember(query, deployments)
        return deployments

    def _remember(self, query: SourceQuery, deployments: Deployments) -> None:
        if older := self._copies.pop(query, None):
            self._kept -= _room(older)
        self._copies[query] = deployments
        self._kept += _room(deployments)
        while self._kept > self._keep and len(self._copies) > 1:
            _, least_used = self._copies.popitem(last=False)
            self._kept -= _room(least_used)

    async def aclose(self) -> None:
        """Stop the reads that are still under way."""
        await self._flights.aclose()


def _room(copy: Deployments) -> int:
    """What a copy takes; an empty one takes room too, so that a stream of odd questions cannot fill the memory."""
    return len(copy.items) + 1
