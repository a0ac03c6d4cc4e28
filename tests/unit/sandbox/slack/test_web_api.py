"""The Web API answers and refuses as Slack's does."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "text"}}
BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Go"}}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def table() -> dict[str, Any]:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}


def modal(**more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [SECTION], **more}


async def refused(call: Awaitable[Any]) -> Any:
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response


async def test_who_am_i_and_what_may_i_do(slack, client):
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0SANDBOX", "U0SHIPPED", "B0SHIPPED")
    assert set(answer.headers["x-oauth-scopes"].split(",")) == slack.world.app.scopes
    assert (await client.bots_info(bot="B0SHIPPED"))["bot"]["name"] == "What Shipped"


@pytest.mark.parametrize("form", ["query", "form", "json", "token in form", "multipart"])
async def test_arguments_are_taken_in_every_form(slack, http, form):
    blocks, token = [SECTION], slack.world.app.bot_token
    fields = {"channel": "C0DEPLOYS", "text": "hi", "blocks": json.dumps(blocks)}
    header = {"Authorization": f"Bearer {token}"}
    url = slack.api_url + "chat.postMessage"
    forms: dict[str, dict[str, Any]] = {
        "query": {"params": fields, "headers": header},
        "form": {"data": fields, "headers": header},
        "json": {"json": {**fields, "blocks": blocks}, "headers": header},
        "token in form": {"data": {**fields, "token": token}},
        "multipart": {"data": aiohttp.FormData(fields, default_to_multipart=True), "headers": header},
    }
    async with http.request("GET" if form == "query" else "POST", url, **forms[form]) as response:
        assert (await response.json())["ok"]
    [message] = slack.messages("#deploys")
    assert (message.text, message.blocks[0]["text"]) == ("hi", SECTION["text"])
    assert token not in json.dumps([e.as_json() for e in slack.journal.exchanges])


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-other", "invalid_auth"), ("xapp-sandbox-app", "not_allowed_token_type")],
)
async def test_wrong_tokens_are_refused(slack, http, token, error):
    async with http.post(slack.api_url + "auth.test", headers={"Authorization": f"Bearer {token}"}) as response:
        assert (await response.json())["error"] == error


async def test_a_token_in_json_does_not_count(slack, http):
    async with http.post(slack.api_url + "auth.test", json={"token": slack.world.app.bot_token}) as response:
        assert (await response.json())["error"] == "not_authed"


@pytest.mark.parametrize(
    ("body", "error"), [("{", "invalid_json"), ("[]", "json_not_object"), ('{"blocks": "{"}', "invalid_blocks_format")]
)
async def test_broken_json_is_refused(slack, http, body, error):
    headers = {"Authorization": f"Bearer {slack.world.app.bot_token}", "Content-Type": "application/json"}
    async with http.post(slack.api_url + "chat.postMessage", data=body, headers=headers) as response:
        assert (await response.json())["error"] == error


async def test_a_missing_scope_is_named(slack, client):
    slack.faults.take_scopes("users:read")
    response = await refused(client.users_info(user="U0JANE"))
    assert (response["error"], response["needed"]) == ("missing_scope", "users:read")
    assert response["provided"] == ",".join(sorted(slack.world.app.scopes))


async def test_an_unknown_method_is_refused(client):
    assert (await refused(client.api_call("chat.shout")))["error"] == "unknown_method"


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ("C0NOWHERE", "channel_not_found"),
        ("C0SECRET", "channel_not_found"),  # private, and the bot is not in it
        ("C0GENERAL", "not_in_channel"),
        ("C0OLD", "is_archived"),
    ],
)
async def test_where_the_bot_may_not_post(client, where, error):
    assert (await refused(client.chat_postMessage(channel=where, text="x")))["error"] == error


async def test_the_public_scope_opens_public_channels(slack, client):
    slack.world.app.scopes.add("chat:write.public")
    assert (await client.chat_postMessage(channel="#general", text="x"))["channel"] == "C0GENERAL"


async def test_a_persons_id_is_their_direct_messages(slack, client):
    slack.world.app.scopes.add("im:write")
    posted = await client.chat_postMessage(channel="U0JANE", text="x")
    assert posted["channel"] == (await client.conversations_open(users="U0JANE"))["channel"]["id"]
    assert [m.text for m in slack.visible_to("jane.doe", posted["channel"])] == ["x"]


@pytest.mark.parametrize(
    ("message", "error", "pointer"),
    [
        ({"text": ""}, "no_text", None),
        ({"text": "x", "blocks": [SECTION, section("y" * 3001)]}, "invalid_blocks", "/blocks/1/text/text"),
        ({"text": "x", "blocks": [SECTION] * 51}, "invalid_blocks", "/blocks"),
        ({"text": "x", "blocks": [{"type": "nope"}]}, "invalid_blocks", "/blocks/0/type"),
        ({"text": "x", "blocks": [section("y" * 3000)] * 5}, "msg_blocks_too_long", "/blocks"),
        ({"text": "x", "blocks": [table(), table()]}, "only_one_table_allowed", "/blocks/1"),
        ({"text": "x", "attachments": [{"text": "y"}] * 101}, "too_many_attachments", "/attachments"),
    ],
)
async def test_broken_limits_are_refused_with_pointers(slack, client, message, error, pointer):
    response = await refused(client.api_call("chat.postMessage", json={"channel": "C0DEPLOYS", **message}))
    assert response["error"] == error
    messages = response.get("response_metadata", {}).get("messages", [])
    assert pointer is None or (messages[0].startswith("[ERROR] ") and messages[0].endswith(f"[json-pointer:{pointer}]"))
    assert slack.messages("#deploys") == []


async def test_long_text_is_cut_in_a_post_and_refused_in_an_update(slack, client):
    posted = await client.chat_postMessage(channel="C0DEPLOYS", text="x" * 40_001)
    assert posted["warning"] == "message_truncated"
    assert len(slack.messages("#deploys")[0].text) == 40_000
    update = client.chat_update(channel="C0DEPLOYS", ts=posted["ts"], text="x" * 4_001)
    assert (await refused(update))["error"] == "msg_too_long"


async def test_an_update_follows_the_rules_of_text_blocks_and_metadata(slack, client):
    about = {"event_type": "digest", "event_payload": {"key": "1"}}
    posted = await client.chat_postMessage(channel="C0DEPLOYS", text="one", blocks=[SECTION], metadata=about)
    at = {"channel": "C0DEPLOYS", "ts": posted["ts"]}
    [message] = slack.messages("#deploys")

    await client.chat_update(**at, text="two", blocks=[section("new")])
    assert (message.text, message.blocks[0]["text"]["text"], message.edited_ts) == ("two", "new", None)
    await client.chat_update(**at, text="three")
    assert (message.blocks, message.metadata) == ([], about)
    assert message.edited_ts
    await client.chat_update(**at, text="four", metadata={})
    assert message.metadata is None


async def test_only_own_messages_can_be_changed(slack, client):
    await slack.say("jane.doe", "#deploys", "mine")
    at = {"channel": "C0DEPLOYS", "ts": slack.messages("#deploys")[0].ts}
    assert (await refused(client.chat_update(**at, text="x")))["error"] == "cant_update_message"
    assert (await refused(client.chat_delete(**at)))["error"] == "cant_delete_message"
    assert (await refused(client.chat_update(channel="C0DEPLOYS", ts="1.2", text="x")))["error"] == "message_not_found"


async def test_an_own_message_can_be_linked_and_deleted(slack, client):
    posted = await client.chat_postMessage(channel="C0DEPLOYS", text="x")
    link = await client.chat_getPermalink(channel="C0DEPLOYS", message_ts=posted["ts"])
    assert link["permalink"].endswith(f"/C0DEPLOYS/p{posted['ts'].replace('.', '')}")
    await client.chat_delete(channel="C0DEPLOYS", ts=posted["ts"])
    assert slack.messages("#deploys") == []


async def test_ephemeral_messages_are_for_members_and_not_kept(slack, client):
    slack.world.app.scopes.add("channels:history")
    elsewhere = client.chat_postEphemeral(channel="C0DEPLOYS", user="U0KIM", text="x")
    assert (await refused(elsewhere))["error"] == "user_not_in_channel"
    posted = await client.chat_postEphemeral(channel="C0DEPLOYS", user="U0JANE", text="x")
    update = client.chat_update(channel="C0DEPLOYS", ts=posted["message_ts"], text="y")
    assert (await refused(update))["error"] == "message_not_found"
    assert (await client.conversations_history(channel="C0DEPLOYS"))["messages"] == []


async def test_history_is_paged_newest_first_with_metadata_on_request(slack, client):
    slack.world.app.scopes.add("channels:history")
    about = {"event_type": "digest", "event_payload": {"key": "1"}}
    first = (await client.chat_postMessage(channel="C0DEPLOYS", text="0", metadata=about))["ts"]
    await client.chat_postMessage(channel="C0DEPLOYS", text="reply", thread_ts=first)
    for number in range(1, 4):
        await client.chat_postMessage(channel="C0DEPLOYS", text=str(number))

    page = await client.conversations_history(channel="C0DEPLOYS", limit=3, include_all_metadata=True)
    rest = await client.conversations_history(
        channel="C0DEPLOYS", limit=3, include_all_metadata=True, cursor=page["response_metadata"]["next_cursor"]
    )
    since = await client.conversations_history(channel="C0DEPLOYS", oldest=first)
    inclusive = await client.conversations_history(channel="C0DEPLOYS", oldest=first, inclusive=True)
    replies = await client.conversations_replies(channel="C0DEPLOYS", ts=first)

    assert [m["text"] for m in page["messages"]] == ["3", "2", "1"]
    assert (page["has_more"], rest["has_more"]) == (True, False)
    assert [(m["text"], m.get("metadata")) for m in rest["messages"]] == [("0", about)]
    assert len(since["messages"]) == 3
    assert "metadata" not in inclusive["messages"][-1]
    assert [m["text"] for m in replies["messages"]] == ["0", "reply"]


async def test_history_needs_scope_and_membership(slack, client):
    assert (await refused(client.conversations_history(channel="C0DEPLOYS")))["needed"] == "channels:history"
    slack.world.app.scopes.add("channels:history")
    slack.faults.remove_bot("#deploys")
    assert (await refused(client.conversations_history(channel="C0DEPLOYS")))["error"] == "not_in_channel"


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ("text", "invalid_metadata_format"),
        ({"event_type": "x"}, "invalid_metadata_schema"),
        ({"event_type": "x", "event_payload": {"long": "y" * 20_000}}, "metadata_too_large"),
    ],
)
async def test_broken_metadata_is_refused(client, metadata, error):
    post = client.api_call("chat.postMessage", json={"channel": "C0DEPLOYS", "text": "x", "metadata": metadata})
    assert (await refused(post))["error"] == error


async def test_a_reply_to_a_reply_goes_to_the_thread(slack, client):
    parent = (await client.chat_postMessage(channel="C0DEPLOYS", text="x"))["ts"]
    reply = (await client.chat_postMessage(channel="C0DEPLOYS", text="y", thread_ts=parent))["ts"]
    await client.chat_postMessage(channel="C0DEPLOYS", text="z", thread_ts=reply)
    assert [m.thread_ts for m in slack.messages("#deploys")] == [None, parent, parent]


async def test_people_and_channels_can_be_looked_up(slack, client):
    slack.world.app.scopes |= {"channels:read", "groups:read"}
    jane = (await client.users_info(user="U0KIM"))["user"]
    assert (jane["tz"], jane["tz_offset"], jane["real_name"]) == ("Asia/Kolkata", 19_800, "Kim Roe")
    general = (await client.conversations_info(channel="C0GENERAL", include_num_members=True))["channel"]
    assert (general["is_member"], general["num_members"]) == (False, 3)
    assert (await client.conversations_info(channel="C0OLD"))["channel"]["is_archived"]
    assert (await client.conversations_info(channel="C0ONCALL"))["channel"]["is_private"]
    assert (await refused(client.users_info(user="U0NOBODY")))["error"] == "user_not_found"


async def test_the_bot_can_list_the_conversations_that_it_is_in(slack, client):
    assert (await refused(client.users_conversations()))["needed"] == "channels:read"
    slack.world.app.scopes |= {"channels:read", "groups:read"}
    slack.world.channels["C0OLD"].members.add(slack.world.app.bot_user_id)
    every = (await client.users_conversations(types="public_channel,private_channel"))["channels"]
    assert "is_member" not in every[0]
    ids = [one["id"] for one in every]
    assert "C0OLD" in ids
    assert "C0GENERAL" not in ids
    paged = []
    async for page in await client.users_conversations(types="public_channel,private_channel", limit=1):
        paged += [one["id"] for one in page["channels"]]
    assert paged == ids
    open_ones = (await client.users_conversations(exclude_archived=True))["channels"]
    assert "C0OLD" not in [one["id"] for one in open_ones]
    assert (await refused(client.users_conversations(types="slack_connect")))["error"] == "invalid_types"


async def test_a_trigger_is_good_for_three_seconds_and_one_view(slack, client, clock):
    trigger = (await slack.command("jane.doe", "#deploys", "/shipped")).payload["trigger_id"]
    await client.views_open(trigger_id=trigger, view=modal())
    assert (await refused(client.views_open(trigger_id=trigger, view=modal())))["error"] == "exchanged_trigger_id"

    late = (await slack.command("jane.doe", "#deploys", "/shipped")).payload["trigger_id"]
    clock.advance(3.1)
    assert (await refused(client.views_open(trigger_id=late, view=modal())))["error"] == "expired_trigger_id"
    assert (await refused(client.views_open(trigger_id="1.2.3", view=modal())))["error"] == "invalid_trigger_id"


async def test_views_are_addressed_by_id_and_guarded_by_their_hash(slack, client):
    trigger = (await slack.command("jane.doe", "#deploys", "/shipped")).payload["trigger_id"]
    opened = (await client.views_open(trigger_id=trigger, view=modal(external_id="mine")))["view"]
    changed = (await client.views_update(external_id="mine", view=modal(external_id="mine")))["view"]

    assert changed["id"] == opened["id"]
    stale = client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal())
    assert (await refused(stale))["error"] == "hash_conflict"
    assert (await refused(client.views_update(view_id="V0", view=modal())))["error"] == "not_found"
    trigger = (await slack.command("sam.poe", "#deploys", "/shipped")).payload["trigger_id"]
    twice = client.views_open(trigger_id=trigger, view=modal(external_id="mine"))
    assert (await refused(twice))["error"] == "duplicate_external_id"


async def test_at_most_three_views_are_stacked(slack, client):
    trigger = (await slack.command("jane.doe", "#deploys", "/shipped")).payload["trigger_id"]
    await client.views_open(trigger_id=trigger, view=modal(blocks=[{"type": "actions", "elements": [BUTTON]}]))
    for error in (None, None, "push_limit_reached"):
        bottom = slack.views("jane.doe")[0]
        trigger = (await slack.click("jane.doe", bottom, "Go")).payload["trigger_id"]
        push = client.views_push(trigger_id=trigger, view=modal())
        if error:
            assert (await refused(push))["error"] == error
        else:
            assert (await push)["view"]["root_view_id"] == bottom.id
    assert len(slack.views("jane.doe")) == 3


async def test_broken_views_are_refused(slack, client):
    trigger = (await slack.command("jane.doe", "#deploys", "/shipped")).payload["trigger_id"]
    long = modal(title={"type": "plain_text", "text": "x" * 25})
    response = await refused(client.views_open(trigger_id=trigger, view=long))
    assert response["error"] == "invalid_arguments"
    assert "[json-pointer:/title/text]" in response["response_metadata"]["messages"][0]
    slack.world.app.home_tab = False
    home = client.views_publish(user_id="U0JANE", view={"type": "home", "blocks": [SECTION]})
    assert (await refused(home))["error"] == "not_enabled"


async def test_a_channel_takes_a_burst_and_then_a_message_a_second(slack, client, clock):
    for _ in range(slack.rate_limits.burst):
        await client.chat_postMessage(channel="C0DEPLOYS", text="x")
    response = await refused(client.chat_postMessage(channel="C0DEPLOYS", text="x"))
    assert (response["error"], response.status_code, response.headers["Retry-After"]) == ("ratelimited", 429, "1")
    assert (await client.chat_postMessage(channel="C0ONCALL", text="x"))["ok"]

    clock.advance(1)
    assert (await client.chat_postMessage(channel="C0DEPLOYS", text="x"))["ok"]
    slack.rate_limits.enabled = False
    for _ in range(10):
        await client.chat_postMessage(channel="C0DEPLOYS", text="x")
    assert len(slack.messages("#deploys")) == slack.rate_limits.burst + 11


async def test_other_methods_have_their_minutes(slack, client, clock):
    for _ in range(100):
        await client.users_info(user="U0JANE")
    assert (await refused(client.users_info(user="U0JANE"))).status_code == 429
    clock.advance(1)
    assert (await client.users_info(user="U0JANE"))["ok"]


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("chat.postMessage", {"text": "x"}, "invalid_arguments"),
        ("chat.postEphemeral", {"channel": "C0DEPLOYS", "text": "x"}, "invalid_arguments"),
        ("chat.getPermalink", {"channel": "C0DEPLOYS", "message_ts": "1.2"}, "message_not_found"),
        ("views.update", {"view": modal()}, "invalid_arguments"),
        ("views.publish", {"view": modal()}, "invalid_arguments"),
        ("views.publish", {"user_id": "U0NOBODY", "view": modal()}, "user_not_found"),
        ("conversations.open", {}, "invalid_arguments"),
        ("conversations.open", {"users": "U0NOBODY"}, "user_not_found"),
        ("conversations.replies", {"channel": "C0DEPLOYS", "ts": "1.2"}, "thread_not_found"),
        ("conversations.history", {"channel": "C0DEPLOYS", "limit": "1000"}, "invalid_limit"),
        ("conversations.history", {"channel": "C0DEPLOYS", "oldest": "yesterday"}, "invalid_ts_latest"),
        ("bots.info", {"bot": "B0OTHER"}, "bot_not_found"),
    ],
)
async def test_missing_and_wrong_arguments_are_refused(slack, client, method, arguments, error):
    slack.world.app.scopes |= {"im:write", "channels:history"}
    assert (await refused(client.api_call(method, json=arguments)))["error"] == error


async def test_a_message_in_an_archived_channel_cannot_be_changed(slack, client):
    ts = (await client.chat_postMessage(channel="C0DEPLOYS", text="x"))["ts"]
    slack.faults.archive("#deploys")
    assert (await refused(client.chat_update(channel="C0DEPLOYS", ts=ts, text="y")))["error"] == "is_inactive"


async def test_a_thread_is_paged_oldest_first(slack, client):
    slack.world.app.scopes.add("channels:history")
    first = (await client.chat_postMessage(channel="C0DEPLOYS", text="0"))["ts"]
    for number in (1, 2):
        await client.chat_postMessage(channel="C0DEPLOYS", text=str(number), thread_ts=first)
    page = await client.conversations_replies(channel="C0DEPLOYS", ts=first, limit=2)
    cursor = page["response_metadata"]["next_cursor"]
    rest = await client.conversations_replies(channel="C0DEPLOYS", ts=first, limit=2, cursor=cursor)
    assert [[m["text"] for m in part["messages"]] for part in (page, rest)] == [["0", "1"], ["2"]]


async def test_a_home_is_guarded_by_its_hash(client):
    home = {"type": "home", "blocks": [SECTION]}
    published = (await client.views_publish(user_id="U0JANE", view=home))["view"]
    await client.views_publish(user_id="U0JANE", view=home, hash=published["hash"])
    stale = client.views_publish(user_id="U0JANE", view=home, hash=published["hash"])
    assert (await refused(stale))["error"] == "hash_conflict"
