"""Each switch makes the trouble that it names."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.sandbox.slack import SandboxSlack


async def post(client: AsyncWebClient) -> AsyncSlackResponse:
    return await client.chat_postMessage(channel="C0DEPLOYS", text="x")


async def test_rate_limited_with_the_wait_that_was_asked_for(slack, client):
    slack.faults.rate_limit("chat.postMessage", retry_after=7, times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            await post(client)
        assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "7")
    await post(client)
    assert [e.outcome for e in slack.journal.calls("chat.postMessage")] == ["ratelimited", "ratelimited", "ok"]


async def test_a_fault_waits_for_its_method(slack, client):
    slack.faults.refuse("chat.postMessage", "internal_error")
    await client.auth_test()
    with pytest.raises(SlackApiError, match="internal_error"):
        await post(client)
    assert slack.messages("#deploys") == []


async def test_a_server_error_is_a_page_of_html(slack, http):
    slack.faults.server_error()
    async with http.post(slack.api_url + "auth.test") as response:
        assert (response.status, response.content_type) == (500, "text/html")


@pytest.mark.parametrize(("fault", "stored"), [("reset_before", 0), ("reset_after", 1)])
async def test_a_broken_connection_loses_the_call_or_its_answer(slack, client, fault, stored):
    getattr(slack.faults, fault)("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await post(client)
    assert len(slack.messages("#deploys")) == stored
    assert slack.journal.calls("chat.postMessage")[0].outcome == fault
    await post(client)


async def test_a_slow_method_takes_its_time(slack, client, clock):
    slack.faults.slow("chat.postMessage", seconds=20)
    posting = asyncio.create_task(post(client))
    await clock.until_asleep()
    clock.advance(19)
    await asyncio.sleep(0.01)
    assert not posting.done()
    clock.advance(1)
    assert (await posting)["ok"]


async def test_a_revoked_token_is_refused_until_it_is_cleared(slack, client):
    slack.faults.revoke_token()
    with pytest.raises(SlackApiError, match="token_revoked"):
        await client.auth_test()
    slack.faults.clear()
    await client.auth_test()


async def test_the_channel_is_archived_or_the_bot_thrown_out(slack, client):
    slack.faults.remove_bot("#deploys")
    with pytest.raises(SlackApiError, match="not_in_channel"):
        await post(client)
    slack.faults.archive("#deploys")
    with pytest.raises(SlackApiError, match="is_archived"):
        await post(client)


async def test_connections_are_refused(slack, client):
    slack.faults.refuse_connections("internal_error")
    token = slack.world.app.app_token
    with pytest.raises(SlackApiError, match="internal_error"):
        await client.apps_connections_open(app_token=token)
    assert (await client.apps_connections_open(app_token=token))["url"].startswith("ws://127.0.0.1:")


async def test_a_workspace_ends_without_leftovers():
    before = asyncio.all_tasks()
    async with SandboxSlack() as slack:
        slack.world.app.request_url = "http://127.0.0.1:9/closed"
        await slack.direct_message("jane.doe", "help")  # fails, and waits for its repetition
    assert asyncio.all_tasks() == before
