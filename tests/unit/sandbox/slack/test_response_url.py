"""response_url: five answers in thirty minutes."""

from __future__ import annotations

import pytest

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "y" * 3000}}
BUTTON = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}


@pytest.fixture
def answer(http):
    async def send(url, **body):
        async with http.post(url, json=body) as response:
            return response.status, await response.text()

    return send


@pytest.fixture
async def command_url(slack):
    return (await slack.command("jane.doe", "#general", "/shipped")).payload["response_url"]


@pytest.fixture
async def clicked(slack, client):
    """A public message with a button, and the response_url of its click."""
    posted = await client.chat_postMessage(
        channel="C0DEPLOYS", text="original", blocks=[{"type": "actions", "elements": [BUTTON]}]
    )
    return slack.messages("#deploys")[0], (await slack.click("jane.doe", posted["ts"], "go")).payload["response_url"]


async def test_an_answer_reaches_a_channel_that_the_bot_is_not_in(slack, command_url, answer):
    assert await answer(command_url, text="private") == (200, "ok")
    assert await answer(command_url, text="public", response_type="in_channel") == (200, "ok")
    assert [m.text for m in slack.messages("#general")] == ["public"]
    assert [m.text for m in slack.visible_to("jane.doe", "#general")][-2:] == ["private", "public"]


async def test_the_sixth_answer_is_refused(command_url, answer):
    for _ in range(5):
        assert (await answer(command_url, text="x"))[0] == 200
    status, body = await answer(command_url, text="x")
    assert (status, "used_url" in body) == (404, True)


async def test_after_thirty_minutes_the_url_has_expired(slack, command_url, answer, clock):
    clock.advance(30 * 60)
    assert (await answer(command_url, text="x"))[0] == 200
    clock.advance(1)
    status, body = await answer(command_url, text="x")
    assert (status, "expired_url" in body) == (404, True)
    assert (await answer(f"{slack.base_url}/response/other", text="x"))[0] == 404


async def test_a_clicked_message_is_replaced_unless_told_otherwise(slack, clicked, answer):
    message, url = clicked
    await answer(url, text="new", replace_original="false", response_type="in_channel")
    assert message.text == "original"
    await answer(url, text="in its place")
    assert (message.text, message.blocks) == ("in its place", [])
    await answer(url, delete_original="true")
    assert [m.text for m in slack.messages("#deploys")] == ["new"]


async def test_deleting_with_content_posts_it_anew(slack, clicked, answer):
    message, url = clicked
    await answer(url, delete_original=True, text="instead", response_type="in_channel")
    assert [m.text for m in slack.messages("#deploys")] == ["instead"]
    assert slack.messages("#deploys")[0] is not message


@pytest.mark.parametrize(("replaces", "seen"), [(False, ["reading", "answer"]), (True, ["answer"])])
async def test_a_commands_url_has_no_original(slack, command_url, answer, replaces, seen):
    slack.world.app.command_url_replaces = replaces
    await answer(command_url, text="reading")
    await answer(command_url, text="answer", replace_original=True)
    assert [m.text for m in slack.visible_to("jane.doe", "#general")][1:] == seen


async def test_blocks_are_checked_but_not_their_sum(slack, command_url, answer):
    status, body = await answer(command_url, text="x", blocks=[{"type": "nope"}])
    assert (status, "invalid_blocks" in body) == (400, True)
    assert "no_text" in (await answer(command_url))[1]
    assert (await answer(command_url, text="x", blocks=[SECTION] * 5))[0] == 200


async def test_an_answer_to_a_message_in_a_thread_stays_there(slack, client, answer):
    parent = (await client.chat_postMessage(channel="C0DEPLOYS", text="x"))["ts"]
    reply = await client.chat_postMessage(
        channel="C0DEPLOYS", text="y", thread_ts=parent, blocks=[{"type": "actions", "elements": [BUTTON]}]
    )
    url = (await slack.click("jane.doe", reply["ts"], "go")).payload["response_url"]
    await answer(url, text="psst", replace_original=False)
    assert slack.visible_to("jane.doe", "#deploys")[-1].thread_ts == parent


@pytest.mark.parametrize(("fault", "status", "seen"), [("server_error", 500, 0), ("rate_limit", 429, 0)])
async def test_faults_meet_answers_too(slack, command_url, answer, fault, status, seen):
    getattr(slack.faults, fault)("response_url")
    assert (await answer(command_url, text="x"))[0] == status
    assert len(slack.visible_to("jane.doe", "#general")[1:]) == seen
    assert (await answer(command_url, text="x"))[0] == 200


async def test_what_is_not_json_is_refused(http, command_url):
    async with http.post(command_url, data="text") as response:
        assert response.status == 400
