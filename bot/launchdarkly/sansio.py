"""LaunchDarkly's REST API without I/O: requests as values, responses deciphered.

https://launchdarkly.com/docs/api
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, parse_qsl, quote, urljoin, urlsplit

from bot.domain.errors import (
    SourceAuthError,
    SourceContractError,
    SourceError,
    SourceNotFound,
    SourceRateLimited,
    SourceRefused,
    SourceUnavailable,
)
from bot.domain.query import SourceQuery
from bot.launchdarkly import schemas
from bot.launchdarkly.redact import redacted_text

PAGE = 100
"""The largest documented page; the default is 20."""

_INSIGHTS = "/api/v2/engineering-insights"
_EXPAND = ("expand", "pullRequests,flagReferences")

# Engineering insights and applications are beta: without this very version they answer 403. The others are asked for
# by number, or else the version that is stored in the token applies. https://launchdarkly.com/docs/api#versioning
_BETA = "beta"
_STABLE = "20240415"

_LONGEST_QUOTE = 300


@dataclass(frozen=True, slots=True)
class Request:
    """One GET. ``subject`` says in words what is asked for, as the object of a sentence."""

    path: str
    params: tuple[tuple[str, str], ...]
    version: str
    subject: str

    def headers(self, token: str) -> dict[str, str]:
        """The token goes bare, without "Bearer"; the version is sent exactly once."""
        return {"Authorization": token, "LD-API-Version": self.version, "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole response. Header names are looked up in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)  # it may carry SDK keys


def deployments(query: SourceQuery, start_ms: int, end_ms: int, *, limit: int = PAGE) -> Request:
    """The first page of a window. Both ends are pinned, so that every page speaks of the same window.

    https://launchdarkly.com/docs/api/insights-deployments-beta/get-deployments
    """
    params = [
        ("projectKey", query.project),
        ("environmentKey", query.environment),
        ("from", str(start_ms)),
        ("to", str(end_ms)),
        ("limit", str(limit)),
        _EXPAND,
    ]
    if query.applications:
        params.append(("applicationKey", ",".join(query.applications)))
    if query.kind:
        params.append(("kind", query.kind))
    return Request(
        f"{_INSIGHTS}/deployments",
        tuple(params),
        _BETA,
        f"project “{query.project}” with environment “{query.environment}”",
    )


def deployment(deployment_id: str) -> Request:
    """https://launchdarkly.com/docs/api/insights-deployments-beta/get-deployment"""
    path = f"{_INSIGHTS}/deployments/{_segment(deployment_id)}"
    return Request(path, (_EXPAND,), _BETA, f"deployment “{deployment_id}”")


def pull_requests(project: str, start: str, end: str, text: str) -> Request:
    """``start`` and ``end`` as the API takes them: epoch ms by its description, ISO date-times by its schema.

    https://launchdarkly.com/docs/api/insights-pull-requests-beta/get-pull-requests
    """
    params = [("projectKey", project), ("from", start), ("to", end), ("limit", str(PAGE))]
    if text:
        params.append(("query", text))
    return Request(f"{_INSIGHTS}/pull-requests", tuple(params), _BETA, f"project “{project}”")


def applications() -> Request:
    """https://launchdarkly.com/docs/api/applications-beta/get-applications"""
    return Request("/api/v2/applications", (("limit", str(PAGE)),), _BETA, "the list of applications")


def projects() -> Request:
    """https://launchdarkly.com/docs/api/projects/get-projects"""
    return Request("/api/v2/projects", (("limit", str(PAGE)),), _STABLE, "the list of projects")


def environments(project: str) -> Request:
    """https://launchdarkly.com/docs/api/environments/get-environments-by-project"""
    path = f"/api/v2/projects/{_segment(project)}/environments"
    return Request(path, (("limit", str(PAGE)),), _STABLE, f"project “{project}”")


def caller_identity() -> Request:
    """Answers for any credential, SDK keys included: it proves nothing about deployments.

    https://launchdarkly.com/docs/api/other/get-caller-identity
    """
    return Request("/api/v2/caller-identity", (), _STABLE, "the token's identity")


