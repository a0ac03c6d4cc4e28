"""The people's side over HTTP, for curl and for a page."""

from __future__ import annotations

import pytest


@pytest.fixture
def call(slack, http):
    async def send(path, verb="POST", /, headers=None, **body):
        how = {"json": body} if verb == "POST" else {"params": body}
        async with http.request(verb, f"{slack.base_url}/_sandbox/{path}", headers=headers, **how) as response:
            return response.status, await response.json() if response.content_type == "application/json" else None

    return send


async def test_a_command_can_be_typed_and_its_answer_seen(app, connect_socket, slack, call):
    @app.command("/shipped")
    async def shipped(ack, command):
        await ack(f"about {command['text']}")

    await connect_socket()
    typed = {"user": "jane.doe", "channel": "#deploys", "command": "/shipped", "text": "billing"}
    status, answer = await call("command", **typed)

    assert (status, answer["delivery"]["acked"]) == (200, True)
    _, seen = await call("visible", "GET", user="jane.doe", channel="#deploys")
    assert [(m["text"], m["only_for"]) for m in seen] == [("about billing", "U0JANE")]
    assert await call("messages", "GET", channel="#deploys") == (200, [])
    _, log = await call("log", "GET")
    assert {"slash_commands", "auth.test"} <= {exchange["name"] for exchange in log}
    assert not any("token" in exchange["body"] for exchange in log)


async def test_faults_can_be_switched(slack, call, client):
    assert (await call("faults/archive", channel="#deploys"))[0] == 200
    assert slack.world.channel("#deploys").archived
    assert (await call("faults/rate_limit", method="auth.test", retry_after=9))[0] == 200
    assert (await call("faults/explode"))[0] == 404


async def test_the_workspace_can_be_looked_at(call):
    _, state = await call("state", "GET")
    assert {user["name"] for user in state["users"]} == {"jane.doe", "sam.poe", "kim.roe", "whatshipped"}
    assert {channel["name"] for channel in state["channels"]} >= {"deploys", "on-call"}
    assert await call("views", "GET", user="jane.doe") == (200, [])
    assert await call("home", "GET", user="jane.doe") == (200, None)


async def test_mistakes_are_told(call):
    assert (await call("command", user="jane.doe"))[0] == 400
    assert (await call("dance"))[0] == 404
    assert (await call("dance", "GET"))[0] == 404
    assert (await call("messages", "GET", channel="#nowhere"))[0] == 404
    assert (await call("say", user="nobody", channel="#deploys", text="x"))[0] == 404
    assert (await call("say", user="kim.roe", channel="#deploys", text="x"))[0] == 409


async def test_pages_of_other_hosts_cannot_drive_it(slack, http, call):
    assert (await call("state", "GET", headers={"Host": "evil.example"}))[0] == 403
    assert (await call("faults/clear", headers={"Origin": "https://evil.example"}))[0] == 403
    assert (await call("faults/clear", headers={"Origin": slack.base_url}))[0] == 200
    async with http.post(f"{slack.base_url}/_sandbox/faults/clear", data="{}") as response:
        assert response.status == 415  # what a page may send across origins without asking
