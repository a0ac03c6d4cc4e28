"""Was something that arrived rolled back since? As far as the deployments' kinds and versions tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.domain.deployments import Deployment, State


def rolled_back(
    application: str, there: Sequence[Deployment], having: Sequence[Deployment]
) -> Iterator[tuple[Deployment, Deployment | None]]:
    """The application's last rollback to a version that may lack it, and the deployment that brought it back."""
    finished = sorted((d for d in there if d.application == application and d.state is State.FINISHED), key=_when)
    ids = {d.id for d in having}
    first = next((place for place, d in enumerate(finished) if d.id in ids), len(finished))
    versions: set[str] = set()  # what went out from then on was built upon it
    rollback, again = None, None
    for deployment in finished[first:]:
        has_it = deployment.id in ids or deployment.version in versions
        if has_it:
            again = again or deployment
        elif _is_rollback(deployment):
            rollback, again = deployment, None
        if not _is_rollback(deployment) and deployment.version and (rollback is None or again is not None):
            versions.add(deployment.version)
    if rollback is not None:
        yield rollback, again


def _is_rollback(deployment: Deployment) -> bool:
    return "rollback" in deployment.kind.lower()


def _when(deployment: Deployment) -> datetime:
    return deployment.at
