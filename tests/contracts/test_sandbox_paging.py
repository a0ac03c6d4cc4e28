"""The documented paging, walked to the end, gives everything once."""

from __future__ import annotations

import httpx
import pytest

from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from tests.builders import NOW

INSIGHTS = "/api/v2/engineering-insights"
NOW_MS = int(NOW.timestamp() * 1000)
QUERY = {"projectKey": "default", "from": str(NOW_MS - 35 * 86_400_000), "to": str(NOW_MS)}
PRODUCTION = {**QUERY, "environmentKey": "production"}


async def _walk(http: httpx.AsyncClient, path: str, query: dict[str, str]) -> tuple[list[str], list[int]]:
    """Ids and totals; the cursor of each ``next`` is merged over the original query, which it does not repeat."""
    ids: list[str] = []
    totals: list[int] = []
    while True:
        body = (await http.get(path, params=query)).raise_for_status().json()
        ids += [item["id"] for item in body["items"]]
        totals.append(body["totalCount"])
        if "next" not in body["_links"]:
            return ids, totals
        link = httpx.URL(body["_links"]["next"]["href"])
        assert link.path == path
        assert link.is_relative_url
        assert set(link.params) == {"after"}
        query = {**query, **link.params}


@pytest.mark.parametrize("limit", ["7", "20", "100"])
async def test_every_deployment_comes_once_newest_first(
    http: httpx.AsyncClient, launchdarkly: SandboxLaunchDarkly, limit
):
    ids, totals = await _walk(http, f"{INSIGHTS}/deployments", {**PRODUCTION, "limit": limit})

    expected = [
        d.id for d in launchdarkly.company.deployments if (d.project, d.environment) == ("default", "production")
    ]
    assert ids == expected
    assert set(totals) == {len(expected)}


async def test_every_pull_request_comes_once(http: httpx.AsyncClient, launchdarkly: SandboxLaunchDarkly):
    ids, totals = await _walk(http, f"{INSIGHTS}/pull-requests", {**QUERY, "limit": "100"})

    assert len(ids) == len(set(ids)) == totals[0]
    assert set(ids) <= {p.id for p in launchdarkly.company.pull_requests}
    assert len(totals) > 2


async def test_before_leads_back(http: httpx.AsyncClient):
    query = {**PRODUCTION, "limit": "5"}
    first = (await http.get(f"{INSIGHTS}/deployments", params=query)).json()
    cursor = first["items"][-1]["id"]
    second = (await http.get(f"{INSIGHTS}/deployments", params={**query, "after": cursor})).json()
    back = await http.get(f"{INSIGHTS}/deployments", params={**query, "before": second["items"][0]["id"]})

    assert back.json()["items"] == first["items"]


async def test_a_deployment_between_two_pages_does_not_shift_the_second(
    http: httpx.AsyncClient, launchdarkly: SandboxLaunchDarkly
):
    before, _ = await _walk(http, f"{INSIGHTS}/deployments", {**PRODUCTION, "limit": "100"})
    query = {**PRODUCTION, "limit": "20"}
    first = (await http.get(f"{INSIGHTS}/deployments", params=query)).json()
    launchdarkly.deploy("docs-site")
    second = (await http.get(f"{INSIGHTS}/deployments", params={**query, "after": first["items"][-1]["id"]})).json()

    assert [item["id"] for item in second["items"]] == before[20:40]


@pytest.mark.parametrize(("path", "limit"), [("/api/v2/applications", "4"), ("/api/v2/projects", "1")])
async def test_offset_links_lead_through_everything_once(http: httpx.AsyncClient, path, limit):
    keys: list[str] = []
    link: str | None = f"{path}?limit={limit}"
    while link:
        body = (await http.get(link)).json()
        keys += [item["key"] for item in body["items"]]
        link = body["_links"].get("next", {}).get("href")

    assert len(keys) == len(set(keys)) == body["totalCount"]
