"""LaunchDarkly's own Python client reads the sandbox: its models refuse every drift of types."""

from __future__ import annotations

import asyncio
import importlib
from datetime import timedelta
from typing import Any

import pytest

from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from tests.builders import NOW

NOW_MS = int(NOW.timestamp() * 1000)
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def official() -> Any:
    """Its thousand models take seconds to import, which only the process that runs these tests is to wait for."""
    return importlib.import_module("launchdarkly_api")


def _client(official: Any, launchdarkly: SandboxLaunchDarkly, version: str) -> Any:
    configuration = official.Configuration(
        host=launchdarkly.base_url, api_key={"ApiKey": launchdarkly.token}, retries=False
    )
    configuration.proxy = None
    client = official.ApiClient(configuration)
    client.default_headers["LD-API-Version"] = version  # its own default lacks what beta endpoints need
    return client


@pytest.fixture
def beta(official, launchdarkly: SandboxLaunchDarkly) -> Any:
    return _client(official, launchdarkly, "beta")


@pytest.fixture
def stable(official, launchdarkly: SandboxLaunchDarkly) -> Any:
    return _client(official, launchdarkly, "20240415")


async def test_it_reads_deployments_with_both_expansions_and_one_of_them_again(official, beta):
    api = official.InsightsDeploymentsBetaApi(beta)
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


async def test_it_reads_pull_requests_of_a_window(official, beta):
    api = official.InsightsPullRequestsBetaApi(beta)
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


async def test_it_reads_applications_projects_environments_and_the_caller(official, beta, stable):
    applications: Any = await asyncio.to_thread(official.ApplicationsBetaApi(beta).get_applications)
    projects: Any = await asyncio.to_thread(official.ProjectsApi(stable).get_projects)
    environments: Any = await asyncio.to_thread(official.EnvironmentsApi(stable).get_environments_by_project, "default")
    caller: Any = await asyncio.to_thread(official.OtherApi(stable).get_caller_identity)

    assert len(applications.items) == 10 < applications.total_count
    assert [p.key for p in projects.items] == ["default", "warehouse"]
    assert [e.key for e in environments.items] == ["production", "staging", "test"]
    assert all(e.api_key.startswith("sdk-") and e.mobile_key.startswith("mob-") for e in environments.items)
    assert caller.service_token


async def test_its_own_default_version_is_refused_where_beta_is_needed(official, stable):
    api = official.InsightsDeploymentsBetaApi(stable)
    with pytest.raises(official.exceptions.ForbiddenException):
        await asyncio.to_thread(api.get_deployments, "default", "production")
