"""What goes wrong on either side, and what people and the log are told then."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from bot.sandbox.slack import ManualClock, Message, SandboxSlack
from bot.slack import conversation
from bot.slack.tasks import Tasks
from tests.end_to_end.talking import DEPLOYS, JANE, Talk, talking


def seen(talk: Talk, user: str = JANE, channel: str = DEPLOYS) -> list[Message]:
    return talk.slack.visible_to(user, channel)


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The fields of the canonical log lines."""
    return [vars(record)["fields"] for record in caplog.records if record.getMessage() == "question"]


@pytest.fixture(autouse=True)
def _at_info(caplog):
    caplog.set_level(logging.INFO)


# -- Slow answers -----------------------------------------------------------------------------------------------------


async def test_a_quick_answer_is_the_only_message():
    async with talking() as talk:
        await talk.type("/shipped today")
        assert len(talk.slack.journal.calls("response_url")) == 1


async def test_a_slow_answer_is_announced_first():
    async with talking(patience=0) as talk:
        assert (await talk.slack.command(JANE, DEPLOYS, "/shipped", "today")).acked
        await talk.settled()
        notice, answer = seen(talk)
        assert notice.text.startswith("Reading deployments since ")
        assert (notice.only_for, answer.only_for) == ("U0JANE", "U0JANE")
        assert "to production" in answer.text


async def test_a_slow_answer_replaces_its_notice_where_slack_can_do_that():
    slack = SandboxSlack()
    slack.world.app.command_url_replaces = True
    async with slack, talking(patience=0, slack=slack) as talk:
        assert "to production" in (await talk.type("/shipped today")).text


async def test_a_slow_page_takes_the_place_of_its_notice():
    async with talking(patience=0) as talk:
        await talk.slack.command(JANE, DEPLOYS, "/shipped", "since:7d")
        await talk.settled()
        before = seen(talk)
        message = before[-1]
        await talk.choose(message, "environment", "staging")
        assert seen(talk) == before
        assert "to staging" in message.text
        notice, answer = (e.body for e in talk.slack.journal.calls("response_url")[-2:])
        assert notice["text"].startswith("Reading deployments since ")
        assert (notice["replace_original"], answer["replace_original"]) == (True, True)


async def test_a_failure_after_a_notice_in_place_is_told_in_place():
    async with talking(patience=0) as talk:
        await talk.slack.command(JANE, DEPLOYS, "/shipped", "since:7d")
        await talk.settled()
        _, message = seen(talk)
        talk.launchdarkly.faults.no_plan()
        await talk.choose(message, "environment", "staging")
        assert "whatshipped doctor" in message.text
        assert len(seen(talk)) == 2


# -- Slack's refusals -------------------------------------------------------------------------------------------------


async def half_an_hour_later(talk: Talk, clock: ManualClock, text: str = "today") -> None:
    """Ask, and let Slack's address for the answer expire while LaunchDarkly is slow."""
    talk.launchdarkly.faults.hold()
    asked = asyncio.create_task(talk.slack.command(JANE, "#deploys", "/shipped", text))
    await talk.launchdarkly.arrived(1)
    assert (await asked).acked
    clock.advance(31 * 60)
    talk.launchdarkly.faults.release()
    await talk.settled()


async def test_an_answer_whose_address_has_expired_is_posted_privately(caplog):
    clock = ManualClock()
    async with SandboxSlack(clock=clock) as slack, talking(slack=slack) as talk:
        await half_an_hour_later(talk, clock)
        (answer,) = seen(talk)
        assert answer.only_for == "U0JANE"
        assert "to production" in answer.text
        assert lines(caplog)[-1]["delivered"] == "chat.postEphemeral"


