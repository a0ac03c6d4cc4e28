"""The buttons below digests: in the list of a channel, and in the Home tab."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.digests import Occurrence
from bot.facts.block_kit import violations
from bot.sandbox.slack import Message, SandboxSlack, View
from bot.services.digest_ports import Posted
from tests.end_to_end.digest_talk import SAM, home, home_now, public, stored, subscribed, typed
from tests.end_to_end.talking import DEPLOYS, JANE, Talk, talking


@pytest.fixture
async def talk():
    async with talking() as talk:
        yield talk


@pytest.fixture
async def both():
    """A channel with two digests, and the list of them."""
    async with talking() as talk:
        await subscribed(talk, 'weekdays 09:30 billing-* name:"Bills"')
        await subscribed(talk, 'fri 16:00 in:staging name:"Staging"')
        yield talk, await typed(talk, "/digest")


async def press(talk: Talk, shown: Message | View, action: str, number: int = 1, user: str = JANE) -> None:
    """A button of the digest of that number."""
    channel = DEPLOYS
    digest = next(one for one in await stored(talk, channel) if one.number == number)
    delivery = await talk.slack.click(user, shown, action, block_id=f"digest-{digest.id}")
    assert delivery.acked, delivery.error
    await talk.settled()


async def delivered(talk: Talk, number: int, due: datetime, *told: str) -> None:
    """Have the ledger say that an occurrence was sent."""
    digest = next(one for one in await stored(talk) if one.number == number)
    occurrence = Occurrence(digest.id, due, due - timedelta(days=1), due)
    ledger, lease = talk.stores.ledger, timedelta(minutes=1)
    claim = await ledger.claim(occurrence, owner="w", now=due, lease=lease)
    assert claim
    assert await ledger.begin_sending(claim, told, now=due, lease=lease)
    assert await ledger.mark_sent(claim, Posted(digest.channel_id, "1.2"), now=due + timedelta(seconds=4))


# -- The list ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_pausing_in_the_list_changes_it_in_place_and_tells_the_channel(transport):
    async with talking(transport=transport) as talk:
        await subscribed(talk, "weekdays 09:30")
        listed = await typed(talk, "/digest")
        await press(talk, listed, "digest-pause")
        assert "Paused: #1 Digest" in listed.text
        assert "none while it is paused (by jane.doe)" in listed.text
        assert not (await stored(talk))[0].is_active
        assert public(talk)[-1].startswith("jane.doe paused #1 Digest")
        await press(talk, listed, "digest-resume")
        assert "Resumed: #1 Digest" in listed.text
        assert (await stored(talk))[0].is_active


async def test_a_double_press_pauses_and_tells_once(both):
    talk, listed = both
    digest = (await stored(talk))[0]
    first = await talk.slack.click(JANE, listed, "digest-pause", block_id=f"digest-{digest.id}")
    await talk.slack._courier.deliver("interactive", first.payload)
    await talk.settled()
    assert sum("paused" in line for line in public(talk)) == 1


async def test_a_double_press_shows_one_preview(both):
    talk, listed = both
    digest = (await stored(talk))[0]
    before = len(talk.slack.visible_to(JANE, DEPLOYS))
    first = await talk.slack.click(JANE, listed, "digest-preview", block_id=f"digest-{digest.id}")
    await talk.slack._courier.deliver("interactive", first.payload)
    await talk.settled()
    assert len(talk.slack.visible_to(JANE, DEPLOYS)) == before + 1


async def test_two_people_who_pause_at_once_pause_and_tell_once(both):
    talk, mine = both
    others = await typed(talk, "/digest", user=SAM)
    await press(talk, mine, "digest-pause")
    await press(talk, others, "digest-pause", user=SAM)
    assert "is paused already" in others.text
    assert sum("paused" in line for line in public(talk)) == 1


async def test_removing_in_the_list_can_be_undone_there(both):
    talk, listed = both
    (before, _) = await stored(talk)
    await press(talk, listed, "digest-remove")
    assert "Removed: #1 Bills" in listed.text
    assert [digest.number for digest in await stored(talk)] == [2]
    await talk.press(listed, "digest-undo")
    assert (await stored(talk))[0].id == before.id
    assert "Brought back: #1 Bills" in listed.text
    assert public(talk)[-1].startswith("jane.doe brought back #1 Bills")


async def test_a_digest_that_somebody_removed_is_told(both):
    talk, listed = both
    digest = (await stored(talk))[0]
    await typed(talk, "/digest remove 1", user=SAM)
    await talk.slack.click(JANE, listed, "digest-pause", block_id=f"digest-{digest.id}")
    await talk.settled()
    assert "somebody removed it" in talk.slack.visible_to(JANE, DEPLOYS)[-1].text


async def test_a_preview_comes_beside_the_list(both):
    talk, listed = both
    before = listed.text
    await press(talk, listed, "digest-preview", 2)
    preview = talk.slack.visible_to(JANE, DEPLOYS)[-1]
    assert preview.only_for == "U0JANE"
    assert "Preview · #2 Staging" in preview.text
    assert "digest-subscribe" not in str(preview.blocks)
    assert listed.text == before


async def test_why_and_the_list_tell_the_last_results(both):
    talk, listed = both
    due = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    await delivered(talk, 1, due, "d1", "d2")
    await press(talk, listed, "digest-why")
    why = talk.slack.visible_to(JANE, DEPLOYS)[-1].text
    assert "due Fri 20 Nov 09:30 CET: sent Fri 20 Nov 09:30 CET, 2 deployments" in why
    assert (
        "Last: Fri 20 Nov 09:30 CET – sent Fri 20 Nov 09:30 CET, 2 deployments"
        in (await typed(talk, "/digest list")).text
    )


async def test_a_button_that_this_version_does_not_have_says_what_to_type(both):
    talk, listed = both
    _button(listed, "digest-new")["action_id"] = "digest-of-tomorrow"
    await talk.press(listed, "digest-of-tomorrow")
    assert "Type /digest instead" in talk.slack.visible_to(JANE, DEPLOYS)[-1].text


async def test_a_long_list_has_pages(talk):
    await subscribed(talk, "daily 00:00")
    (first,) = await stored(talk)
    for number in range(2, 13):
        await talk.stores.subscriptions.add(replace(first, id=f"s{number}", number=number))
    listed = await typed(talk, "/digest")
    assert "1–10 of 12 · page 1 of 2" in listed.text
    assert violations({"text": listed.text, "blocks": listed.blocks}) == []
    await talk.slack.click(JANE, listed, "Next")
    await talk.settled()
    assert "11–12 of 12 · page 2 of 2" in listed.text
    assert "#12 Digest" in listed.text


async def test_only_managers_can_press():
    async with talking(digest_managers="U0SAM") as talk:
        await subscribed(talk, "weekdays 09:30", user=SAM)
        listed = await typed(talk, "/digest")
        for action in ("digest-pause", "digest-remove", "digest-edit"):
            await press(talk, listed, action)
            assert "Ask sam.poe" in talk.slack.visible_to(JANE, DEPLOYS)[-1].text
        assert (await stored(talk))[0].is_active
        assert talk.slack.views(JANE) == []


@pytest.mark.parametrize("value", ["", "x", "[]", "[1]", "[0,2]", '{"a":1}', "[" * 500])
async def test_a_button_that_carries_something_else_says_what_to_type(talk, value):
    message = await typed(talk, "/digest weekdays 09:30")
    _button(message, "digest-subscribe")["value"] = value
    await talk.press(message, "digest-subscribe")
    assert "Type /digest instead" in talk.slack.visible_to(JANE, DEPLOYS)[-1].text
    assert await stored(talk) == []


async def test_buttons_need_nothing_that_was_kept_in_memory(tmp_path):
    url = f"sqlite:///{tmp_path}/kept.db"
    async with SandboxSlack() as slack:
        async with talking(slack=slack, database_url=url) as before:
            message = await typed(before, "/digest weekdays 09:30")
        async with talking(slack=slack, database_url=url) as after:
            await after.press(message, "digest-subscribe")
            assert len(await stored(after)) == 1


# -- The Home tab -----------------------------------------------------------------------------------------------------


async def test_home_without_digests_says_how_to_get_one(talk):
    assert "/digest weekdays 09:30" in str((await home(talk)).blocks)


async def test_home_tells_of_ones_own_digests_in_all_channels_and_of_no_others(both):
    talk, _ = both
    await subscribed(talk, 'daily 18:00 name:"On call"', channel="#on-call")
    await subscribed(talk, 'daily 19:00 name:"Sams"', user=SAM)
    shown = str((await home(talk)).blocks)
    for words in ("#1 Bills", "#2 Staging", "#1 On call", "<#C0ONCALL>"):
        assert words in shown
    assert "Sams" not in shown
    assert "On call" not in str((await home(talk, SAM)).blocks)


async def test_those_who_oversee_digests_see_all_in_home():
    async with talking(digest_managers="U0SAM,U0JANE") as talk:
        await subscribed(talk, 'daily 18:00 name:"On call"', channel="#on-call")
        assert "On call" in str((await home(talk, SAM)).blocks)


async def test_pausing_and_removing_in_home_shows_it_there_and_tells_the_channel(both):
    talk, _ = both
    view = await home(talk)
    await press(talk, view, "digest-pause")
    view = await home_now(talk)
    assert "Paused:" in str(view.blocks)
    assert public(talk)[-1].startswith("jane.doe paused #1 Bills")
    await press(talk, view, "digest-remove")
    view = await home_now(talk)
    assert "Removed:" in str(view.blocks)
    await talk.press(view, "digest-undo")
    assert [digest.number for digest in await stored(talk)] == [1, 2]


async def test_previews_and_reasons_open_in_a_modal_above_home(both):
    talk, _ = both
    view = await home(talk)
    for action, words in (("digest-preview", "In the last 7 days"), ("digest-why", "It has not been due yet")):
        await press(talk, view, action)
        (modal,) = talk.slack.views(JANE)
        assert words in str(modal.blocks)
        assert violations({"type": "modal", "title": modal.content["title"], "blocks": modal.blocks}, "modal") == []
        await talk.slack.close(JANE)


def _button(message: Message, action_id: str) -> dict[str, Any]:
    elements: list[dict[str, Any]] = [e for b in message.blocks if b["type"] == "actions" for e in b["elements"]]
    return next(e for e in elements if e["action_id"] == action_id)
