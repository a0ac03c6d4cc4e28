"""What each documented path answers: pure functions from company, query and clock to the JSON of a 200.

Where the documents are silent this is one possible LaunchDarkly: ``from`` and ``to`` test the start and include both
ends, lists are newest first, an unknown application, kind or status finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.sandbox.launchdarkly import representations
from bot.sandbox.launchdarkly.company import Company
from bot.sandbox.launchdarkly.parameters import Parameters
from bot.sandbox.launchdarkly.records import Project, PullRequest
from bot.sandbox.launchdarkly.refusals import Refusal
from bot.sandbox.launchdarkly.representations import INSIGHTS, Json, collection, link

_DEFAULT_WINDOW = timedelta(days=7)
_EXPANSIONS = frozenset({"pullRequests", "flagReferences"})
_PULL_REQUEST_EXPANSIONS = frozenset({"deployments", "flagReferences", "leadTime"})
_PULL_REQUEST_STATUSES = frozenset({"open", "merged", "closed", "deployed"})

Endpoint = Callable[[Company, Mapping[str, str], Parameters, datetime], Json]
"""(company, parts of the path, query, now) → JSON; raises ``Refusal`` for every other answer."""


class _Listed(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Listed)


def deployments(company: Company, path: Mapping[str, str], query: Parameters, now: datetime) -> Json:
    """https://launchdarkly.com/docs/api/insights-deployments-beta/get-deployments"""
    project_key = query.text("projectKey", required=True)
    environment_key = query.text("environmentKey", required=True)
    applications = query.words("applicationKey")
    kind, status = query.text("kind"), query.text("status")
    expand = query.words("expand", _EXPANSIONS)
    start, end = _window(query, now)
    page = _Page(query)
    query.check()
    project = _project(company, project_key)
    if environment_key not in {e.key for e in project.environments}:
        raise Refusal(404)
    found = [
        d
        for d in company.deployments
        if (d.project, d.environment) == (project_key, environment_key)
        and start <= d.started_at <= end
        and (not applications or d.application in applications)
        and (not kind or d.kind == kind)
        and (not status or d.status == status)
    ]
    chosen, links = page.cut(found, f"{INSIGHTS}/deployments", company.deployment, lambda d: (d.started_at, d.id))
    reps = [representations.deployment_rep(company, d, expand) for d in chosen]
    return {**collection(reps, len(found)), "_links": links}


def deployment(company: Company, path: Mapping[str, str], query: Parameters, now: datetime) -> Json:
    """https://launchdarkly.com/docs/api/insights-deployments-beta/get-deployment"""
    expand = query.words("expand", _EXPANSIONS)
    query.check()
    found = company.deployment(path["id"])
    if found is None:
        raise Refusal(404)
    return representations.deployment_rep(company, found, expand)


def pull_requests(company: Company, path: Mapping[str, str], query: Parameters, now: datetime) -> Json:
    """https://launchdarkly.com/docs/api/insights-pull-requests-beta/get-pull-requests (without ``sort``)."""
    project_key = query.text("projectKey", required=True)
    environment_key = query.text("environmentKey")
    applications = query.words("applicationKey")
    status = query.text("status")
    if status and status not in _PULL_REQUEST_STATUSES:
        query.refuse("status", f"must be one of {', '.join(sorted(_PULL_REQUEST_STATUSES))}")
    text = query.text("query").casefold()
    expand = query.words("expand", _PULL_REQUEST_EXPANSIONS)
    start, end = _window(query, now, or_iso=True)
    page = _Page(query)
    query.check()
    _project(company, project_key)

    def matches(pull_request: PullRequest) -> bool:
        return (
            pull_request.project == project_key
            and start <= pull_request.at <= end
            and (text in pull_request.title.casefold() or text in pull_request.author.casefold())
            and status in ("", "deployed", pull_request.status)
            and (not (applications or environment_key or status == "deployed") or is_deployed(pull_request))
        )

    def is_deployed(pull_request: PullRequest) -> bool:
        return any(
            (not applications or d.application in applications)
            and (not environment_key or d.environment == environment_key)
            for d in company.deployments_of(pull_request)
        )

    found = [p for p in company.pull_requests if matches(p)]
    chosen, links = page.cut(found, f"{INSIGHTS}/pull-requests", company.pull_request, lambda p: (p.at, p.id))
    reps = [representations.pull_request_rep(company, p, expand) for p in chosen]
    return {**collection(reps, len(found)), "_links": links}


def applications(company: Company, path: Mapping[str, str], query: Parameters, now: datetime) -> Json:
    """https://launchdarkly.com/docs/api/applications-beta/get-applications (without ``filter`` and ``expand``)."""
    limit, offset = query.number("limit", 10, low=1), query.number("offset", 0, low=0)
    order = query.words("sort", {"name", "-name", "creationDate", "-creationDate"})
    query.check()
    found = list(company.applications)
    if order and order[0].endswith("name"):
        found.sort(key=lambda a: a.name, reverse=order[0].startswith("-"))
    reps = [representations.application_rep(a, company.founded_at) for a in found[offset : offset + limit]]
    return {**collection(reps, len(found)), "_links": _offset_links("/api/v2/applications", limit, offset, len(found))}


