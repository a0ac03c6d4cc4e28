"""What the use cases need from the world. Adapters implement these; tests run one suite on fake and real."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.deployments import Application, Deployment, Deployments, Named, PullRequest
from bot.domain.query import SourceQuery


class DeploymentSource(Protocol):
    """LaunchDarkly's Engineering Insights, as far as we read it.

    Every method raises the right ``SourceError`` (``bot.domain.errors``) and nothing else. ``timeout`` is the caller's
    budget in seconds for the whole call, retries included.
    """

    async def read(self, query: SourceQuery, *, now: datetime, timeout: float) -> Deployments:
        """Every deployment that matches, with pull requests and flag references, archived ones included.

        A reading that broke off after some pages is returned with its gaps named in ``completeness``; one that gave
        nothing raises. ``now`` pins the end of an open window.
        """

    async def deployment(self, project: str, deployment_id: str, *, timeout: float) -> Deployment:
        """One deployment by its id; ``SourceNotFound`` where there is none."""

    async def pull_requests(
        self, project: str, *, start: datetime, end: datetime, text: str = "", timeout: float
    ) -> Sequence[PullRequest]:
        """The project's pull requests of a window, merged or not, deployed or not; ``text`` matches title or author."""

    async def applications(self, *, timeout: float) -> Sequence[Application]:
        """All applications of the account (LaunchDarkly does not divide them by project)."""

    async def projects(self, *, timeout: float) -> Sequence[Named]:
        """All projects that the token may see."""

    async def environments(self, project: str, *, timeout: float) -> Sequence[Named]:
        """The environments of one project."""
