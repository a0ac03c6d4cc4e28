"""LaunchDarkly's answers as they come over the wire, as far as we read them. These types never leave the package.

Lenient on purpose: every field may be missing or null, numbers may be digit strings (LaunchDarkly's own examples write
times that way), unknown fields are passed over. What we do not use is not decoded: a pull request's ``deployments``,
for one, is cut to junk in the documented sample. ``gc=False`` keeps the thousands of short-lived objects out of the
cycle collector; decoded JSON cannot hold cycles.

https://launchdarkly.com/docs/api/insights-deployments-beta/get-deployments
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from bot.domain.errors import SourceContractError

T = TypeVar("T")


class _Wire(msgspec.Struct, gc=False, rename="camel"):
    pass


class Link(_Wire):
    href: str | None = None


class Links(_Wire):
    next: Link | None = None


class Collection(msgspec.Struct, Generic[T], gc=False, rename={"total_count": "totalCount", "links": "_links"}):
    """A page of a list; ``total_count`` counts the whole list."""

    total_count: int | None = None
    items: list[T | None] | None = None
    links: Links | None = None

    @property
    def next_href(self) -> str | None:
        return self.links.next.href if self.links and self.links.next else None


class PullRequest(_Wire):
    id: str | None = None
    external_id: str | int | None = None  # the number
    title: str | None = None
    author: str | None = None
    url: str | None = None
    status: str | None = None
    create_time: int | None = None  # epoch ms, like every time here
    merge_time: int | None = None
    merge_commit_key: str | None = None
    head_commit_key: str | None = None
    files_changed: int | None = None
    lines_added: int | None = None
    lines_deleted: int | None = None


class FlagReference(msgspec.Struct, gc=False, frozen=True, rename="camel"):
    project_key: str | None = None
    flag_key: str | None = None
    references_added: int | None = None
    references_removed: int | None = None


class LeadTimeStages(_Wire):
    coding_duration_ms: int | None = None
    review_duration_ms: int | None = None
    wait_duration_ms: int | None = None
    deploy_duration_ms: int | None = None


class Deployment(_Wire):
    id: str | None = None
    application_key: str | None = None
    application_version: str | int | float | None = None
    environment_key: str | None = None
    started_at: int | None = None
    ended_at: int | None = None
    duration_ms: int | None = None
    status: str | None = None
    kind: str | None = None
    active: bool | None = None
    archived: bool | None = None
    number_of_contributors: int | None = None
    number_of_pull_requests: int | None = None
    lines_added: int | None = None
    lines_deleted: int | None = None
    lead_time: int | None = None
    lead_time_stages: LeadTimeStages | None = None
    pull_requests: Collection[PullRequest] | None = None
    flag_references: Collection[FlagReference] | None = None
    metadata: Any = None


class Keyed(_Wire):
    """An application, a project or an environment. The last carries SDK keys, which are not decoded."""

    key: str | None = None
    name: str | None = None
    kind: str | None = None


class CallerIdentity(_Wire):
    auth_kind: str | None = None
    token_kind: str | None = None
    token_name: str | None = None
    service_token: bool | None = None
    expires_at: int | None = None


class ErrorReason(_Wire):
    attribute: str | None = None
    reason: str | None = None


class ErrorBody(_Wire):
    code: str | None = None
    message: str | None = None
    id: str | None = None  # for LaunchDarkly's support
    errors: list[ErrorReason | None] | None = None


DEPLOYMENTS = msgspec.json.Decoder(Collection[Deployment], strict=False)
DEPLOYMENT = msgspec.json.Decoder(Deployment, strict=False)
PULL_REQUESTS = msgspec.json.Decoder(Collection[PullRequest], strict=False)
KEYED = msgspec.json.Decoder(Collection[Keyed], strict=False)
IDENTITY = msgspec.json.Decoder(CallerIdentity, strict=False)
ERROR = msgspec.json.Decoder(ErrorBody, strict=False)
ANYTHING = msgspec.json.Decoder(Any)


def page(decoder: msgspec.json.Decoder[Collection[T]], body: bytes) -> Collection[T]:
    """A page of a list. One that neither lists nor counts anything is no answer: an empty list would look the same."""
    decoded = decode(decoder, body)
    if decoded.items is None and decoded.total_count is None:
        raise SourceContractError("LaunchDarkly's answer holds no list.")
    return decoded


def decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """The body in our shape, or ``SourceContractError`` saying what is wrong with it."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise SourceContractError(f"LaunchDarkly's answer has an unexpected shape: {error}.") from error
    except (ValueError, RecursionError) as error:  # malformed, not UTF-8, or nested without end
        raise SourceContractError("LaunchDarkly's answer is not JSON, or was cut off.") from error
