"""Keyword builders for domain values: a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from bot.domain.deployments import (
    COMPLETE,
    Completeness,
    Deployment,
    Deployments,
    FlagReference,
    PullRequest,
)
from bot.domain.digests import Subscription
from bot.domain.filters import Filters
from bot.domain.query import DeploymentQuery, TimeWindow
from bot.domain.schedule import WEEKDAYS, Schedule
from bot.domain.summary import Copy, Reading

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""The moment at which the tests' world stands still: a Monday."""


def pull_request(number: str | int = 406, **changes: Any) -> PullRequest:
    fields: dict[str, Any] = {
        "id": f"pr-{number}",
        "number": str(number),
        "title": f"Change number {number}",
        "author": "jane.doe",
        "url": f"https://github.com/acme/billing/pull/{number}",
        "status": "merged",
        "created_at": NOW - timedelta(days=2),
        "merged_at": NOW - timedelta(hours=3),
        "merge_commit": "",
        "head_commit": "",
        "files_changed": 3,
        "lines_added": 20,
        "lines_deleted": 5,
    }
    return PullRequest(**{**fields, **changes})


def flag(key: str = "new-checkout", added: int = 2, removed: int = 0, project: str = "default") -> FlagReference:
    return FlagReference(project, key, added, removed)


def deployment(id: str = "d1", **changes: Any) -> Deployment:
    """A finished deployment of an hour ago; counts follow the lists unless they are given."""
    pull_requests = tuple(changes.get("pull_requests", ()))
    flags = tuple(changes.get("flag_references", ()))
    started = changes.get("started_at", NOW - timedelta(hours=1))
    fields: dict[str, Any] = {
        "id": id,
        "project": "default",
        "environment": "production",
        "application": "billing-service",
        "version": "a90a8a2",
        "started_at": started,
        "ended_at": started + timedelta(minutes=4),
        "duration": timedelta(minutes=4),
        "status": "finished",
        "kind": "deployment",
        "active": False,
        "archived": False,
        "contributors": len({p.author for p in pull_requests}),
        "lines_added": sum(p.lines_added for p in pull_requests),
        "lines_deleted": sum(p.lines_deleted for p in pull_requests),
        "lead_time": None,
        "stages": None,
        "pull_request_count": len(pull_requests),
        "flag_reference_count": len(flags),
    }
    fields.update(changes, pull_requests=pull_requests, flag_references=flags)
    return Deployment(**fields)


def query(**changes: Any) -> DeploymentQuery:
    """A question; the fields of its filters may be given beside its own."""
    chosen = {name: changes.pop(name) for name in Filters.__slots__ if name in changes}
    fields: dict[str, Any] = {
        "project": "default",
        "environment": "production",
        "window": TimeWindow(NOW - timedelta(days=1), words="the last 24 hours"),
        "filters": Filters(**chosen),
    }
    return DeploymentQuery(**{**fields, **changes})


def reading(
    *items: Deployment, completeness: Completeness = COMPLETE, copy: Copy | None = None, outside: int = 0
) -> Reading:
    newest_first = tuple(sorted(items, key=lambda d: d.started_at, reverse=True))
    return Reading(Deployments(newest_first, completeness, NOW, outside), copy)


def subscription(id: str = "s1", **changes: Any) -> Subscription:
    """Weekdays at 09:30 in Berlin, everything that reaches production, counted for a month."""
    made = NOW - timedelta(days=30)
    fields: dict[str, Any] = {
        "id": id,
        "team_id": "T1",
        "channel_id": "C1",
        "name": "",
        "project": "default",
        "environment": "production",
        "filters": Filters(),
        "schedule": Schedule(WEEKDAYS, time(9, 30), "Europe/Berlin"),
        "say_when_empty": True,
        "created_by": "U1",
        "created_at": made,
        "counts_from": made,
        "due_after": made,
    }
    return Subscription(**{**fields, **changes})
