"""What the page is told: everything at first, then what changed, and nothing that opens anything."""

from __future__ import annotations

import json

from bot.sandbox.playground.snapshot import MOST_MESSAGES
from bot.sandbox.slack import Message


async def test_the_first_event_holds_everything_that_this_person_sees(listening):
    first = await listening.next()
    assert first["fresh"] is True
    seen = first["put"]
    assert seen["workspace"]["viewer"] == "U0JANE"
    assert seen["workspace"]["commands"] == [
        {"name": "/shipped", "description": "What shipped?", "usage_hint": "[app]"},
    ]
    assert {value["name"] for key, value in seen.items() if key.startswith("channel/")} == {
        "deploys",
        "team-billing",
        "on-call",
        "general",
        "",
    }
    assert seen["table/people"]["rows"][0] == ["jane.doe"]
    assert seen["home"] is None
    assert seen["views"] == []


async def test_a_change_is_told_alone(stage, listening):
    await listening.next()
    await stage.send("hello")
    event = await listening.next()
    assert event["fresh"] is False
    assert event["drop"] == []
    ((key, message),) = event["put"].items()
    assert key.startswith("message/C0DEPLOYS/")
    assert message["text"] == "hello"


async def test_a_busy_conversation_leaves_the_others_what_they_have(stage, listening):
    await listening.next()
    world = stage.slack.world
    for number in range(MOST_MESSAGES + 10):
        world.add(Message("C0GENERAL", world.next_ts(), "U0KIM", f"word {number}"))
    async with stage.http.get(f"{stage.url}events", params={"user": "U0JANE"}) as again:
        await again.content.readuntil(b"data: ")
        seen = json.loads(await again.content.readline())["put"]
    texts = {
        channel: [value["text"] for key, value in seen.items() if key.startswith(f"message/{channel}/")]
        for channel in ("C0GENERAL", "C0DEPLOYS")
    }
    assert texts["C0GENERAL"] == [f"word {number}" for number in range(10, MOST_MESSAGES + 10)]
    assert len(texts["C0DEPLOYS"]) == 1


async def test_half_an_emoji_of_the_bots_does_not_end_the_stream(stage, listening):
    await listening.next()
    world = stage.slack.world
    world.add(Message("C0DEPLOYS", world.next_ts(), "U0SHIPPED", "hi \ud83d there"))
    ((_, message),) = (await listening.next())["put"].items()
    assert message["text"] == "hi \ud83d there"


async def test_what_is_gone_is_dropped(stage, listening):
    world = stage.slack.world
    await listening.next()
    for_kim, for_jane = (
        world.add(Message("C0DEPLOYS", world.next_ts(), "U0SHIPPED", "psst", only_for=user))
        for user in ("U0KIM", "U0JANE")
    )
    seen = (await listening.next())["put"]
    assert f"message/C0DEPLOYS/{for_jane.ts}" in seen
    assert f"message/C0DEPLOYS/{for_kim.ts}" not in seen
    await stage.do("dismiss", user="U0JANE", message=for_jane.ts)
    assert (await listening.next())["drop"] == [f"message/C0DEPLOYS/{for_jane.ts}"]


async def test_the_zone_of_the_browser_becomes_that_of_the_profile(stage, listening):
    await listening.next()
    assert stage.slack.world.user("jane.doe").tz == "Asia/Tokyo"


async def test_a_zone_that_there_is_not_changes_nothing(stage):
    for zone in ("Mars/Olympus", "../../etc/passwd", ""):
        async with stage.http.get(f"{stage.url}events", params={"user": "U0SAM", "zone": zone}) as answer:
            assert answer.status == 200
    assert stage.slack.world.user("sam.poe").tz == "America/New_York"


async def test_a_stranger_sees_nothing(stage):
    async with stage.http.get(f"{stage.url}events", params={"user": "U0NOBODY"}) as answer:
        assert answer.status == 404


async def test_the_log_has_both_sides_and_no_secret(stage, listening):
    await listening.next()
    await stage.send("/shipped billing")
    async with stage.http.post(
        f"{stage.slack.api_url}chat.postMessage", data={"token": "xoxb-wrong", "channel": "C0DEPLOYS", "text": "hi"}
    ) as refused:
        assert (await refused.json())["error"] == "invalid_auth"
    headers = {"Authorization": stage.launchdarkly.token}
    async with stage.http.get(f"{stage.launchdarkly.base_url}/api/v2/projects", headers=headers) as answer:
        assert answer.status == 200
    async with stage.http.get(f"{stage.url}events", params={"user": "U0JANE"}) as again:
        await again.content.readuntil(b"data: ")
        event = json.loads(await again.content.readline())
    entries = [value for key, value in event["put"].items() if key.startswith("log/")]
    assert [(e["way"], e["name"], e["about"], e["outcome"], e["fine"]) for e in entries] == [
        ("slack to bot", "slash_commands", "/shipped billing", "dispatch_failed", False),
        ("bot to slack", "chat.postMessage", "#deploys · hi", "invalid_auth", False),
        ("bot to launchdarkly", "GET projects", "", "200", True),
    ]
    everything = json.dumps(event)
    app = stage.slack.world.app
    secrets = (app.bot_token, app.app_token, app.signing_secret, stage.launchdarkly.token, "xoxb", "/response/")
    assert not [secret for secret in secrets if secret in everything]
