"""Digests when something is wrong: the store, an address that has expired, a slow read; and what the log says."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from typing import Any

import pytest

from bot.domain.digests import Subscription
from tests.end_to_end.digest_talk import SAM, public, stored, subscribed, typed
from tests.end_to_end.talking import DEPLOYS, JANE, talking


@pytest.fixture(autouse=True)
def _at_info(caplog):
    caplog.set_level(logging.INFO)


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The fields of the canonical log lines."""
    return [vars(record)["fields"] for record in caplog.records if record.getMessage() == "question"]


async def test_each_thing_done_is_one_log_line_without_names_and_words(caplog):
    async with talking() as talk:
        await subscribed(talk, 'weekdays 09:30 billing by:jane.doe name:"Secret plans"')
        await typed(talk, "/digest pause 1")
        refused = await typed(talk, "/digest weekdays 09:30 in:prodction")
        assert "Did you mean" in refused.text
    told = lines(caplog)
    assert [line["question"] for line in told] == ["digest", "digest decide", "digest", "digest"]
    assert [line["outcome"] for line in told] == ["answered", "answered", "answered", "SourceNotFound"]
    assert {(line["user"], line["channel"]) for line in told} == {("U0JANE", "C0DEPLOYS")}
    assert not any(words in str(told) for words in ("Secret", "billing", "jane.doe", "prodction"))


async def test_a_store_that_cannot_be_used_is_told_and_the_rest_goes_on(tmp_path, caplog):
    async with talking(database_url=f"sqlite:///{tmp_path}/broken.db") as talk:
        preview = await typed(talk, "/digest weekdays 09:30")
        with sqlite3.connect(tmp_path / "broken.db") as connection:
            connection.execute("DROP TABLE subscriptions")
        await talk.press(preview, "digest-subscribe")
        assert_database_told(talk.slack.visible_to(JANE, DEPLOYS)[-1].text)
        assert_database_told((await typed(talk, "/digest list")).text)
        assert public(talk) == []
        await talk.slack.open_home(JANE)
        await talk.settled()
        home = talk.slack.home(JANE)
        assert home
        assert_database_told(str(home.blocks))
        assert "finished" in (await typed(talk, "/shipped since:7d")).text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert sum("no such table: subscriptions" in record.getMessage() for record in caplog.records) == 3


def assert_database_told(text: str) -> None:
    assert "My database cannot be used" in text
    assert "Whoever runs this bot must act" in text
    assert "subscriptions" not in text


async def test_an_address_that_has_expired_is_replaced_by_a_private_message(caplog):
    async with talking() as talk:
        talk.slack.faults.server_error("response_url", times=1)
        message = await typed(talk, "/digest weekdays 09:30")
        assert "Preview" in message.text
        assert lines(caplog)[-1]["delivered"] == "chat.postEphemeral"


async def test_a_slow_read_is_told_first():
    async with talking(patience=0.05) as talk:
        talk.launchdarkly.faults.hold()
        await talk.slack.command(JANE, DEPLOYS, "/digest", "weekdays 09:30")
        notice = await talk.slack.wait_for(lambda: talk.slack.visible_to(JANE, DEPLOYS))
        assert "Reading what the digest would have told" in notice[0].text
        talk.launchdarkly.faults.release()
        await talk.settled()
        assert "Preview" in talk.slack.visible_to(JANE, DEPLOYS)[-1].text


async def test_many_who_subscribe_at_once_get_numbers_of_their_own():
    async with talking() as talk:
        previews = [await typed(talk, f"/digest daily {hour:02}:00") for hour in range(4)]
        await asyncio.gather(*(talk.slack.click(JANE, preview, "digest-subscribe") for preview in previews))
        await talk.settled()
        digests: list[Subscription] = await stored(talk)
        assert [digest.number for digest in digests] == [1, 2, 3, 4]
        assert len({line.split(" to #")[1].split(" ")[0] for line in public(talk)}) == 4


async def test_two_who_remove_at_once_remove_and_tell_once():
    async with talking() as talk:
        await subscribed(talk, "weekdays 09:30")
        await asyncio.gather(
            talk.slack.command(JANE, DEPLOYS, "/digest", "remove 1"),
            talk.slack.command(SAM, DEPLOYS, "/digest", "remove 1"),
        )
        await talk.settled()
        assert await stored(talk) == []
        assert sum("removed" in line for line in public(talk)) == 1


async def test_a_zone_that_slack_does_not_tell_is_the_bots():
    async with talking(timezone="Asia/Kolkata") as talk:
        talk.slack.faults.take_scopes("users:read")
        assert "weekdays at 09:30, Asia/Kolkata" in (await typed(talk, "/digest weekdays 09:30")).text
