"""What people do in the page becomes what their Slack client would do."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest

from bot.sandbox.playground import News
from bot.sandbox.slack import Message
from tests.unit.sandbox.playground.stage import JANE, Stage


async def test_words_become_a_message(stage):
    assert (await stage.send("  Is it <b>live</b>? ")) == {"ok": True, "delivery": None}
    assert stage.slack.messages("#deploys")[-1].text == "Is it &lt;b&gt;live&lt;/b&gt;?"


async def test_a_slash_becomes_a_command_and_what_became_of_it_is_told(stage):
    said = await stage.send("/SHIPPED  billing since:2d")
    assert said["delivery"]["error"] == "dispatch_failed"  # nobody is connected
    (delivery,) = stage.slack.courier.deliveries
    assert (delivery.payload["command"], delivery.payload["text"]) == ("/shipped", "billing since:2d")


async def test_the_bot_is_named_as_it_is_shown(stage):
    stage.slack.courier.retry_delays = ()
    await stage.send("@What Shipped release #406")
    (delivery,) = stage.slack.courier.deliveries
    assert delivery.payload["event"]["text"] == "<@U0SHIPPED> release #406"


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        ("/nonsense", {}, "/nonsense is not a valid command"),
        ("/shipped", {"thread_ts": "1.0"}, "slash commands do not work in threads; write @What Shipped shipped"),
        ("  ", {}, "there is nothing to send"),
        ("x" * 12_001, {}, "a message has at most 12000 characters"),
        ("/invite @Sam Poe", {}, "here, only the bot can be invited: /invite @What Shipped"),
        ("hello", {"channel": "C0NOWHERE"}, "there is no channel 'C0NOWHERE'"),
    ],
)
async def test_what_cannot_be_sent_is_told_in_words(stage, text, more, words):
    assert await stage.send(text, **more) == {"ok": False, "error": words}
    assert not stage.slack.courier.deliveries


@pytest.mark.parametrize(
    ("verb", "arguments", "words"),
    [
        ("send", {"channel": "C0DEPLOYS", "text": 3}, "text cannot be that"),
        ("send", {"channel": [], "text": "hi"}, "channel cannot be that"),
        ("send", {"channel": "C0DEPLOYS", "text": "hi", "thread_ts": {}}, "thread_ts cannot be that"),
        ("click", {"surface": [], "wanted": "x"}, "surface cannot be that"),
        ("submit", {"view": "V1", "values": "all"}, "values cannot be that"),
    ],
)
async def test_what_is_of_another_type_is_refused_in_words(stage, verb, arguments, words):
    assert await stage.do(verb, user=JANE, **arguments) == {"ok": False, "error": words}


@pytest.mark.parametrize("choice", [5, {}, [5], [[]], True])
async def test_what_no_menu_offers_cannot_be_chosen(stage, choice):
    world = stage.slack.world
    menus = [{"type": kind, "action_id": kind} for kind in ("multi_conversations_select", "checkboxes")]
    block = {"type": "actions", "block_id": "b", "elements": menus}
    message = world.add(Message("C0DEPLOYS", world.next_ts(), "U0SHIPPED", "choose", [block]))
    for menu in menus:
        said = await stage.do("choose", user=JANE, surface=message.ts, wanted=menu["action_id"], choice=choice)
        assert said == {"ok": False, "error": f"a {menu['type']} does not take {choice!r}"}


async def test_half_an_emoji_becomes_the_character_for_what_is_unknown(stage):
    assert (await stage.send("hi \ud83d there, \ud83d\ude80"))["ok"]
    assert stage.slack.messages("#deploys")[-1].text == "hi \ufffd there, \U0001f680"


async def test_the_bot_can_be_invited(stage):
    assert "U0SHIPPED" not in stage.slack.world.channel("#general").members
    await stage.send("/invite @What Shipped", channel="C0GENERAL")
    assert "U0SHIPPED" in stage.slack.world.channel("#general").members


async def test_only_what_a_person_can_do_has_an_address(stage):
    async with stage.http.post(f"{stage.url}do/event", json={"event": {}}) as answer:
        assert answer.status == 404
    assert (await stage.do("click", user=JANE))["ok"] is False


async def control(stage: Stage, key: Any, value: Any = "") -> str:
    said: dict[str, Any] = await stage.do("control", key=key, value=value)
    return str(said["said"] if said["ok"] else said["error"])


async def test_a_new_deployment_happens(stage):
    before = len([*stage.launchdarkly.company.deployments])
    assert "has reached production" in await control(stage, "deploy")
    assert len([*stage.launchdarkly.company.deployments]) == before + 1


async def test_time_that_passes_brings_releases_in_working_hours(stage):
    launchdarkly = stage.launchdarkly
    friday = launchdarkly.now() + timedelta(days=7 + (4 - launchdarkly.now().weekday()) % 7)
    before = set(launchdarkly.company.deployments)
    News(launchdarkly).until(friday, UTC)
    new = [one for one in launchdarkly.company.deployments if one not in before]
    assert len({one.application for one in new}) == 9
    assert len({(one.ended_at, one.version) for one in new}) == len(new) >= 20
    assert all(one.ended_at.weekday() < 5 and 8 <= one.ended_at.hour < 19 for one in new)
    assert max(one.ended_at for one in new) < friday


@pytest.mark.parametrize(("position", "status"), [("well", 200), ("limited", 429), ("down", 503)])
async def test_launchdarkly_is_as_it_was_set(stage, position, status):
    await control(stage, "launchdarkly", "down")
    await control(stage, "launchdarkly", position)
    headers = {"Authorization": stage.launchdarkly.token}
    async with stage.http.get(f"{stage.launchdarkly.base_url}/api/v2/projects", headers=headers) as answer:
        assert answer.status == status


async def test_slack_is_limited_until_the_limit_was_met(stage):
    def current() -> str:
        (slack,) = [c for c in stage.controls if c.key == "slack"]
        return str(slack.as_json()["current"])

    await control(stage, "slack", "limited")
    assert current() == "limited"
    body = {"channel": "C0DEPLOYS", "text": "hi", "user": JANE, "ts": "1"}
    headers = {"Authorization": f"Bearer {stage.slack.world.app.bot_token}"}
    for method in ("chat.postMessage", "chat.postEphemeral", "chat.update"):
        async with stage.http.post(f"{stage.slack.api_url}{method}", json=body, headers=headers) as answer:
            assert answer.status == 429
            assert answer.headers["Retry-After"] == "2"
    assert current() == "limited"
    async with stage.http.post(f"{stage.slack.base_url}/response/R1", json={"text": "hi"}) as answer:
        assert answer.status == 429
    assert current() == "well"


async def test_the_channel_can_be_archived_and_the_bot_removed(stage):
    channel = stage.slack.world.channel("#deploys")
    await control(stage, "channel", "archived")
    assert channel.archived
    assert (await stage.send("hello"))["error"] == "deploys is archived"
    await control(stage, "channel", "without")
    assert not channel.archived
    assert "U0SHIPPED" not in channel.members
    await control(stage, "channel", "open")
    assert "U0SHIPPED" in channel.members


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("gravity", "off", "there is no control 'gravity'"),
        ("slack", "purple", "Slack is cannot be 'purple'"),
        (["slack"], "well", "key cannot be that"),
        ("slack", ["well"], "value cannot be that"),
    ],
)
async def test_other_controls_are_refused(stage, key, value, words):
    assert await control(stage, key, value) == words
