"""One suite for the port ``DeploymentSource``: the tests' fake answers as the real adapter does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.domain.errors import SourceNotFound
from bot.domain.query import SourceQuery, TimeWindow
from bot.launchdarkly import LaunchDarklySource
from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from bot.services.ports import DeploymentSource
from tests.builders import NOW
from tests.fakes import FakeSource

MONTH = TimeWindow(NOW - timedelta(days=30))
PRODUCTION = SourceQuery("default", "production", MONTH)


@pytest.fixture
async def real(launchdarkly: SandboxLaunchDarkly) -> AsyncIterator[LaunchDarklySource]:
    async with LaunchDarklySource(token=launchdarkly.token, base_url=launchdarkly.base_url) as source:
        yield source


@pytest.fixture(params=["real", "fake"])
async def source(request: pytest.FixtureRequest, real: LaunchDarklySource) -> DeploymentSource:
    """The adapter against the embedded LaunchDarkly, and the fake that holds the same deployments."""
    if request.param == "real":
        return real
    environments = {
        project.key: [one.key for one in await real.environments(project.key, timeout=5)]
        for project in await real.projects(timeout=5)
    }
    held = [
        deployment
        for project, keys in environments.items()
        for key in keys
        for deployment in (await real.read(SourceQuery(project, key, MONTH), now=NOW, timeout=30)).items
    ]
    return FakeSource(
        *held,
        environments_of={project: tuple(keys) for project, keys in environments.items()},
        applications=[one.key for one in await real.applications(timeout=5)],
        pull_requests=await real.pull_requests("default", start=MONTH.start, end=NOW, timeout=30),
    )


@pytest.mark.parametrize(
    "query",
    [
        PRODUCTION,
        SourceQuery("default", "staging", TimeWindow(NOW - timedelta(days=2))),
        SourceQuery("default", "production", TimeWindow(NOW - timedelta(days=9), NOW - timedelta(days=8))),
        SourceQuery("default", "production", MONTH, applications=("billing-service", "search-api")),
        SourceQuery("default", "production", MONTH, kind="redeployment"),
        SourceQuery("default", "production", TimeWindow(NOW + timedelta(days=1))),
    ],
    ids=["a month", "two days", "a closed day", "two applications", "redeployments", "the future"],
)
async def test_a_reading_is_complete_newest_first_and_inside_the_question(source, real, query):
    reading = await source.read(query, now=NOW, timeout=30)
    assert reading.completeness.is_complete
    assert reading.as_of == NOW
    starts = [d.started_at for d in reading.items]
    assert starts == sorted(starts, reverse=True)
    assert len({d.id for d in reading.items}) == len(reading.items)
    assert all(query.window.touches(d, NOW) for d in reading.items)
    assert [d.id for d in reading.items] == [d.id for d in (await real.read(query, now=NOW, timeout=30)).items]


async def test_one_deployment_is_found_by_its_id_and_carries_what_the_list_says(source):
    listed = (await source.read(PRODUCTION, now=NOW, timeout=30)).items[0]
    assert await source.deployment("default", listed.id, timeout=5) == listed


@pytest.mark.parametrize(
    "ask",
    [
        lambda source: source.read(SourceQuery("default", "nowhere", MONTH), now=NOW, timeout=5),
        lambda source: source.read(SourceQuery("nothing", "production", MONTH), now=NOW, timeout=5),
        lambda source: source.deployment("default", "00000000-0000-4000-8000-000000000000", timeout=5),
        lambda source: source.environments("nothing", timeout=5),
    ],
    ids=["environment", "project", "deployment", "environments of a project"],
)
async def test_what_is_unknown_is_said_to_be(source, ask):
    with pytest.raises(SourceNotFound):
        await ask(source)


async def test_names_are_listed(source):
    assert "billing-service" in [one.key for one in await source.applications(timeout=5)]
    assert "default" in [one.key for one in await source.projects(timeout=5)]
    assert {"production", "staging"} <= {one.key for one in await source.environments("default", timeout=5)}


async def test_pull_requests_are_found_whether_deployed_or_not(source):
    listed = await source.pull_requests("default", start=MONTH.start, end=NOW, timeout=30)
    assert "406" in [one.number for one in listed]
    by_title = await source.pull_requests("default", start=MONTH.start, end=NOW, text="payment structure", timeout=30)
    assert "406" in [one.number for one in by_title]
    assert len(by_title) < len(listed)
