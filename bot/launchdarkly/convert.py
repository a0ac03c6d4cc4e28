"""From wire to domain. Pure, and quick: a month can be ten thousand deployments with three pull requests each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.domain.deployments import (
    Application,
    Deployment,
    FlagReference,
    Identity,
    LeadTimeStages,
    Named,
    PullRequest,
)
from bot.domain.errors import SourceContractError
from bot.launchdarkly import schemas

_IMPOSSIBLE = (OverflowError, ValueError, OSError)  # what the standard library raises for an absurd number
_from_timestamp = datetime.fromtimestamp


class Converter:
    """Turns the deployments of one reading into domain values.

    ``project`` and ``environment`` are the asked ones: LaunchDarkly does not name the project on a deployment. Equal
    flag references, of which a month has thousands, are one value: the cycle collector walks all that is kept.
    """

    def __init__(self, project: str, environment: str = "") -> None:
        self._project = project
        self._environment = environment
        self._flags: dict[schemas.FlagReference, FlagReference] = {}

    def deployment(self, wire: schemas.Deployment) -> Deployment:
        """Raises ``SourceContractError`` for one without an id or a start: it can be neither counted nor ordered."""
        if not wire.id or wire.started_at is None:
            raise SourceContractError("LaunchDarkly listed a deployment without an id or a start.")
        try:
            started_at = _from_timestamp(wire.started_at / 1000, UTC)
        except _IMPOSSIBLE as error:
            raise SourceContractError("LaunchDarkly listed a deployment that started at an impossible time.") from error
        carried, touched, version = wire.pull_requests, wire.flag_references, wire.application_version
        return Deployment(
            wire.id,
            self._project,
            wire.environment_key or self._environment,
            wire.application_key or "",
            version if type(version) is str else "" if version is None else str(version),
            started_at,
            instant(wire.ended_at),
            length(wire.duration_ms or None),
            wire.status or "",
            wire.kind or "",
            wire.active or False,
            wire.archived or False,
            _natural(wire.number_of_contributors),
            _natural(wire.lines_added),
            _natural(wire.lines_deleted),
            length(wire.lead_time or None),
            _stages(wire.lead_time_stages) if wire.lead_time_stages else None,
            tuple([pull_request(item) for item in carried.items if item]) if carried and carried.items else (),
            max(wire.number_of_pull_requests or 0, _count(carried)),
            tuple([self._flags.get(item) or self._flag(item) for item in touched.items if item and item.flag_key])
            if touched and touched.items
            else (),
            _count(touched),
            wire.metadata if type(wire.metadata) is dict else {},
        )

    def _flag(self, wire: schemas.FlagReference) -> FlagReference:
        flag = FlagReference(
            wire.project_key or self._project,
            wire.flag_key or "",
            _natural(wire.references_added),
            _natural(wire.references_removed),
        )
        self._flags[wire] = flag
        return flag


def pull_request(wire: schemas.PullRequest) -> PullRequest:
    number, created, merged = wire.external_id, wire.create_time, wire.merge_time
    return PullRequest(
        wire.id or "",
        number if type(number) is str else "" if number is None else str(number),
        wire.title or "",
        wire.author or "",
        wire.url or "",
        wire.status or "",
        instant(created) if created else None,
        instant(merged) if merged else None,
        wire.merge_commit_key or "",
        wire.head_commit_key or "",
        _natural(wire.files_changed),
        _natural(wire.lines_added),
        _natural(wire.lines_deleted),
    )


def applications(items: Iterable[schemas.Keyed | None]) -> list[Application]:
    return [Application(item.key, item.name or item.key, item.kind or "") for item in items if item and item.key]


def named(items: Iterable[schemas.Keyed | None]) -> list[Named]:
    return [Named(item.key, item.name or item.key) for item in items if item and item.key]


def identity(wire: schemas.CallerIdentity) -> Identity:
    """Raises ``SourceContractError`` where nothing is said of the caller."""
    if wire == schemas.CallerIdentity():
        raise SourceContractError("LaunchDarkly's answer does not say whose token it is.")
    return Identity(
        wire.token_name or "", wire.token_kind or wire.auth_kind or "", wire.service_token, instant(wire.expires_at)
    )


def instant(ms: int | None) -> datetime | None:
    """The time of these epoch milliseconds. 0 is how LaunchDarkly's language writes "no time"; absurd is unknown."""
    if not ms:
        return None
    try:
        return _from_timestamp(ms / 1000, UTC)
    except _IMPOSSIBLE:
        return None


def length(ms: int | None) -> timedelta | None:
    """A length of time; negative and absurd ones are unknown."""
    if ms is None or ms < 0:
        return None
    try:
        return timedelta(0, 0, 0, ms)  # days, seconds, microseconds, milliseconds: by position is twice as quick
    except _IMPOSSIBLE:
        return None


def _stages(wire: schemas.LeadTimeStages) -> LeadTimeStages:
    return LeadTimeStages(
        length(wire.coding_duration_ms),
        length(wire.review_duration_ms),
        length(wire.wait_duration_ms),
        length(wire.deploy_duration_ms),
    )


def _natural(number: int | None) -> int:
    """A count; one that is missing, or below nothing, is nothing."""
    return number if number and number > 0 else 0


def _count(nested: schemas.Collection[schemas.T] | None) -> int:
    """How many there are by LaunchDarkly's count, at least as many as it listed. A null item counts as unread."""
    return max(nested.total_count or 0, len(nested.items or ())) if nested else 0
