"""A real Bolt app talks with people in the embedded Slack, over both transports."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.sandbox.slack import NotPossible


def button(action_id: str = "share", value: str = "v1", text: str = "Share") -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "value": value, "text": {"type": "plain_text", "text": text}}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "block_id": "row", "elements": list(elements)}


SELECT: dict[str, Any] = {
    "type": "static_select",
    "action_id": "environment",
    "options": [
        {"text": {"type": "plain_text", "text": name.title()}, "value": name} for name in ("production", "staging")
    ],
}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    title = {"type": "plain_text", "text": "New digest"}
    return {"type": "modal", "callback_id": "digest", "title": title, "submit": title, "blocks": list(blocks), **more}


NAME_INPUT: dict[str, Any] = {
    "type": "input",
    "block_id": "name",
    "label": {"type": "plain_text", "text": "Name"},
    "element": {"type": "plain_text_input", "action_id": "text"},
}


async def test_a_command_is_acknowledged_and_answered_for_the_asker_alone(slack, app, connect):
    commands = []

    @app.command("/shipped")
    async def shipped(ack, respond, command):
        await ack()
        commands.append(command)
        await respond("3 deployments")

    await connect()
    delivery = await slack.command("jane.doe", "#deploys", "/shipped", "since:2d")

    assert (delivery.acked, delivery.error, delivery.ack_ms) == (True, "", 0)
    [answer] = await slack.wait_for(lambda: slack.visible_to("jane.doe", "#deploys"))
    assert (answer.text, answer.user) == ("3 deployments", slack.world.app.bot_user_id)
    assert slack.visible_to("sam.poe", "#deploys") == []
    assert slack.messages("#deploys") == []
    expected = {"command": "/shipped", "text": "since:2d", "channel_name": "deploys", "user_id": "U0JANE"}
    assert expected.items() <= commands[0].items()


async def test_an_acknowledgement_with_text_is_shown(slack, app, connect):
    @app.command("/shipped")
    async def shipped(ack):
        await ack("nothing shipped")

    await connect()
    await slack.command("jane.doe", "#deploys", "/shipped")

    assert [m.text for m in slack.visible_to("jane.doe", "#deploys")] == ["nothing shipped"]
    assert slack.messages("#deploys") == []


async def test_a_public_acknowledgement_shows_the_typed_command_too(slack, app, connect):
    @app.command("/shipped")
    async def shipped(ack):
        await ack("3 deployments", response_type="in_channel")

    await connect()
    await slack.command("jane.doe", "#deploys", "/shipped", "--public")

    assert [(m.user, m.text) for m in slack.messages("#deploys")] == [
        ("U0JANE", "/shipped --public"),
        ("U0SHIPPED", "3 deployments"),
    ]


async def test_a_broken_acknowledgement_is_refused_visibly(slack, app, connect):
    @app.command("/shipped")
    async def shipped(ack):
        await ack(text="x", blocks=[{"type": "nope"}])

    await connect()
    await slack.command("jane.doe", "#deploys", "/shipped")

    assert "invalid_blocks" in slack.visible_to("jane.doe", "#deploys")[0].text


async def test_a_command_that_nobody_acknowledges_times_out_after_three_seconds(slack, app, connect, clock):
    reached, release = asyncio.Event(), asyncio.Event()

    @app.command("/shipped")
    async def shipped(ack):
        reached.set()
        await release.wait()
        await ack()

    await connect()
    typing = asyncio.create_task(slack.command("jane.doe", "#deploys", "/shipped"))
    await reached.wait()
    clock.advance(2.9)
    await asyncio.sleep(0)
    assert not typing.done()
    clock.advance(0.2)
    delivery = await typing
    release.set()

    assert (delivery.acked, delivery.error) == (False, "operation_timeout")
    assert "operation_timeout" in slack.visible_to("jane.doe", "#deploys")[0].text


async def test_nobody_listening_is_a_dispatch_failure(slack):
    assert (await slack.command("jane.doe", "#deploys", "/shipped")).error == "dispatch_failed"
    slack.world.app.request_url = "http://127.0.0.1:9/closed"
    assert (await slack.command("jane.doe", "#deploys", "/shipped")).error == "dispatch_failed"


async def test_a_click_replaces_the_private_message_and_shares_another(slack, app, connect):
    clicks = []

    @app.command("/shipped")
    async def shipped(ack, respond):
        await ack()
        await respond(text="private", blocks=[actions(button())])

    @app.action("share")
    async def share(ack, respond, body):
        await ack()
        clicks.append(body)
        await respond(text="shared", response_type="in_channel", replace_original=False)
        await respond(text="done", replace_original=True)

    await connect()
    await slack.command("jane.doe", "#deploys", "/shipped")
    [private] = await slack.wait_for(lambda: slack.visible_to("jane.doe", "#deploys"))
    delivery = await slack.click("jane.doe", private, "share")
    await slack.wait_for(lambda: private.text == "done")

    assert delivery.acked
    assert [m.text for m in slack.visible_to("sam.poe", "#deploys")] == ["shared"]
    assert [m.text for m in slack.visible_to("jane.doe", "#deploys")] == ["done", "shared"]
    assert private.blocks == []
    [click] = clicks
    assert (click["actions"][0]["value"], click["actions"][0]["block_id"]) == ("v1", "row")
    assert click["container"]["is_ephemeral"]
    assert "message" not in click  # Slack does not keep ephemeral messages


async def test_a_choice_reaches_the_app_with_the_public_message(slack, app, client, connect):
    chosen = []

    @app.action("environment")
    async def environment(ack, respond, body):
        await ack()
        chosen.append(body)
        await respond(delete_original=True)

    await connect()
    posted = await client.chat_postMessage(channel="C0DEPLOYS", text="which?", blocks=[actions(SELECT)])
    await slack.choose("sam.poe", posted["ts"], "environment", "Staging")
    await slack.wait_for(lambda: not slack.messages("#deploys"))

    assert chosen[0]["actions"][0]["selected_option"]["value"] == "staging"
    assert chosen[0]["state"]["values"]["row"]["environment"]["selected_option"]["value"] == "staging"
    assert chosen[0]["message"]["text"] == "which?"


async def test_a_modal_opens_loads_shows_errors_and_closes(slack, app, client, connect):
    @app.command("/digest")
    async def digest(ack, command, client):
        await ack()
        opened = await client.views_open(trigger_id=command["trigger_id"], view=modal(NAME_INPUT, external_id="form"))
        second = {**NAME_INPUT, "block_id": "zone", "optional": True}
        await client.views_update(
            view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=modal(NAME_INPUT, second)
        )

    @app.view("digest")
    async def submitted(ack, view, client, body):
        name = view["state"]["values"]["name"]["text"]["value"]
        if name == "bad":
            await ack(response_action="errors", errors={"name": "too bad"})
            return
        await ack()
        await client.chat_postMessage(channel=body["user"]["id"], text=f"made {name}")

    await connect()
    await slack.command("jane.doe", "#deploys", "/digest")
    form = await slack.wait_for(lambda: next((v for v in slack.views("jane.doe") if len(v.blocks) == 2), None))
    with pytest.raises(NotPossible, match="Name"):
        await slack.submit("jane.doe")

    await slack.submit("jane.doe", form, {"name": "bad"})
    assert (slack.views("jane.doe"), form.errors) == ([form], {"name": "too bad"})

    await slack.submit("jane.doe", form, {"name": "Mondays"})
    assert slack.views("jane.doe") == []
    im = slack.world.direct_messages("jane.doe").id
    [message] = await slack.wait_for(lambda: slack.messages(im))
    assert message.text == "made Mondays"


@pytest.mark.parametrize(
    ("said", "titles"),
    [
        ({"response_action": "update", "view": modal(NAME_INPUT, private_metadata="2")}, ["2"]),
        ({"response_action": "push", "view": modal(NAME_INPUT, private_metadata="2")}, ["1", "2"]),
        ({"response_action": "clear"}, []),
    ],
)
async def test_the_answer_to_a_submission_moves_the_views(slack, app, connect_socket, said, titles):
    @app.command("/digest")
    async def digest(ack, command, client):
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=modal(NAME_INPUT, private_metadata="1"))

    @app.view("digest")
    async def submitted(ack):
        await ack(**said)

    await connect_socket()
    await slack.command("jane.doe", "#deploys", "/digest")
    await slack.wait_for(lambda: slack.views("jane.doe"))
    await slack.submit("jane.doe", None, {"text": "x"})

    assert [view.content["private_metadata"] for view in slack.views("jane.doe")] == titles


async def test_an_unacknowledged_submission_keeps_the_form_and_what_was_entered(slack, app, connect_socket):
    @app.command("/digest")
    async def digest(ack, command, client):
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=modal(NAME_INPUT))

    handler = await connect_socket()
    await slack.command("jane.doe", "#deploys", "/digest")
    [form] = await slack.wait_for(lambda: slack.views("jane.doe"))
    await handler.disconnect_async()
    await slack.wait_for(lambda: not slack.sockets.connected)
    delivery = await slack.submit("jane.doe", form, {"text": "Mondays"})

    assert delivery.error == "dispatch_failed"
    assert slack.views("jane.doe") == [form]
    assert form.state["name"]["text"]["value"] == "Mondays"
    assert form.errors


async def test_closing_a_modal_is_told_only_where_that_was_asked_for(slack, app, connect):
    closed = []

    @app.command("/digest")
    async def digest(ack, command, client):
        await ack()
        view = modal(NAME_INPUT, notify_on_close=command["text"] == "tell")
        await client.views_open(trigger_id=command["trigger_id"], view=view)

    @app.view_closed("digest")
    async def on_close(ack, body):
        await ack()
        closed.append(body["is_cleared"])

    await connect()
    for text, told in (("", False), ("tell", True)):
        await slack.command("jane.doe", "#deploys", "/digest", text)
        await slack.wait_for(lambda: slack.views("jane.doe"))
        assert bool(await slack.close("jane.doe")) is told
        assert slack.views("jane.doe") == []
    assert closed == [False]


async def test_a_mention_in_a_thread_is_answered_in_the_thread(slack, app, client, connect):
    @app.event("app_mention")
    async def mentioned(event, say):
        await say(text=f"about {event['text']}", thread_ts=event.get("thread_ts", event["ts"]))

    await connect()
    parent = await client.chat_postMessage(channel="C0DEPLOYS", text="digest")
    delivery = await slack.mention("jane.doe", "#deploys", "release #406", thread_ts=parent["ts"])
    await slack.wait_for(lambda: len(slack.messages("#deploys")) == 3)

    assert delivery is not None
    assert delivery.acked
    assert [(m.thread_ts, m.text) for m in slack.messages("#deploys")[1:]] == [
        (parent["ts"], "<@U0SHIPPED> release #406"),
        (parent["ts"], "about <@U0SHIPPED> release #406"),
    ]


async def test_what_the_app_may_not_hear_is_not_delivered(slack, app, connect_socket):
    heard: list[str] = []

    @app.event("message")
    async def message(event, say):
        heard.append(event["text"])
        await say("heard")

    await connect_socket()
    assert await slack.mention("jane.doe", "#general", "help") is None  # the bot is not there
    assert await slack.say("jane.doe", "#deploys", "just talking") is None  # not subscribed
    slack.world.app.events.add("message.channels")
    assert await slack.say("jane.doe", "#deploys", "still talking") is None  # subscribed without the scope
    assert (await slack.direct_message("jane.doe", "help")) is not None
    await slack.wait_for(lambda: heard)

    assert heard == ["help"]


async def test_opening_home_gets_it_published(slack, app, connect):
    @app.event("app_home_opened")
    async def opened(event, client):
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [actions(button("ask"))]})

    @app.action("ask")
    async def asked(ack, body, client):
        await ack()
        text = {"type": "mrkdwn", "text": "asked"}
        view = {"type": "home", "blocks": [{"type": "section", "text": text}]}
        await client.views_publish(user_id=body["user"]["id"], view=view, hash=body["view"]["hash"])

    await connect()
    await slack.open_home("jane.doe")
    home = await slack.wait_for(lambda: slack.home("jane.doe"))
    await slack.click("jane.doe", home, "ask")
    await slack.wait_for(lambda: slack.home("jane.doe").blocks[0]["type"] == "section")

    assert slack.home("sam.poe") is None
    assert slack.home("jane.doe").id == home.id


async def test_a_view_that_clears_on_close_takes_the_one_below_with_it(slack, app, client, connect):
    @app.command("/digest")
    async def digest(ack, command, client):
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=modal(NAME_INPUT))

    @app.view("digest")
    async def submitted(ack):
        await ack(response_action="push", view={**modal(NAME_INPUT), "clear_on_close": True})

    await connect()
    await slack.command("jane.doe", "#deploys", "/digest")
    await slack.wait_for(lambda: slack.views("jane.doe"))
    await slack.submit("jane.doe", None, {"name": "Mondays"})
    assert len(slack.views("jane.doe")) == 2
    await slack.close("jane.doe")
    assert slack.views("jane.doe") == []