def _segment(text: str) -> str:
    # An empty or dotted segment would name another resource.
    if not text.strip("."):
        raise SourceNotFound(f"“{text}” is not a key or id that LaunchDarkly could know.")
    return quote(text, safe="")


def next_query(request: Request, href: str, base_url: str) -> Request:
    """The request for the next page: what the link carries, merged over the original query.

    The documented link holds the cursor alone, without the keys that the endpoint requires. Only the link's query is
    used; one that points at another host is refused with ``SourceContractError``, because the token would go there.
    """
    try:
        target = urlsplit(urljoin(base_url + "/", href))
        same_host = _origin(target) == _origin(urlsplit(base_url))
        carried = dict(parse_qsl(target.query))
    except ValueError as error:
        raise SourceContractError("LaunchDarkly's link to the next page cannot be read.") from error
    if not same_host:
        raise SourceContractError("LaunchDarkly's link to the next page leads to another host; it was not followed.")
    return replace(request, params=tuple({**dict(request.params), **carried}.items()))


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or {"http": 80, "https": 443}.get(url.scheme)


def with_params(request: Request, **changes: str) -> Request:
    return replace(request, params=tuple({**dict(request.params), **changes}.items()))


def error_of(request: Request, reply: Reply, retry_after: float | None = None) -> SourceError:
    """The error that a response other than 2xx stands for, in words that say whose move it is.

    ``retry_after`` is what the response's headers ask to wait, in seconds.
    """
    status = reply.status
    said = _said(reply)
    if status == 401:
        return SourceAuthError(
            f"LaunchDarkly refused the access token (401){said or '.'} Whoever runs this bot: check that "
            "LAUNCHDARKLY_ACCESS_TOKEN is an API access token that still exists, and that LAUNCHDARKLY_BASE_URL is "
            "the host it belongs to."
        )
    if status == 403:
        return SourceAuthError(
            f"LaunchDarkly does not let this access token read {request.subject} (403){said or '.'} Whoever runs this "
            f"bot: {_why_forbidden(request)}."
        )
    if status == 404:
        return SourceNotFound(f"LaunchDarkly does not know {request.subject}{said or '.'} Keys are case-sensitive.")
    if status == 429:
        when = "" if retry_after is None else f" for another {max(1, round(retry_after))} s"
        return SourceRateLimited(f"LaunchDarkly's rate limit is used up{when}.", retry_after)
    if 300 <= status < 400:
        return SourceAuthError(
            f"LaunchDarkly's host answered with a redirect ({status}), which is not followed so that the access token "
            "stays at home. Whoever runs this bot: check LAUNCHDARKLY_BASE_URL."
        )
    if status >= 500 or status == 408:
        return SourceUnavailable(f"LaunchDarkly answered that it cannot ({status}).")
    return SourceRefused(f"LaunchDarkly refused the request for {request.subject} ({status}){said or '.'}")


def _why_forbidden(request: Request) -> str:
    role = "check that the token's role may read it (Reader is enough)"
    if request.version != _BETA:
        return role
    return f"{role}, and that the account's plan includes Engineering Insights, a beta API of the US host only"


def _said(reply: Reply) -> str:
    """LaunchDarkly's own words as the rest of a sentence, or nothing: an error's body may be empty or not JSON."""
    try:
        body = schemas.decode(schemas.ERROR, reply.body)
    except SourceContractError:
        return ""
    reasons = [f"{e.attribute}: {e.reason}" if e.attribute else e.reason for e in body.errors or () if e and e.reason]
    words = "; ".join(reasons) or body.message or body.code or ""
    words = redacted_text(" ".join(words.split()).rstrip("."))
    if len(words) > _LONGEST_QUOTE:
        words = words[:_LONGEST_QUOTE].rstrip() + "…"
    return f": {words}." if words else ""


def support_id(reply: Reply) -> str:
    """The id that LaunchDarkly's support asks for, from an error's body; "" where there is none."""
    try:
        return schemas.decode(schemas.ERROR, reply.body).id or ""
    except SourceContractError:
        return ""


def server_date(headers: Mapping[str, str]) -> datetime | None:
    """The response's ``Date``, in UTC, exact to a second; None where it is missing or unreadable."""
    return http_date(headers.get("date", ""))


def http_date(text: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
