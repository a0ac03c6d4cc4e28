"""The sandbox's HTTP: what it admits, what it refuses, and what it says about itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from tests.builders import NOW

INSIGHTS = "/api/v2/engineering-insights"
DEPLOYMENTS = f"{INSIGHTS}/deployments"
PLACE = {"projectKey": "default", "environmentKey": "production"}


def ms(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


async def test_the_same_seed_and_moment_give_the_same_json(http: httpx.AsyncClient, launchdarkly: SandboxLaunchDarkly):
    query = {**PLACE, "limit": "100", "expand": "pullRequests,flagReferences"}
    async with SandboxLaunchDarkly(now=NOW, token=launchdarkly.token) as other:
        again = await http.get(f"{other.base_url}{DEPLOYMENTS}", params=query)
        keys = await http.get(f"{other.base_url}/api/v2/projects/default/environments")

    assert (await http.get(DEPLOYMENTS, params=query)).content == again.content
    assert (await http.get("/api/v2/projects/default/environments")).content == keys.content


@pytest.mark.parametrize("token", ["", "Bearer {token}", "bearer {token}"])
async def test_no_token_or_a_bearer_is_401_without_a_body(http, launchdarkly, token):
    response = await http.get("/api/v2/projects", headers={"Authorization": token.format(token=launchdarkly.token)})

    assert (response.status_code, response.content) == (401, b"")


async def test_a_wrong_token_is_401_with_a_body(http: httpx.AsyncClient):
    response = await http.get("/api/v2/projects", headers={"Authorization": "api-wrong"})

    assert (response.status_code, response.json()["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("path", [DEPLOYMENTS, f"{INSIGHTS}/pull-requests", "/api/v2/applications"])
@pytest.mark.parametrize("versions", [[], ["20240415"], ["beta", "20240415"], ["beta", "beta"]])
async def test_beta_endpoints_want_exactly_one_beta_header(launchdarkly, path, versions):
    headers = [("Authorization", launchdarkly.token), *(("LD-API-Version", version) for version in versions)]
    async with httpx.AsyncClient(base_url=launchdarkly.base_url, headers=headers, trust_env=False) as client:
        response = await client.get(path, params=PLACE)

    assert (response.status_code, response.json()["code"]) == (403, "forbidden")


async def test_other_endpoints_want_at_most_one_version(launchdarkly: SandboxLaunchDarkly):
    statuses = []
    for versions in ([], ["20240415"], ["beta", "20240415"]):
        headers = [("Authorization", launchdarkly.token), *(("LD-API-Version", version) for version in versions)]
        async with httpx.AsyncClient(base_url=launchdarkly.base_url, headers=headers, trust_env=False) as client:
            statuses.append((await client.get("/api/v2/projects")).status_code)

    assert statuses == [200, 200, 400]


@pytest.mark.parametrize(
    ("path", "query", "wrong"),
    [
        (DEPLOYMENTS, {}, {"projectKey", "environmentKey"}),
        (DEPLOYMENTS, {**PLACE, "limit": "101"}, {"limit"}),
        (DEPLOYMENTS, {**PLACE, "limit": "many"}, {"limit"}),
        (DEPLOYMENTS, {**PLACE, "from": "yesterday", "to": "2026-11-23"}, {"from", "to"}),
        (DEPLOYMENTS, {**PLACE, "from": "9" * 30}, {"from"}),
        (DEPLOYMENTS, {**PLACE, "from": ms(NOW), "to": ms(NOW - timedelta(days=1))}, {"from"}),
        (DEPLOYMENTS, {**PLACE, "expand": "pullRequests,leadTime"}, {"expand"}),
        (DEPLOYMENTS, {**PLACE, "after": "x", "before": "y"}, {"before"}),
        (DEPLOYMENTS, {**PLACE, "after": "x"}, {"after"}),
        (DEPLOYMENTS, {**PLACE, "environment": "production"}, {"environment"}),
        (DEPLOYMENTS, [*PLACE.items(), ("projectKey", "default")], {"projectKey"}),
        (f"{INSIGHTS}/pull-requests", {"projectKey": "default", "status": "shipped"}, {"status"}),
        ("/api/v2/applications", {"sort": "kind"}, {"sort"}),
    ],
)
async def test_a_wrong_query_is_400_and_names_every_wrong_parameter(http: httpx.AsyncClient, path, query, wrong):
    response = await http.get(path, params=query)

    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert {error["attribute"] for error in response.json()["errors"]} == wrong
    assert all(error["reason"] for error in response.json()["errors"])


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (DEPLOYMENTS, {**PLACE, "projectKey": "Default"}),
        (DEPLOYMENTS, {**PLACE, "environmentKey": "prod"}),
        (f"{INSIGHTS}/pull-requests", {"projectKey": "nothing"}),
        ("/api/v2/nothing", {}),
    ],
)
async def test_unknown_keys_and_paths_are_404(http: httpx.AsyncClient, path, query):
    response = await http.get(path, params=query)

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


async def test_another_method_is_405(http: httpx.AsyncClient):
    response = await http.post(DEPLOYMENTS)

    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert response.headers["Allow"] == "GET"


async def test_the_default_window_is_the_last_seven_days(http: httpx.AsyncClient):
    default = (await http.get(DEPLOYMENTS, params={**PLACE, "limit": "100"})).json()
    week = {"from": ms(NOW - timedelta(days=7)), "to": ms(NOW)}
    explicit = (await http.get(DEPLOYMENTS, params={**PLACE, **week, "limit": "100"})).json()

    assert default["items"] == explicit["items"]
    assert len((await http.get(DEPLOYMENTS, params=PLACE)).json()["items"]) == 20


@pytest.mark.parametrize(
    ("query", "field", "values"),
    [
        ({"applicationKey": "search-api,docs-site"}, "applicationKey", {"search-api", "docs-site"}),
        ({"status": "failed"}, "status", {"failed"}),
        ({"kind": "rollback"}, "kind", {"rollback"}),
        ({"applicationKey": "nothing"}, "applicationKey", set()),
    ],
)
async def test_deployments_are_filtered(http: httpx.AsyncClient, query, field, values):
    window = {"from": ms(NOW - timedelta(days=35)), "limit": "100"}
    body = (await http.get(DEPLOYMENTS, params={**PLACE, **window, **query})).json()

    assert {item[field] for item in body["items"]} == values


async def test_pull_requests_are_filtered(http: httpx.AsyncClient):
    async def titles(**query: str) -> set[str]:
        window = {"from": ms(NOW - timedelta(days=3)), "limit": "100"}
        params = {"projectKey": "default", **window, **query}
        return {item["title"] for item in (await http.get(f"{INSIGHTS}/pull-requests", params=params)).json()["items"]}

    undeployed, staged = "Export invoices as UBL", "Show the next payment date on invoices"
    assert await titles(query="UBL") == {undeployed}
    assert {undeployed, "Introduce the new payment structure"} <= await titles(query="JANE.doe")
    assert await titles(status="open") == {"Let customers pay by instalments"}
    assert undeployed in await titles(status="merged") - await titles(status="deployed")
    in_production = await titles(status="deployed", environmentKey="production")
    assert staged in await titles(status="deployed", environmentKey="staging") - in_production
    assert await titles(applicationKey="identity-service", query="passkeys") == {"Offer passkeys at sign-in"}


async def test_lead_time_is_told_only_where_it_is_known(http: httpx.AsyncClient):
    items = (await http.get(DEPLOYMENTS, params={**PLACE, "limit": "100"})).json()["items"]
    for item in items:
        ended_with_work = "endedAt" in item and item["numberOfPullRequests"] > 0
        assert (item["leadTime"] > 0) == ended_with_work == ("leadTimeStages" in item)
        if ended_with_work:
            stages = item["leadTimeStages"]
            total = stages.pop("totalLeadTimeMs")
            assert total == item["leadTime"] == sum(stages.values())
            assert all(length >= 0 for length in stages.values())
        assert "pullRequests" not in item
    assert any(item["numberOfPullRequests"] == 0 for item in items)


async def test_every_answer_tells_its_date_and_the_rate_limits(http: httpx.AsyncClient):
    for path, status in (("/api/v2/projects", 200), ("/api/v2/nothing", 404), (DEPLOYMENTS, 400)):
        response = await http.get(path)

        assert response.status_code == status
        assert parsedate_to_datetime(response.headers["Date"]) == NOW
        assert int(response.headers["X-Ratelimit-Global-Remaining"]) > 900
        assert int(response.headers["X-Ratelimit-Reset"]) == int(ms(NOW + timedelta(seconds=10)))
        assert "X-Ratelimit-Auth-Token-Reset" in response.headers


async def test_the_clock_may_move(launchdarkly):
    moments = [NOW]
    headers = {"Authorization": launchdarkly.token, "LD-API-Version": "beta"}
    async with (
        SandboxLaunchDarkly(now=lambda: moments[-1], token=launchdarkly.token) as sandbox,
        httpx.AsyncClient(base_url=sandbox.base_url, headers=headers, trust_env=False) as client,
    ):
        moments.append(NOW + timedelta(hours=3))
        added = sandbox.deploy("search-api", titles=["Found it"])
        newest = (await client.get(DEPLOYMENTS, params={**PLACE, "expand": "pullRequests"})).json()["items"][0]

    assert newest["id"] == added.id
    assert newest["endedAt"] == int(ms(NOW + timedelta(hours=3)))
    assert newest["pullRequests"]["items"][0]["title"] == "Found it"


async def test_requests_are_logged_without_the_token(http: httpx.AsyncClient, launchdarkly: SandboxLaunchDarkly):
    await http.get(DEPLOYMENTS, params=PLACE)
    (logged,) = launchdarkly.requests
    told = await http.get("/_sandbox/requests")

    assert (logged.method, logged.path, logged.query) == ("GET", DEPLOYMENTS, PLACE)
    assert logged.headers["LD-API-Version"] == "beta"
    assert told.json()[0]["query"] == PLACE
    assert launchdarkly.token not in told.text + repr(launchdarkly.requests)
    assert len(launchdarkly.requests) == 1, "looking at the log is no API request"


async def test_applications_are_sorted_as_asked(http: httpx.AsyncClient):
    async def names(**query: str) -> list[str]:
        response = await http.get("/api/v2/applications", params={"limit": "50", **query})
        return [item["name"] for item in response.json()["items"]]

    assert await names(sort="-name") == sorted(await names(), reverse=True)


async def test_the_link_of_a_flag_leads_to_a_page_that_says_so(launchdarkly):
    async with httpx.AsyncClient(base_url=launchdarkly.base_url, trust_env=False) as browser:
        page = await browser.get("/projects/warehouse/flags/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["Content-Security-Policy"] == "default-src 'none'"
    assert "opens the flag <b>&lt;script&gt;alert(1)&lt;/script&gt;</b> of the project <b>warehouse</b>" in page.text
    assert launchdarkly.requests == []
