"""``/digest edit`` typed: what changes, what stays, what everybody is told; and what nobody may bring back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.filters import Filters
from bot.sandbox.slack import SandboxSlack
from tests.end_to_end.digest_talk import SAM, public, stored, subscribed, typed
from tests.end_to_end.talking import DEPLOYS, JANE, talking


@pytest.fixture
async def one():
    async with talking() as talk:
        yield talk


async def test_editing_by_words_shows_a_preview_and_keeps_name_and_number(one):
    await subscribed(one, 'weekdays 09:30 billing-* name:"Bills"')
    (before,) = await stored(one)
    message = await typed(one, "/digest edit 1 daily 18:00 checkout-*")
    assert "Preview · #1 Bills" in message.text
    assert await stored(one) == [before]
    await one.press(message, "digest-save")
    (after,) = await stored(one)
    assert (after.id, after.number, after.name) == (before.id, 1, "Bills")
    assert after.filters.applications == ("checkout-*",)
    assert after.schedule.words == "daily at 18:00, Europe/Berlin"
    assert after.due_after > before.due_after
    assert public(one)[-1].startswith("jane.doe changed #1 Bills: Deployments to production")
    assert "Changed: #1 Bills" in message.text


async def test_what_is_not_typed_in_an_edit_stays_and_what_it_was_is_told(one):
    words = 'weekdays 09:30 tz:Asia/Tokyo billing-* -by:bot in:staging project:warehouse empty:skip name:"Zeta"'
    await subscribed(one, words)
    (before,) = await stored(one)
    message = await typed(one, "/digest edit 1 daily 10:00", user=SAM)  # whose zone is another
    assert "Until now: weekdays at 09:30, Asia/Tokyo\n" in message.text
    await one.press(message, "digest-save", user=SAM)
    (after,) = await stored(one)
    assert after.schedule.words == "daily at 10:00, Asia/Tokyo"
    assert replace(after, schedule=before.schedule, due_after=before.due_after, revision=1) == before
    assert ". Until now: weekdays at 09:30, Asia/Tokyo. Next: " in public(one)[-1]


async def test_an_edit_of_filters_alone_replaces_them_all_and_keeps_the_schedule(one):
    await subscribed(one, "weekdays 09:30 billing-* -by:bot")
    (before,) = await stored(one)
    message = await typed(one, "/digest edit 1 status:failed")
    assert "Until now: Deployments to production · project default · only billing-* · not by bot\n" in message.text
    await one.press(message, "digest-save")
    (after,) = await stored(one)
    assert after.filters == Filters(status="failed")
    assert after.schedule == before.schedule
    others = await typed(one, "/digest edit 1 in:staging empty:skip name:Failures")
    assert "Until now: without a name · Deployments to production" in others.text
    assert "status failed · where there is nothing to tell, it says so\n" in others.text
    await one.press(others, "digest-save")
    (last,) = await stored(one)
    assert (last.environment, last.filters, last.name) == ("staging", after.filters, "Failures")
    assert "Until now" not in (await typed(one, "/digest edit 1 in:staging")).text


async def test_a_change_of_something_that_changed_meanwhile_is_refused(one):
    await subscribed(one, "weekdays 09:30")
    mine = await typed(one, "/digest edit 1 daily 18:00")
    others = await typed(one, "/digest edit 1 daily 19:00", user=SAM)
    await one.press(others, "digest-save", user=SAM)
    await one.press(mine, "digest-save")
    assert "Somebody changed digest #1" in one.slack.visible_to(JANE, DEPLOYS)[-1].text
    assert (await stored(one))[0].schedule.words.startswith("daily at 19:00")


async def test_saving_twice_changes_once(one):
    await subscribed(one, "weekdays 09:30")
    message = await typed(one, "/digest edit 1 daily 18:00")
    first = await one.slack.click(JANE, message, "digest-save")
    one.monotonic.now += 60
    await one.slack._courier.deliver("interactive", first.payload)
    await one.settled()
    assert (await stored(one))[0].revision == 2
    assert len(public(one)) == 2


async def test_a_change_of_something_that_was_removed_is_refused(one):
    await subscribed(one, "weekdays 09:30")
    message = await typed(one, "/digest edit 1 daily 18:00")
    await typed(one, "/digest remove 1", user=SAM)
    await one.press(message, "digest-save")
    assert "somebody removed it" in one.slack.visible_to(JANE, DEPLOYS)[-1].text


async def test_a_project_that_may_no_longer_be_shown_is_in_no_digest_from_then_on(tmp_path):
    url = f"sqlite:///{tmp_path}/kept.db"
    async with SandboxSlack() as slack:
        async with talking(slack=slack, database_url=url) as before:
            for number in (1, 2):
                await subscribed(before, f"daily 0{number}:00 project:warehouse")
            drafted = await typed(before, "/digest weekdays 09:30 project:warehouse")
            changed = await typed(before, "/digest edit 1 daily 18:00 project:warehouse")
            removed = await typed(before, "/digest remove 2")
            await typed(before, "/digest pause 1")
            kept, told = await stored(before), public(before)
        async with talking(slack=slack, database_url=url, allowed_projects="default") as after:
            for message, button in ((drafted, "subscribe"), (changed, "save"), (removed, "undo")):
                await after.press(message, f"digest-{button}")
                assert_not_shown(slack.visible_to(JANE, DEPLOYS)[-1].text)
            for words in ("resume 1", "preview 1", "now 1", "edit 1 daily 18:00"):
                assert_not_shown((await typed(after, f"/digest {words}")).text)
            assert await stored(after) == kept
            assert public(after) == told
            await typed(after, "/digest remove 1")
            assert await stored(after) == []


def assert_not_shown(text: str) -> None:
    assert "Whoever runs me does not let project “warehouse” be shown" in text
    assert "You need not act" in text