async def test_an_answer_that_cannot_be_delivered_at_all_is_logged_once(caplog):
    clock = ManualClock()
    async with SandboxSlack(clock=clock) as slack, talking(slack=slack) as talk:
        talk.slack.faults.remove_bot("#deploys")
        await half_an_hour_later(talk, clock)
        assert seen(talk) == []
        (line,) = lines(caplog)
        assert (line["outcome"], line["delivered"]) == ("not delivered", "not_in_channel")
        assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_when_slack_refuses_the_blocks_the_plain_text_goes_out_once(caplog):
    async with talking() as talk:
        talk.slack.faults.refuse("chat.postMessage", "invalid_blocks")
        await talk.slack.mention(JANE, DEPLOYS, "shipped today")
        await talk.settled()
        _, answer = talk.slack.messages(DEPLOYS)
        assert "to production" in answer.text
        assert answer.blocks == []
        (record,) = [r for r in caplog.records if r.levelno == logging.ERROR]
        assert record.fields["code"] == "invalid_blocks"


async def test_an_answer_that_may_have_arrived_is_not_posted_twice(caplog):
    async with talking() as talk:
        talk.slack.faults.reset_after("chat.postMessage")
        await talk.slack.mention(JANE, DEPLOYS, "shipped today")
        await talk.settled()
        assert len([m for m in talk.slack.messages(DEPLOYS) if m.bot_id]) == 1
        assert lines(caplog)[-1]["outcome"] == "not delivered"


async def test_a_private_answer_that_may_have_arrived_is_told_again_and_a_public_one_is_not():
    async with talking() as talk:
        talk.slack.faults.server_error("response_url", times=1)
        assert (await talk.type("/shipped today")).only_for == "U0JANE"
        talk.slack.faults.server_error("response_url", times=1)
        await talk.slack.command(JANE, DEPLOYS, "/shipped", "today public")
        await talk.settled()
        assert talk.slack.journal.calls("chat.postMessage") == []


async def test_a_public_answer_whose_address_has_expired_is_posted():
    clock = ManualClock()
    async with SandboxSlack(clock=clock) as slack, talking(slack=slack) as talk:
        await half_an_hour_later(talk, clock, "today public")
        (answer,) = talk.slack.messages(DEPLOYS)
        assert "Asked by jane.doe" in answer.text


async def test_without_the_scope_for_profiles_the_configured_zone_is_used_and_that_is_told_once(caplog):
    async with talking(timezone="Asia/Tokyo") as talk:
        talk.slack.faults.take_scopes("users:read")
        message = await talk.type("/shipped today")
        assert "JST" in message.text
        assert "Shared by jane.doe" not in message.text
        talk.monotonic.now += 60
        await talk.press(message, "share")
        assert seen(talk)[-1].text.endswith("Shared by jane.doe: /shipped today")
        assert len([r for r in caplog.records if "TIMEZONE" in r.getMessage()]) == 1


# -- LaunchDarkly's troubles ------------------------------------------------------------------------------------------


async def test_that_launchdarkly_cannot_be_read_is_told_privately_with_whose_move_it_is(caplog):
    async with talking() as talk:
        talk.launchdarkly.faults.no_plan()
        message = await talk.type("/shipped today public")
        assert message.only_for == "U0JANE"
        assert "whatshipped doctor" in message.text
        assert lines(caplog)[-1]["outcome"] == "SourceAuthError"


async def test_help_works_when_nothing_else_does():
    async with talking() as talk:
        talk.launchdarkly.faults.no_plan(path="")
        assert "/shipped" in (await talk.type("/shipped help")).text


async def test_an_old_copy_is_answered_as_such(caplog):
    async with talking(cache_seconds=0) as talk:
        await talk.type("/shipped today")
        talk.monotonic.now += 60
        talk.launchdarkly.faults.wrong_shape(times=10**6)
        message = await talk.type("/shipped today")
        assert "Not fresh" in message.text
        assert [line["cache"] for line in lines(caplog)] == ["miss", "stale"]


# -- Our own ----------------------------------------------------------------------------------------------------------


