from __future__ import annotations

import logging
import random
from typing import Any

import pytest
from aiohttp import web

from bot.formatting.message import Message
from bot.sandbox.slack import SandboxSlack
from bot.slack.bolt import open_session, web_client
from bot.slack.messenger import Messenger, NotDelivered

BLOCKS = ({"type": "section", "text": {"type": "mrkdwn", "text": "hello"}},)
HELLO = Message("hello", BLOCKS)


@pytest.fixture
async def slack():
    async with SandboxSlack() as slack:
        yield slack


@pytest.fixture
async def messenger(slack):
    async with open_session(slack.api_url) as session:
        client = web_client(token=slack.world.app.bot_token, api_url=slack.api_url, session=session)
        yield Messenger(client, session)


class Address:
    """A ``response_url`` that answers what a test wants, and remembers what it got."""

    def __init__(self) -> None:
        self.answers: list[web.Response] = []
        self.got: list[dict[str, Any]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.got.append(await request.json())
        return self.answers.pop(0) if self.answers else web.Response(text="ok")


@pytest.fixture
async def address():
    address = Address()
    application = web.Application()
    application.add_routes([web.post("/", address.handle)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield address
    await runner.cleanup()


async def test_what_is_said_to_an_address_unfolds_no_links(messenger, address):
    await messenger.respond(address.url, HELLO, response_type="ephemeral")
    (body,) = address.got
    assert body == {
        "text": "hello",
        "blocks": list(BLOCKS),
        "unfurl_links": False,
        "unfurl_media": False,
        "response_type": "ephemeral",
    }


@pytest.mark.parametrize(
    ("answer", "code", "ambiguous"),
    [
        ({"status": 404, "text": "expired_url"}, "expired_url", False),
        ({"status": 404, "text": "used_url"}, "used_url", False),
        ({"status": 404, "text": "<html>Not here</html>"}, "http_404", False),
        ({"status": 200, "text": '{"ok": false, "error": "no_text"}'}, "no_text", False),
        ({"status": 200, "text": "no_text"}, "no_text", False),
        ({"status": 429, "text": ""}, "http_429", False),
        ({"status": 500, "text": "<html>"}, "http_500", True),
        ({"status": 302, "text": ""}, "http_302", False),
    ],
)
async def test_what_an_address_refuses_is_raised_with_its_reason(messenger, address, answer, code, ambiguous):
    address.answers = [web.Response(**answer)]
    with pytest.raises(NotDelivered) as refused:
        await messenger.respond(address.url, Message("hello"))
    assert (refused.value.code, refused.value.ambiguous) == (code, ambiguous)
    assert len(address.got) == 1


@pytest.mark.parametrize("text", ["ok", "", '{"ok": true}'])
async def test_what_an_address_takes_is_done(messenger, address, text):
    address.answers = [web.Response(text=text)]
    await messenger.respond(address.url, HELLO)
    assert len(address.got) == 1


async def test_refused_blocks_go_out_as_plain_text_and_the_pointers_are_logged(messenger, address, caplog):
    refusal = {
        "ok": False,
        "error": "invalid_blocks",
        "response_metadata": {"messages": ["[ERROR] must be shorter [json-pointer:/blocks/0/text]"]},
    }
    address.answers = [web.json_response(refusal, status=400)]
    await messenger.respond(address.url, HELLO, replace_original=True)
    _, plain = address.got
    assert "blocks" not in plain
    assert (plain["text"], plain["replace_original"]) == ("hello", True)
    (record,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert record.fields == {"code": "invalid_blocks", "pointers": "/blocks/0/text"}


async def test_plain_text_that_is_refused_too_is_not_tried_again(messenger, address):
    address.answers = [web.Response(status=400, text="invalid_blocks") for _ in range(3)]
    with pytest.raises(NotDelivered) as refused:
        await messenger.respond(address.url, HELLO)
    assert refused.value.code == "invalid_blocks"
    assert len(address.got) == 2


async def test_an_address_that_nobody_answers_was_surely_not_reached(messenger, address, unused_tcp_port):
    with pytest.raises(NotDelivered) as refused:
        await messenger.respond(f"http://127.0.0.1:{unused_tcp_port}/", HELLO)
    assert (refused.value.code, refused.value.ambiguous) == ("no connection", False)
    assert str(unused_tcp_port) not in str(refused.value)


async def test_posting_waits_and_posts_again_when_slack_asks_for_it(messenger, slack, monkeypatch):
    monkeypatch.setattr(random, "random", lambda: 0.0)  # the jitter
    slack.faults.rate_limit("chat.postMessage", retry_after=0)
    ts = await messenger.post("C0DEPLOYS", HELLO)
    assert [m.ts for m in slack.messages("#deploys")] == [ts]
    assert [e.status for e in slack.journal.calls("chat.postMessage")] == [429, 200]


@pytest.mark.parametrize(
    ("fault", "code", "posted"),
    [("reset_after", "no answer", 1), ("reset_before", "no answer", 0), ("server_error", "http_500", 0)],
)
async def test_posting_is_never_repeated_when_it_may_have_been_done(messenger, slack, fault, code, posted):
    getattr(slack.faults, fault)("chat.postMessage")
    with pytest.raises(NotDelivered) as refused:
        await messenger.post("C0DEPLOYS", HELLO)
    assert (refused.value.code, refused.value.ambiguous) == (code, True)
    assert len(slack.messages("#deploys")) == posted


async def test_a_refusal_says_why(messenger, slack):
    slack.faults.archive("#deploys")
    with pytest.raises(NotDelivered) as refused:
        await messenger.post("C0DEPLOYS", HELLO)
    assert (refused.value.code, refused.value.ambiguous) == ("is_archived", False)


async def test_a_message_is_changed_and_removed(messenger, slack):
    ts = await messenger.post("C0DEPLOYS", HELLO)
    await messenger.update("C0DEPLOYS", ts, Message("plain"))
    (message,) = slack.messages("#deploys")
    assert (message.text, message.blocks) == ("plain", [])
    await messenger.delete("C0DEPLOYS", ts)
    assert slack.messages("#deploys") == []


async def test_a_private_message_is_for_one_person(messenger, slack):
    await messenger.post_privately("C0DEPLOYS", "U0JANE", HELLO)
    assert [m.text for m in slack.visible_to("jane.doe", "#deploys")] == ["hello"]
    assert slack.visible_to("sam.poe", "#deploys") == []


async def test_a_home_tab_that_slack_refuses_says_which_part(messenger):
    with pytest.raises(NotDelivered) as refused:
        await messenger.publish_home("U0JANE", {"type": "home", "blocks": [{"type": "nonsense"}]})
    assert refused.value.pointers == ("/blocks/0/type",)
