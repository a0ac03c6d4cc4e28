"""Each switch does what its name says, as often as it was told, and nothing afterwards."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from bot.sandbox.launchdarkly.faults import SWITCHES, Faults
from tests.builders import NOW

INSIGHTS = "/api/v2/engineering-insights"
DEPLOYMENTS = f"{INSIGHTS}/deployments"
PLACE = {"projectKey": "default", "environmentKey": "production"}
NOW_MS = int(NOW.timestamp() * 1000)
WEEK_MS = 7 * 86_400_000
EXPANDED = {**PLACE, "limit": "100", "expand": "pullRequests,flagReferences"}


async def _deployments(http: httpx.AsyncClient, **query: str) -> Any:
    return (await http.get(DEPLOYMENTS, params={**EXPANDED, **query})).raise_for_status().json()


@pytest.mark.parametrize(
    ("waits", "headers"),
    [
        ({}, {}),
        ({"retry_after": 2}, {"retry-after": "2"}),
        ({"retry_after": 0.5, "reset_in": 3}, {"retry-after": "0.5", "x-ratelimit-reset": str(NOW_MS + 3000)}),
        ({"reset_in": -5}, {"x-ratelimit-reset": str(NOW_MS - 5000)}),
        ({"token_reset_in": 4}, {"x-ratelimit-auth-token-reset": str(NOW_MS + 4000)}),
    ],
)
async def test_a_rate_limit_has_the_headers_it_was_given_and_no_others(http, launchdarkly, waits, headers):
    launchdarkly.faults.rate_limit(**waits)
    limited = await http.get("/api/v2/projects")
    sent = {name: value for name, value in limited.headers.items() if "ratelimit" in name or name == "retry-after"}

    assert (limited.status_code, limited.json()["code"], sent) == (429, "rate_limited", headers)
    assert (await http.get("/api/v2/projects")).status_code == 200


async def test_a_broken_answer_comes_as_often_and_as_late_and_where_it_was_told(http, launchdarkly):
    launchdarkly.faults.server_error(2, status=502, after=1, path="projects")
    statuses = [(await http.get("/api/v2/projects")).status_code for _ in range(4)]
    launchdarkly.faults.server_error(path="deployments")
    elsewhere = (await http.get("/api/v2/projects")).status_code

    assert statuses == [200, 502, 502, 200]
    assert elsewhere == 200
    assert (await http.get(DEPLOYMENTS, params=PLACE)).status_code == 503


async def test_down_is_down_until_it_is_cleared(http, launchdarkly):
    launchdarkly.faults.down()
    statuses = {(await http.get(path)).status_code for path in ("/api/v2/projects", "/api/v2/caller-identity") * 3}
    launchdarkly.faults.clear()

    assert statuses == {503}
    assert (await http.get("/api/v2/projects")).status_code == 200


async def test_without_a_plan_only_engineering_insights_is_refused(http, launchdarkly):
    launchdarkly.faults.no_plan()

    assert [(await http.get(DEPLOYMENTS, params=PLACE)).status_code for _ in range(2)] == [403, 403]
    assert (await http.get("/api/v2/projects")).status_code == 200


async def test_a_body_is_cut(http, launchdarkly):
    launchdarkly.faults.cut_body()
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        await http.get(DEPLOYMENTS, params=PLACE)

    assert (await http.get(DEPLOYMENTS, params=PLACE)).status_code == 200


async def test_a_connection_is_reset(http, launchdarkly):
    launchdarkly.faults.reset_connection()
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await http.get("/api/v2/projects")

    assert (await http.get("/api/v2/projects")).status_code == 200
    assert len(launchdarkly.requests) == 2


async def test_an_answer_may_be_no_json_or_another_shape(http, launchdarkly):
    launchdarkly.faults.not_json()
    launchdarkly.faults.wrong_shape()
    page, shape = await http.get("/api/v2/projects"), await http.get("/api/v2/projects")

    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (200, "text/html")
    assert (shape.status_code, isinstance(shape.json(), list)) == (200, True)


async def test_a_slow_answer_waits_with_the_given_sleep_and_is_right(launchdarkly):
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    headers = {"Authorization": launchdarkly.token}
    async with (
        SandboxLaunchDarkly(now=NOW, token=launchdarkly.token, sleep=sleep) as sandbox,
        httpx.AsyncClient(base_url=sandbox.base_url, headers=headers, trust_env=False) as client,
    ):
        sandbox.faults.slow(30, times=1)
        statuses = [(await client.get("/api/v2/projects")).status_code for _ in range(2)]

    assert (waited, statuses) == ([30], [200, 200])


async def test_requests_are_held_until_released_and_counted(http, launchdarkly):
    launchdarkly.faults.hold()
    asked = [asyncio.create_task(http.get("/api/v2/projects")) for _ in range(3)]
    await launchdarkly.arrived(3)
    assert not any(task.done() for task in asked)
    launchdarkly.faults.release()

    assert [response.status_code for response in await asyncio.gather(*asked)] == [200] * 3
    assert launchdarkly.most_in_flight == 3


@pytest.mark.parametrize("by_id", [False, True])
async def test_nested_lists_are_truncated_and_say_so(http, launchdarkly, by_id):
    launchdarkly.faults.truncate_nested(keep=1, by_id=by_id)
    items = (await _deployments(http))["items"]
    cut = next(item for item in items if item["numberOfPullRequests"] > 1)
    one = (await http.get(f"{DEPLOYMENTS}/{cut['id']}", params={"expand": "pullRequests"})).json()["pullRequests"]
    nested = cut["pullRequests"]

    assert len(nested["items"]) == 1 < nested["totalCount"] == cut["numberOfPullRequests"]
    assert nested["_links"]["next"]["href"] == f"{INSIGHTS}/pull-requests?after={nested['items'][0]['id']}"
    assert any(len(i["flagReferences"]["items"]) < i["flagReferences"]["totalCount"] for i in items)
    assert len(one["items"]) == (1 if by_id else one["totalCount"])


async def test_totals_may_be_wrong(http, launchdarkly):
    right = (await _deployments(http))["totalCount"]
    launchdarkly.faults.wrong_totals(extra=5)

    assert (await _deployments(http))["totalCount"] == right + 5


async def test_slices_may_lose_what_the_whole_has(http, launchdarkly):
    launchdarkly.faults.lose_in_slices()
    start, middle, end = NOW_MS - WEEK_MS, NOW_MS - WEEK_MS // 2, NOW_MS
    whole = await _deployments(http, **{"from": str(start), "to": str(end)})
    older = await _deployments(http, **{"from": str(start), "to": str(middle - 1)})
    newer = await _deployments(http, **{"from": str(middle), "to": str(end)})

    assert older["totalCount"] + newer["totalCount"] == whole["totalCount"] - 2
    assert older["totalCount"] == len(older["items"])
    assert {i["id"] for i in older["items"] + newer["items"]} < {i["id"] for i in whole["items"]}


async def test_words_may_be_unknown(http, launchdarkly):
    launchdarkly.faults.unknown_words(status="promoted", kind="canary")
    items = (await _deployments(http))["items"]

    assert {item["status"] for item in items} == {"promoted", "failed", "started"}
    assert {"canary", "rollback"} <= {item["kind"] for item in items}


async def test_sloppy_answers_have_nulls_strings_and_news(http, launchdarkly):
    launchdarkly.faults.sloppy()
    first, *items = (await _deployments(http))["items"]

    assert first is None
    assert all(item["startedAt"].isdecimal() and item["metadata"] is None for item in items)
    assert all(item["pullRequests"]["items"][-1] is None and "somethingNew" in item for item in items)
    assert any(item["endedAt"] is None for item in items)


async def test_a_late_deployment_appears_between_two_pages(http, launchdarkly):
    launchdarkly.faults.late_deployment()
    first = await _deployments(http, limit="5")
    second = await _deployments(http, limit="5", after=first["items"][-1]["id"])

    assert second["totalCount"] == first["totalCount"] + 1
    assert not launchdarkly.faults.late_pending


async def test_few_requests_may_remain(http, launchdarkly):
    launchdarkly.faults.low_remaining(2)
    headers = (await http.get("/api/v2/projects")).headers

    assert headers["X-Ratelimit-Global-Remaining"] == headers["X-Ratelimit-Route-Remaining"] == "2"


async def test_switches_are_thrown_over_http_too(http, launchdarkly):
    thrown = await http.post("/_sandbox/faults", json={"fault": "rate_limit", "times": 1, "retry_after": 1})
    statuses = [(await http.get("/api/v2/projects")).status_code for _ in range(2)]

    assert (thrown.status_code, statuses) == (200, [429, 200])


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (b"{", "Send JSON"),
        (b"[]", "Send JSON"),
        (b"{}", "rate_limit"),
        (b'{"fault": "next_answer"}', "There is no fault"),
        (b'{"fault": "rate_limit", "often": 2}', "It takes: times, retry_after"),
        (b'{"fault": "rate_limit", "times": "2"}', "cannot be"),
        (b'{"fault": "rate_limit", "times": true}', "cannot be"),
        (b'{"fault": "slow"}', "seconds"),
    ],
)
async def test_an_order_that_cannot_be_carried_out_says_why(http, order, told):
    response = await http.post("/_sandbox/faults", content=order)

    assert response.status_code == 400
    assert told in response.json()["error"]


def test_every_switch_can_be_thrown_by_name_and_cleared():
    needed = {"slow": {"seconds": 1}}
    faults = Faults()
    for name in SWITCHES:
        faults.throw(name, needed.get(name, {}))
    public = {name for name, value in vars(Faults).items() if callable(value) and not name.startswith("_")}

    assert public - {"next_answer", "twist", "wait", "throw"} == set(SWITCHES)
    assert faults.next_answer("/api/v2/engineering-insights/deployments") is None
