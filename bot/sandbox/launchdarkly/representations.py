"""Records as the vendor's documented JSON. https://launchdarkly.com/docs/api/insights-deployments-beta/get-deployments"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.launchdarkly.company import Company
from bot.sandbox.launchdarkly.records import Application, Deployment, Environment, Project, PullRequest

Json = dict[str, Any]

INSIGHTS = "/api/v2/engineering-insights"


def deployment_rep(company: Company, deployment: Deployment, expand: Collection[str]) -> Json:
    """A ``DeploymentRep``: optional fields are absent, not null, where nothing is known."""
    pull_requests = deployment.pull_requests
    rep: Json = {
        "id": deployment.id,
        "applicationKey": deployment.application,
        "applicationVersion": deployment.version,
        "startedAt": millis(deployment.started_at),
        "status": deployment.status,
        "kind": deployment.kind,
        "active": company.is_active(deployment),
        "archived": deployment.archived,
        "environmentKey": deployment.environment,
        "numberOfContributors": len({p.author for p in pull_requests}),
        "numberOfPullRequests": len(pull_requests),
        "linesAdded": sum(p.added for p in pull_requests),
        "linesDeleted": sum(p.deleted for p in pull_requests),
        "leadTime": 0,
    }
    if deployment.metadata:
        rep["metadata"] = dict(deployment.metadata)
    if deployment.ended_at:
        rep["endedAt"] = millis(deployment.ended_at)
        rep["durationMs"] = _length(deployment.ended_at - deployment.started_at)
        if pull_requests:
            stages = _stages(deployment, deployment.ended_at)
            rep["leadTimeStages"] = stages
            rep["leadTime"] = stages["totalLeadTimeMs"]
    if "pullRequests" in expand:
        rep["pullRequests"] = collection([pull_request_rep(company, p, ()) for p in pull_requests])
    if "flagReferences" in expand:
        rep["flagReferences"] = collection(_flag_references(pull_requests))
    return rep


def pull_request_rep(company: Company, pull_request: PullRequest, expand: Collection[str]) -> Json:
    """A ``PullRequestRep``; ``externalId`` is its number in the repository that ``url`` names."""
    rep: Json = {
        "id": pull_request.id,
        "externalId": str(pull_request.number),
        "title": pull_request.title,
        "status": pull_request.status,
        "author": pull_request.author,
        "createTime": millis(pull_request.created_at),
        "baseCommitKey": pull_request.base_commit,
        "headCommitKey": pull_request.head_commit,
        "filesChanged": pull_request.files,
        "linesAdded": pull_request.added,
        "linesDeleted": pull_request.deleted,
        "url": pull_request.url,
    }
    if pull_request.merged_at:
        rep["mergeTime"] = millis(pull_request.merged_at)
        rep["mergeCommitKey"] = pull_request.merge_commit
    if "deployments" in expand:
        rep["deployments"] = collection([deployment_rep(company, d, ()) for d in company.deployments_of(pull_request)])
    if "flagReferences" in expand:
        rep["flagReferences"] = collection(_flag_references([pull_request]))
    if "leadTime" in expand:
        rep["leadTime"] = _pull_request_lead_time(company, pull_request)
    return rep


def application_rep(application: Application, created: datetime) -> Json:
    return {
        "_links": {"self": link(f"/api/v2/applications/{application.key}")},
        "_version": 1,
        "autoAdded": application.kind != "server",
        "creationDate": millis(created),
        "description": application.description,
        "key": application.key,
        "kind": application.kind,
        "name": application.name,
    }


def project_rep(company: Company, project: Project, *, environments: bool = False) -> Json:
    path = f"/api/v2/projects/{project.key}"
    rep: Json = {
        "_links": {"self": link(path), "environments": link(f"{path}/environments")},
        "_id": company.made_up_id(project.key).hex[:24],
        "key": project.key,
        "name": project.name,
        "includeInSnippetByDefault": True,
        "tags": [],
    }
    if environments:
        items = [environment_rep(company, project, environment) for environment in project.environments]
        rep["environments"] = {"_links": {"self": link(f"{path}/environments")}, **collection(items)}
    return rep


def environment_rep(company: Company, project: Project, environment: Environment) -> Json:
    """With the SDK keys that LaunchDarkly puts into every environment: readers must not keep or print them."""
    place = project.key, environment.key
    return {
        "_links": {"self": link(f"/api/v2/projects/{project.key}/environments/{environment.key}")},
        "_id": company.made_up_id(*place).hex[:24],
        "key": environment.key,
        "name": environment.name,
        "apiKey": f"sdk-{company.made_up_id(*place, 'sdk')}",
        "mobileKey": f"mob-{company.made_up_id(*place, 'mobile')}",
        "color": environment.color,
        "defaultTtl": 0,
        "secureMode": environment.critical,
        "defaultTrackEvents": False,
        "requireComments": environment.critical,
        "confirmChanges": environment.critical,
        "tags": [],
        "critical": environment.critical,
    }


def collection(items: list[Json], total: int | None = None) -> Json:
    return {"totalCount": len(items) if total is None else total, "items": items}


def link(href: str) -> Json:
    return {"href": href, "type": "application/json"}


def millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _length(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)


def _stages(deployment: Deployment, ended_at: datetime) -> Json:
    """Of the pull request that took longest, as LaunchDarkly documents it for a deployment's lead time."""
    slowest = min(deployment.pull_requests, key=lambda p: p.first_commit_at)
    merged_at = slowest.merged_at or deployment.started_at
    return {
        "codingDurationMs": _length(slowest.created_at - slowest.first_commit_at),
        "reviewDurationMs": _length(merged_at - slowest.created_at),
        "waitDurationMs": _length(deployment.started_at - merged_at),
        "deployDurationMs": _length(ended_at - deployment.started_at),
        "totalLeadTimeMs": _length(ended_at - slowest.first_commit_at),
    }


def _pull_request_lead_time(company: Company, pull_request: PullRequest) -> Json:
    rep = {"codingDurationMs": _length(pull_request.created_at - pull_request.first_commit_at)}
    if not pull_request.merged_at:
        return rep
    rep["reviewDurationMs"] = _length(pull_request.merged_at - pull_request.created_at)
    ends = [(d.started_at, d.ended_at) for d in company.deployments_of(pull_request) if d.ended_at]
    lengths = {
        "Wait": [_length(start - pull_request.merged_at) for start, _ in ends],
        "Deploy": [_length(end - start) for start, end in ends],
        "TotalLeadTime": [_length(end - pull_request.first_commit_at) for _, end in ends],
    }
    for stage, values in lengths.items():
        if values:
            name = "LeadTimeMs" if stage == "TotalLeadTime" else "DurationMs"
            stage = stage.removesuffix("LeadTime")
            rep[f"max{stage}{name}"] = max(values)
            rep[f"avg{stage}{name}"] = round(sum(values) / len(values))
    return rep


def _flag_references(pull_requests: Iterable[PullRequest]) -> list[Json]:
    added: Counter[tuple[str, str]] = Counter()
    removed: Counter[tuple[str, str]] = Counter()
    for reference in (reference for p in pull_requests for reference in p.flags):
        added[reference.project, reference.flag] += reference.added
        removed[reference.project, reference.flag] += reference.removed
    return [
        {
            "projectKey": project,
            "flagKey": flag,
            "referencesAdded": added[project, flag],
            "referencesRemoved": removed[project, flag],
        }
        for project, flag in added
    ]
