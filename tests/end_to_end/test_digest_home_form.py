"""A new digest from the Home tab: the same form, which asks for the channel as well."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack import NotPossible, View
from tests.end_to_end.digest_talk import SAM, home, home_now, public, stored, submitted, subscribed, top, typed
from tests.end_to_end.talking import DEPLOYS, JANE, Talk, talking

CHANNEL = "digest-form-channel"


@pytest.fixture
async def talk():
    async with talking() as talk:
        yield talk


async def opened(talk: Talk) -> View:
    """The form, by the button of the Home tab."""
    await talk.press(await home(talk), "digest-new")
    return top(talk)


def fields(view: View) -> list[str]:
    return [block["block_id"] for block in view.blocks if block["type"] == "input"]


def element(view: View, block_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(block["element"] for block in view.blocks if block["block_id"] == block_id)
    return found


async def pressed(talk: Talk, preview: View | None, button: str = "digest-subscribe") -> str:
    """What the preview becomes."""
    assert preview
    await talk.press(preview, button)
    return str(top(talk).blocks)


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_a_digest_made_in_home_is_announced_in_the_chosen_channel_and_listed(transport):
    async with talking(transport=transport) as talk:
        view = await opened(talk)
        assert fields(view)[0] == CHANNEL
        assert view.state["digest-form-zone"]["digest-form-zone"]["value"] == "Europe/Berlin"
        preview = await submitted(talk, channel="#on-call", days=["mon"], time="18:15", name="Bills")
        shown = str(preview and preview.blocks)
        assert "Preview · New digest “Bills”" in shown
        assert "In the last 7 days" in shown
        assert "In <#C0ONCALL>" in shown
        assert await stored(talk, "#on-call") == []
        assert "In <#C0ONCALL>" in await pressed(talk, preview)
        (digest,) = await stored(talk, "#on-call")
        assert (digest.channel_id, digest.number, digest.created_by) == ("C0ONCALL", 1, "U0JANE")
        assert digest.schedule.words == "Mondays at 18:15, Europe/Berlin"
        assert public(talk, "#on-call")[-1].startswith("jane.doe subscribed this channel to #1 Bills")
        assert public(talk) == []
        listed = str((await home_now(talk)).blocks)  # without its being opened again
        assert "#1 Bills" in listed
        assert "In <#C0ONCALL>" in listed


async def test_the_form_in_a_channel_does_not_ask_for_one(talk):
    await talk.press(await typed(talk, "/digest"), "digest-new")
    assert CHANNEL not in fields(top(talk))


async def test_a_digest_is_not_moved_to_another_channel(talk):
    await subscribed(talk, "weekdays 09:30")
    view = await home(talk)
    await talk.press(view, "digest-edit")
    form = top(talk)
    assert CHANNEL not in fields(form)
    form.state[CHANNEL] = {CHANNEL: {"type": "conversations_select", "selected_conversation": "C0ONCALL"}}
    preview = await submitted(talk, name="Mine")
    assert "In <#C0DEPLOYS>" in str(preview and preview.blocks)
    assert "Changed:" in await pressed(talk, preview, "digest-save")
    assert [digest.name for digest in await stored(talk)] == ["Mine"]
    assert await stored(talk, "#on-call") == []


async def test_what_is_changed_from_home_is_listed_changed(talk):
    await subscribed(talk, "weekdays 09:30")
    await talk.press(await home(talk), "digest-edit")
    await pressed(talk, await submitted(talk, name="Mine"), "digest-save")
    assert "#1 Mine" in str((await home_now(talk)).blocks)


async def test_slack_does_not_send_the_form_without_a_channel(talk):
    await opened(talk)
    with pytest.raises(NotPossible, match="Channel"):
        await submitted(talk, days=["mon"])


async def test_a_missing_channel_is_told_at_its_field_beside_what_else_is_wrong(talk):
    view = await opened(talk)
    field = view.blocks[0]
    field["optional"] = True  # as from a client that does not check
    form = await submitted(talk, zone="Europe/Berln")
    assert form
    assert form.errors[CHANNEL] == "Choose a channel."
    assert "Europe/Berlin" in form.errors["digest-form-zone"]


async def test_the_chosen_channel_stays_while_the_form_follows_other_choices(talk):
    view = await opened(talk)
    assert await talk.slack.choose(JANE, view, CHANNEL, "#on-call") is None
    await talk.choose(view, "digest-form-project", "warehouse")
    assert fields(top(talk))[0] == CHANNEL
    assert "In <#C0ONCALL>" in await pressed(talk, await submitted(talk))
    (digest,) = await stored(talk, "#on-call")
    assert digest.project == "warehouse"


async def test_only_channels_that_the_person_sees_are_offered(talk):
    view = await opened(talk)
    assert element(view, CHANNEL)["filter"]["include"] == ["public", "private"]
    own_messages = talk.slack.world.direct_messages(JANE).id
    for channel in ("#secret-plans", "#old-project", own_messages):
        with pytest.raises(NotPossible, match="not offered"):
            await submitted(talk, channel=channel)


async def test_overlaps_are_those_of_the_chosen_channel(talk):
    await subscribed(talk, 'weekdays 09:30 name:"Here"')
    await subscribed(talk, 'weekdays 09:30 name:"There"', channel="#on-call")
    await opened(talk)
    preview = str((await submitted(talk, channel="#on-call") or top(talk)).blocks)
    assert "#1 There" in preview
    assert "is in the same channel already" in preview
    assert "Here" not in preview


async def test_a_channel_without_the_bot_is_told_with_the_words_to_type(talk):
    await opened(talk)
    said = await pressed(talk, await submitted(talk, channel="#general"))
    assert "/invite @What Shipped" in said
    assert "In <#C0GENERAL>" in said
    assert await stored(talk, "#general") == []
    assert public(talk, "#general") == []


async def test_only_managers_open_the_form():
    async with talking(digest_managers="U0SAM") as talk:
        await talk.press(await home(talk), "digest-new")
        assert talk.slack.views(JANE) == []
        own_messages = talk.slack.world.direct_messages(JANE).id
        assert "Ask sam.poe" in talk.slack.visible_to(JANE, own_messages)[-1].text
        await talk.press(await home(talk, SAM), "digest-new", user=SAM)
        assert CHANNEL in fields(top(talk, SAM))


async def test_only_allowed_projects_can_be_chosen():
    async with talking(allowed_projects="default") as talk:
        options = element(await opened(talk), "digest-form-project")["options"]
        assert [option["value"] for option in options] == ["default"]


async def test_deciding_in_a_message_leaves_the_home_tab_alone(talk):
    await subscribed(talk, "weekdays 09:30", channel=DEPLOYS)
    assert talk.slack.home(JANE) is None
