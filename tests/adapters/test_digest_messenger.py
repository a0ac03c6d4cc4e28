from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, timedelta
from itertools import pairwise

import pytest

from bot.commands.questions import Asker, ShowShipped
from bot.domain.query import TimeWindow
from bot.facts.block_kit import violations
from bot.formatting.message import Message
from bot.sandbox.slack import ManualClock, SandboxSlack
from bot.services.digest_ports import Digest, Hitch, NotPosted
from bot.slack.bolt import open_session, web_client
from bot.slack.digest_messenger import SlackDigestMessenger
from bot.slack.messenger import Messenger
from bot.slack.pacing import Pacer
from bot.slack.state import decode
from tests.builders import NOW, query

CHANNEL, KEY = "C0DEPLOYS", "s1@2026-11-23T08:30Z"
BLOCKS = ({"type": "section", "text": {"type": "mrkdwn", "text": "hello"}},)
DIGEST = Digest(CHANNEL, KEY, Message("hello", BLOCKS))
MINUTE = timedelta(minutes=1)


class Seconds:
    """A clock that passes while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
async def slack():
    async with SandboxSlack(clock=ManualClock(NOW)) as slack:
        slack.world.app.scopes |= {"channels:history", "groups:history"}
        yield slack


@pytest.fixture
async def messenger(slack, seconds):
    async with open_session(slack.api_url) as session:
        client = web_client(token=slack.world.app.bot_token, api_url=slack.api_url, session=session, patient=False)
        yield SlackDigestMessenger(Messenger(client, session), Pacer(clock=seconds, sleep=seconds.sleep))


async def refusal_of(call) -> NotPosted:
    with pytest.raises(NotPosted) as refused:
        await call
    return refused.value


async def test_a_digest_carries_its_key_unseen_and_is_found_by_it(slack, messenger):
    posted = await messenger.post(DIGEST)
    (message,) = slack.messages("#deploys")
    assert message.ts == posted.ts
    assert message.metadata == {"event_type": "whatshipped_digest", "event_payload": {"key": KEY}}
    assert await messenger.find(CHANNEL, KEY, NOW - MINUTE) == posted
    assert await messenger.find(CHANNEL, "another", NOW - MINUTE) is None
    assert await messenger.find(CHANNEL, KEY, NOW + MINUTE) is None


async def test_it_unfolds_no_links(slack, messenger):
    await messenger.post(DIGEST)
    (call,) = slack.journal.calls("chat.postMessage")
    assert call.body["unfurl_links"] is False
    assert call.body["unfurl_media"] is False


async def test_it_is_found_behind_pages_of_other_messages(slack, messenger):
    slack.rate_limits.enabled = False
    posted = await messenger.post(DIGEST)
    for number in range(450):
        slack.world.clock.advance(0.01)
        await messenger.post(replace(DIGEST, key=f"other-{number}"))
    assert await messenger.find(CHANNEL, KEY, NOW - MINUTE) == posted


async def test_show_all_asks_the_same_of_the_same_window(slack, messenger):
    asked = query(
        window=TimeWindow(NOW - timedelta(days=3), NOW),
        applications=("billing-*",),
        authors=("jane.doe",),
        excluded_authors=("dependabot[bot]",),
        words=("two words",),
        status="failed",
        flags=("new-checkout",),
    )
    await messenger.post(replace(DIGEST, everything=asked))
    (message,) = slack.messages("#deploys")
    (button,) = message.blocks[-1]["elements"]
    assert button["text"]["text"] == "Show all"
    state = decode(button["value"])
    question = state.question(Asker(now=NOW + MINUTE, zone=UTC, project="another", environment="staging"))
    assert isinstance(question, ShowShipped)
    assert question.window == asked.window
    assert (question.project, question.environment) == ("default", "production")
    assert question.filters == asked.filters


async def test_a_question_too_long_for_a_button_has_none(slack, messenger):
    asked = query(applications=tuple(f"application-{n}" for n in range(300)))
    await messenger.post(replace(DIGEST, everything=asked))
    (message,) = slack.messages("#deploys")
    assert [block["type"] for block in message.blocks] == ["section"]


async def test_refused_blocks_go_out_once_more_as_plain_text(slack, messenger):
    slack.faults.refuse("chat.postMessage", "invalid_blocks")
    await messenger.post(DIGEST)
    (message,) = slack.messages("#deploys")
    assert (message.text, message.blocks) == ("hello", [])
    assert message.metadata is not None
    assert not violations({"text": message.text, "blocks": []})


REFUSALS = {
    "not_in_channel": Hitch.CHANNEL,
    "is_archived": Hitch.CHANNEL,
    "restricted_action_read_only_channel": Hitch.CHANNEL,
    "token_revoked": Hitch.ACCESS,
    "missing_scope": Hitch.ACCESS,
    "service_unavailable": Hitch.LATER,
    "internal_error": Hitch.UNCLEAR,
    "msg_too_long": Hitch.MESSAGE,
    "a_code_of_tomorrow": Hitch.MESSAGE,
}


@pytest.mark.parametrize("code", REFUSALS)
async def test_what_slack_says_is_sorted_by_what_can_be_done_about_it(slack, messenger, code):
    slack.faults.refuse("chat.postMessage", code)
    refused = await refusal_of(messenger.post(DIGEST))
    assert (refused.hitch, refused.code) == (REFUSALS[code], code)
    assert not slack.messages("#deploys")


async def test_a_lost_answer_is_unclear_and_never_asked_again(slack, messenger):
    slack.faults.reset_after("chat.postMessage")
    assert (await refusal_of(messenger.post(DIGEST))).hitch is Hitch.UNCLEAR
    assert len(slack.messages("#deploys")) == 1
    slack.faults.server_error("chat.postMessage")
    assert (await refusal_of(messenger.post(DIGEST))).hitch is Hitch.UNCLEAR


async def test_a_slack_that_cannot_be_reached_surely_got_nothing(messenger, slack):
    await slack.__aexit__(None, None, None)
    assert (await refusal_of(messenger.post(DIGEST))).hitch is Hitch.LATER


async def test_a_rate_limit_is_not_waited_for_but_holds_everything_back(slack, messenger, seconds):
    slack.faults.rate_limit("chat.postMessage", retry_after=30)
    refused = await refusal_of(messenger.post(DIGEST))
    assert (refused.hitch, refused.retry_after) == (Hitch.LATER, 30.0)
    before = seconds.now
    await messenger.turn("C-another")
    assert seconds.now - before >= 30.0


@pytest.mark.parametrize("trouble", ["scope", "member"])
async def test_where_it_may_not_look_it_says_so(slack, messenger, trouble):
    if trouble == "scope":
        slack.world.app.scopes.discard("channels:history")
    else:
        slack.world.channel(CHANNEL).members.discard(slack.world.app.bot_user_id)
    refused = await refusal_of(messenger.find(CHANNEL, KEY, NOW))
    assert refused.hitch is (Hitch.ACCESS if trouble == "scope" else Hitch.CHANNEL)


async def test_a_person_is_told_in_a_direct_message(slack, messenger):
    await messenger.tell("U0JANE", Message("paused", BLOCKS))
    (message,) = slack.visible_to("jane.doe", slack.world.direct_messages("jane.doe").id)
    assert message.text == "paused"


async def test_turns_keep_both_limits(seconds):
    pacer = Pacer(per_second=5, clock=seconds, sleep=seconds.sleep)
    left: dict[str, list[float]] = {}
    for number in range(60):
        channel = "busy" if number % 3 == 0 else f"C{number}"
        await pacer.turn(channel)
        left.setdefault(channel, []).append(seconds.now)
    gaps = [later - earlier for earlier, later in pairwise(left["busy"])]
    assert min(gaps) >= 0.999
    instants = sorted(at for times in left.values() for at in times)
    assert min(b - a for a, b in pairwise(instants)) >= 0.199


async def test_a_busy_channel_keeps_nobody_else_waiting():
    started = time.monotonic()
    pacer = Pacer(per_second=100)
    busy = [asyncio.create_task(pacer.turn("busy")) for _ in range(3)]
    await asyncio.sleep(0)
    await pacer.turn("quiet")
    assert time.monotonic() - started < 0.5
    for task in busy:
        task.cancel()
    await asyncio.gather(*busy, return_exceptions=True)