def projects(company: Company, path: Mapping[str, str], query: Parameters, now: datetime) -> Json:
    """https://launchdarkly.com/docs/api/projects/get-projects (without ``filter`` and ``sort``)."""
    limit, offset = query.number("limit", 20, low=1), query.number("offset", 0, low=0)
    expanded = bool(query.words("expand", {"environments"}))
    query.check()
    chosen = company.projects[offset : offset + limit]
    reps = [representations.project_rep(company, p, environments=expanded) for p in chosen]
    total = len(company.projects)
    return {**collection(reps, total), "_links": _offset_links("/api/v2/projects", limit, offset, total)}


def environments(company: Company, path: Mapping[str, str], query: Parameters, now: datetime) -> Json:
    """https://launchdarkly.com/docs/api/environments/get-environments-by-project (without ``filter`` and ``sort``)."""
    limit, offset = query.number("limit", 20, low=1), query.number("offset", 0, low=0)
    query.check()
    project = _project(company, path["project"])
    chosen = project.environments[offset : offset + limit]
    reps = [representations.environment_rep(company, project, e) for e in chosen]
    total = len(project.environments)
    links = _offset_links(f"/api/v2/projects/{project.key}/environments", limit, offset, total)
    return {**collection(reps, total), "_links": links}


def caller_identity(company: Company, path: Mapping[str, str], query: Parameters, now: datetime) -> Json:
    """https://launchdarkly.com/docs/api/other/get-caller-identity"""
    query.check()
    return {
        "accountId": company.made_up_id("account").hex[:24],
        "authKind": "token",
        "tokenKind": "service",
        "tokenName": "What Shipped (sandbox)",
        "tokenId": company.made_up_id("token").hex[:24],
        "serviceToken": True,
    }


ENDPOINTS: Mapping[str, Endpoint] = {
    f"{INSIGHTS}/deployments": deployments,
    f"{INSIGHTS}/deployments/{{id}}": deployment,
    f"{INSIGHTS}/pull-requests": pull_requests,
    "/api/v2/applications": applications,
    "/api/v2/projects": projects,
    "/api/v2/projects/{project}/environments": environments,
    "/api/v2/caller-identity": caller_identity,
}


def _project(company: Company, key: str) -> Project:
    project = next((p for p in company.projects if p.key == key), None)
    if project is None:
        raise Refusal(404)
    return project


def _window(query: Parameters, now: datetime, *, or_iso: bool = False) -> tuple[datetime, datetime]:
    start = query.instant("from", now - _DEFAULT_WINDOW, or_iso=or_iso)
    end = query.instant("to", now, or_iso=or_iso)
    if start > end:
        query.refuse("from", "must be before to")
    return start, end


class _Page:
    """The cursor paging of Engineering Insights: ``after`` and ``before`` carry the id of an item."""

    def __init__(self, query: Parameters) -> None:
        self._query = query
        self._limit = query.number("limit", 20, low=1, high=100)
        self._after, self._before = query.text("after"), query.text("before")
        if self._after and self._before:
            query.refuse("before", "must not be used with after")

    def cut(
        self,
        found: Sequence[T],
        path: str,
        by_id: Callable[[str], T | None],
        place: Callable[[T], tuple[datetime, str]],
    ) -> tuple[Sequence[T], Json]:
        """The asked page of what was found (newest first) and its links.

        As documented, ``next`` carries the cursor alone: whoever follows it brings the rest of the query along.
        """
        links = {"self": link(path)}
        if self._before:
            cursor = self._cursor("before", self._before, by_id, place)
            return [item for item in found if place(item) > cursor][-self._limit :], links
        if self._after:
            cursor = self._cursor("after", self._after, by_id, place)
            found = [item for item in found if place(item) < cursor]
        page = found[: self._limit]
        if len(found) > len(page):
            links["next"] = link(f"{path}?after={page[-1].id}")
        return page, links

    def _cursor(
        self, name: str, value: str, by_id: Callable[[str], T | None], place: Callable[[T], tuple[datetime, str]]
    ) -> tuple[datetime, str]:
        item = by_id(value)
        if item is None:
            raise Refusal(400, reasons=[(name, "is not a cursor that was given out")])
        return place(item)


def _offset_links(path: str, limit: int, offset: int, total: int) -> Json:
    links = {"self": link(f"{path}?limit={limit}&offset={offset}")}
    if offset + limit < total:
        links["next"] = link(f"{path}?limit={limit}&offset={offset + limit}")
    return links
