"""LaunchDarkly's own Python client reads the sandbox: its models refuse every drift of types."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import launchdarkly_api
import pytest
from launchdarkly_api.exceptions import ForbiddenException

from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from tests.builders import NOW

NOW_MS = int(NOW.timestamp() * 1000)
DAY_MS = 86_400_000


def _client(launchdarkly: SandboxLaunchDarkly, version: str) -> launchdarkly_api.ApiClient:
    configuration = launchdarkly_api.Configuration(
        host=launchdarkly.base_url, api_key={"ApiKey": launchdarkly.token}, retries=False
    )
    configuration.proxy = None
    client = launchdarkly_api.ApiClient(configuration)
    client.default_headers["LD-API-Version"] = version  # its own default lacks what beta endpoints need
    return client


@pytest.fixture
def beta(launchdarkly: SandboxLaunchDarkly) -> launchdarkly_api.ApiClient:
    return _client(launchdarkly, "beta")


@pytest.fixture
def stable(launchdarkly: SandboxLaunchDarkly) -> launchdarkly_api.ApiClient:
    return _client(launchdarkly, "20240415")


async def test_it_reads_deployments_with_both_expansions_and_one_of_them_again(beta):
    api = launchdarkly_api.InsightsDeploymentsBetaApi(beta)
    page: Any = await asyncio.to_thread(
        api.get_deployments,
        "default",
        "production",
        limit=100,
        expand="pullRequests,flagReferences",
        var_from=NOW_MS - 30 * DAY_MS,
        to=NOW_MS,
    )
    first = next(d for d in page.items if d.flag_references.items)
    again: Any = await asyncio.to_thread(api.get_deployment, str(first.id), expand="pullRequests,flagReferences")

    assert len(page.items) == 100 < page.total_count
    assert again == first
    assert again.pull_requests.items[0].url.startswith("https://github.com/")


async def test_it_reads_pull_requests_of_a_window(beta):
    api = launchdarkly_api.InsightsPullRequestsBetaApi(beta)
    page: Any = await asyncio.to_thread(
        api.get_pull_requests,
        "default",
        query="payment structure",
        expand="deployments,flagReferences,leadTime",
        var_from=NOW - timedelta(days=2),  # it sends date-times where the documents describe milliseconds
        to=NOW,
    )

    assert [p.external_id for p in page.items] == ["406"]
    assert {d.environment_key for d in page.items[0].deployments.items} == {"production", "staging", "test"}
    assert page.items[0].lead_time.max_total_lead_time_ms > 0


async def test_it_reads_applications_projects_environments_and_the_caller(beta, stable):
    applications: Any = await asyncio.to_thread(launchdarkly_api.ApplicationsBetaApi(beta).get_applications)
    projects: Any = await asyncio.to_thread(launchdarkly_api.ProjectsApi(stable).get_projects)
    environments: Any = await asyncio.to_thread(
        launchdarkly_api.EnvironmentsApi(stable).get_environments_by_project, "default"
    )
    caller: Any = await asyncio.to_thread(launchdarkly_api.OtherApi(stable).get_caller_identity)

    assert len(applications.items) == 10 < applications.total_count
    assert [p.key for p in projects.items] == ["default", "warehouse"]
    assert [e.key for e in environments.items] == ["production", "staging", "test"]
    assert all(e.api_key.startswith("sdk-") and e.mobile_key.startswith("mob-") for e in environments.items)
    assert caller.service_token


async def test_its_own_default_version_is_refused_where_beta_is_needed(stable):
    api = launchdarkly_api.InsightsDeploymentsBetaApi(stable)
    with pytest.raises(ForbiddenException):
        await asyncio.to_thread(api.get_deployments, "default", "production")