async def test_a_fault_of_ours_is_told_and_logged(caplog, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("a bug")

    monkeypatch.setattr(conversation, "format_shipped", broken)
    async with talking() as talk:
        message = await talk.type("/shipped today")
        assert message.text.startswith("Something went wrong on my side")
        (record,) = [r for r in caplog.records if r.levelno == logging.ERROR]
        assert "a bug" in str(record.exc_info[1])
        assert lines(caplog)[-1]["outcome"] == "failed"


async def test_a_question_while_stopping_gets_an_honest_line():
    async with talking(tasks=Tasks(limit=0)) as talk:
        message = await talk.type("/shipped today")
        assert message.only_for == "U0JANE"
        assert "Ask again in a minute" in message.text


async def test_an_answer_that_the_stop_cuts_off_is_told_so(caplog):
    async with talking() as talk:
        talk.launchdarkly.faults.hold()
        await talk.slack.command(JANE, DEPLOYS, "/shipped", "today")
        await talk.launchdarkly.arrived(1)
        assert await talk.tasks.drain(0) == 1
        (message,) = seen(talk)
        assert message.text.startswith("I was stopped before I had your answer")
        assert lines(caplog)[-1]["outcome"] == "cut off"


# -- Many at once -----------------------------------------------------------------------------------------------------


async def test_enter_pressed_twice_gives_one_answer():
    async with talking() as talk:
        for _ in range(2):
            assert (await talk.slack.command(JANE, DEPLOYS, "/shipped", "today")).acked
        await talk.settled()
        assert len(seen(talk)) == 1


async def test_the_same_question_later_or_from_somebody_else_is_answered():
    async with talking() as talk:
        await talk.type("/shipped today")
        await talk.type("/shipped today", user="sam.poe")
        talk.monotonic.now += 10
        await talk.type("/shipped today")
        assert len(talk.slack.journal.calls("response_url")) == 3


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_two_hundred_questions_at_once_are_acknowledged_and_read_once_each(transport):
    texts = ["since:1h", "since:2h", "since:3h", "since:1d", "in:staging since:1h"]
    async with talking(transport=transport) as talk:
        channels = [talk.slack.world.direct_messages(user).id for user in (JANE, "sam.poe")]
        asked = [
            talk.slack.command(user, channel, "/shipped", text + " " * number)
            for number in range(20)
            for text in texts
            for user, channel in zip((JANE, "sam.poe"), channels, strict=True)
        ]
        deliveries = await asyncio.gather(*asked)
        assert len(deliveries) == 200
        assert all(delivery.acked for delivery in deliveries)
        await talk.settled()
        said = talk.slack.journal.calls("response_url")
        assert [e.outcome for e in said] == ["ok"] * 200
        assert len(talk.reads()) == len(texts)
        assert len(talk.slack.journal.calls("users.info")) == 2


# -- The log ----------------------------------------------------------------------------------------------------------


async def test_one_line_for_each_question_with_ids_and_no_words(caplog):
    async with talking() as talk:
        talk.launchdarkly.deploy("billing-service", titles=["A secret plan"], author="zoe.quill")
        await talk.type("/shipped billing by:zoe.quill since:2h")
        await talk.type("/release #406")
        await talk.type("/shipped help")
        await talk.type("/shipped sinc:2h")
        shipped, release, asked_help, mistake = lines(caplog)
    assert (
        shipped.items()
        >= {
            "how": "command",
            "user": "U0JANE",
            "channel": "C0DEPLOYS",
            "question": "shipped",
            "filters": "names,authors",
            "window_hours": 2.0,
            "page": 1,
            "deployments": 1,
            "cache": "miss",
            "complete": True,
            "outcome": "answered",
            "delivered": "response_url",
        }.items()
    )
    assert shipped["ms"] >= 0
    assert (release["question"], release["sought"]) == ("release", "pull request")
    assert asked_help["question"] == "help"
    assert mistake["outcome"] == "CommandError"
    everything = str([shipped, release, asked_help, mistake])
    for word in ("zoe", "jane.doe", "secret plan", "billing", "406", "sinc"):
        assert word not in everything


async def test_no_secret_is_logged_at_debug_through_a_whole_conversation(caplog):
    caplog.set_level(logging.DEBUG)
    async with talking() as talk:
        message = await talk.type("/shipped since:7d")
        await talk.press(message, "next")
        await talk.press(message, "share")
        app = talk.slack.world.app
        secrets = [app.bot_token, app.app_token, app.signing_secret, talk.launchdarkly.token]
        logged = "\n".join(f"{r.name} {r.getMessage()} {getattr(r, 'fields', '')}" for r in caplog.records)
    for secret in secrets:
        assert secret not in logged
