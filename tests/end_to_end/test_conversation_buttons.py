"""What is pressed and chosen below an answer: sharing, pages, other environments and times, details."""

from __future__ import annotations

from typing import Any

import pytest

from bot.facts.block_kit import violations
from bot.sandbox.slack import Message, NotPossible, SandboxSlack
from tests.end_to_end.talking import DEPLOYS, JANE, Talk, talking


@pytest.fixture(params=["socket", "http"])
async def talk(request):
    async with talking(transport=request.param) as talk:
        yield talk


def only(talk: Talk, user: str = JANE) -> Message:
    """The one message that the person sees."""
    (message,) = talk.slack.visible_to(user, DEPLOYS)
    return message


# -- Sharing ----------------------------------------------------------------------------------------------------------


async def test_sharing_posts_the_answer_with_who_shared_it_and_removes_the_private_copy(talk):
    private = await talk.type("/shipped since:7d")
    await talk.press(private, "share")
    shared = only(talk)
    assert shared.only_for is None
    assert shared.text.splitlines()[0] == private.text.splitlines()[0]
    assert shared.text.endswith("Shared by jane.doe: /shipped since:7d")
    assert shared.blocks[-1]["elements"][0] == {
        "type": "plain_text",
        "text": "Shared by jane.doe: /shipped since:7d",
        "emoji": False,
    }
    assert "<@" not in str(shared.blocks)


async def test_a_release_can_be_shared(talk):
    await talk.press(await talk.type("/release #406"), "share")
    assert only(talk).only_for is None


async def test_sharing_works_where_the_bot_is_not_a_member(talk):
    private = await talk.type("/shipped today", channel="#general")
    await talk.press(private, "share")
    (shared,) = talk.slack.visible_to("kim.roe", "#general")
    assert "Shared by jane.doe" in shared.text


async def test_a_double_press_shares_once(talk):
    private = await talk.type("/shipped today")
    first = await talk.slack.click(JANE, private, "share")
    await talk.slack._courier.deliver("interactive", first.payload)  # the second press, sent before the button was gone
    await talk.settled()
    assert len(talk.slack.messages(DEPLOYS)) == 1


async def test_a_shared_answer_lets_others_look_around_for_themselves(talk):
    await talk.press(await talk.type("/shipped since:7d"), "share")
    shared = only(talk)
    with pytest.raises(NotPossible):
        await talk.slack.click("sam.poe", shared, "next")
    before = list(shared.blocks)
    await talk.press(shared, "browse", user="sam.poe")
    _, copy = talk.slack.visible_to("sam.poe", DEPLOYS)
    assert copy.only_for == "U0SAM"
    assert copy.text.splitlines()[:2] == shared.text.splitlines()[:2]  # jane's week, not sam's
    await talk.press(copy, "next", user="sam.poe")
    assert shared.blocks == before
    assert only(talk, JANE) is shared


async def test_a_private_copy_of_a_public_answer_stays_private(talk):
    public = await talk.type("/shipped since:7d public")
    await talk.press(public, "browse", user="sam.poe")
    copy = talk.slack.visible_to("sam.poe", DEPLOYS)[-1]
    await talk.press(copy, "next", user="sam.poe")
    assert copy.only_for == "U0SAM"
    assert talk.slack.messages(DEPLOYS) == [public]


# -- Pages ------------------------------------------------------------------------------------------------------------


async def test_pages_turn_in_place_and_are_read_once(talk):
    message = await talk.type("/shipped since:7d")
    first = message.text
    await talk.press(message, "next")
    assert only(talk).ts == message.ts
    assert "page 2 of" in message.text
    await talk.press(message, "previous")
    assert "page 1 of" in message.text
    assert message.text.splitlines()[:4] == first.splitlines()[:4]
    assert len(talk.reads()) == 1


async def test_there_is_no_next_on_the_last_page_and_no_previous_on_the_first(talk):
    message = await talk.type("/shipped since:3d")
    with pytest.raises(NotPossible):
        await talk.slack.click(JANE, message, "previous")
    pages = int(message.text.split(" · page 1 of ")[1].split()[0])
    assert pages > 1
    for page in range(2, pages + 1):
        await talk.press(message, "next")
        assert f"page {page} of {pages}" in message.text
    with pytest.raises(NotPossible):
        await talk.slack.click(JANE, message, "next")


# -- Narrowing --------------------------------------------------------------------------------------------------------


async def test_another_environment_is_asked_in_place(talk):
    message = await talk.type("/shipped since:7d")
    await talk.choose(message, "environment", "staging")
    assert only(talk).ts == message.ts
    assert "to staging" in message.text
    assert [query["environmentKey"] for query in talk.reads()] == ["production", "staging"]
    await talk.choose(message, "window", "Yesterday")  # what was chosen before stays
    assert "to staging" in message.text
    assert "yesterday" in message.text


async def test_another_time_is_asked_in_place_with_the_filters_kept(talk):
    message = await talk.type("/shipped billing by:jane.doe since:1h")
    await talk.choose(message, "window", "Last 30 days")
    assert "the last 30 days" in message.text
    assert "by jane.doe" in message.text
    assert "only billing-service" in message.text


async def test_a_release_is_searched_further_back(talk):
    message = await talk.type("/release #1 since:1d")
    earliest = min(int(query["from"]) for query in talk.reads())
    await talk.choose(message, "window", "Last 90 days")
    assert earliest - min(int(query["from"]) for query in talk.reads()) == pytest.approx(89 * 86_400_000, rel=0.01)
    assert "Not found" in message.text


async def test_a_long_question_has_buttons_but_no_menus(talk):
    words = " ".join(f"by:person-number-{number}" for number in range(20))
    message = await talk.type(f"/shipped since:7d {words}")
    elements = [e["action_id"] for b in message.blocks if b["type"] == "actions" for e in b["elements"]]
    assert elements == ["share"]


# -- Details ----------------------------------------------------------------------------------------------------------


async def test_details_open_at_once_and_are_then_filled(talk):
    deployed = talk.launchdarkly.deploy("billing-service", titles=["Round half up"], flag="new-checkout")
    message = await talk.type("/shipped billing since:1h")
    talk.launchdarkly.faults.hold()
    delivery = await talk.slack.choose(JANE, message, "details", f"default {deployed.id}")
    assert delivery.acked
    view = await talk.slack.wait_for(lambda: next(iter(talk.slack.views(JANE)), None))
    assert "Reading" in str(view.blocks)
    talk.launchdarkly.faults.release()
    await talk.settled()
    (view,) = talk.slack.views(JANE)
    shown = str(view.blocks)
    assert "Round half up" in shown
    assert "new-checkout" in shown
    assert deployed.id in shown
    assert violations({"type": "modal", "title": view.content["title"], "blocks": view.blocks}, "modal") == []


async def test_details_of_a_deployment_that_is_gone_say_so(talk):
    deployed = talk.launchdarkly.deploy("billing-service")
    message = await talk.type("/shipped billing since:1h")
    del talk.launchdarkly.company._deployments[deployed.id]
    await talk.choose(message, "details", f"default {deployed.id}")
    (view,) = talk.slack.views(JANE)
    assert "Not found" in str(view.blocks)


async def test_a_modal_that_slack_does_not_open_is_told(talk):
    deployed = talk.launchdarkly.deploy("billing-service")
    message = await talk.type("/shipped billing since:1h")
    talk.slack.faults.refuse("views.open", "expired_trigger_id")
    await talk.choose(message, "details", f"default {deployed.id}")
    assert "Press it once more" in talk.slack.visible_to(JANE, DEPLOYS)[-1].text


async def test_details_of_a_shared_answer_open_for_whoever_asks(talk):
    deployed = talk.launchdarkly.deploy("billing-service")
    await talk.press(await talk.type("/shipped billing since:1h"), "share")
    await talk.choose(only(talk), "details", f"default {deployed.id}", user="sam.poe")
    assert len(talk.slack.views("sam.poe")) == 1
    assert talk.slack.views(JANE) == []


# -- Old buttons ------------------------------------------------------------------------------------------------------


async def test_buttons_of_yesterday_still_turn_the_page_of_what_was_asked(talk):
    message = await talk.type("/shipped since:7d")
    button = _button(message, "next")
    fields = button["value"].split(",")
    fields[3] = str(int(fields[3]) - 24 * 60)
    button["value"] = ",".join(fields)
    await talk.press(message, "next")
    assert "page 2 of" in message.text
    assert "the last 7 days" not in message.text  # it is another seven days by now: told by their dates
    assert " – " in message.text.splitlines()[1]


@pytest.mark.parametrize("value", ["", "{}", '[0,"/shipped"]', '[1,"/shipped","",-1,"",1,"",""]', "[" * 1900])
async def test_a_button_that_carries_something_else_says_what_to_type(talk, value):
    message = await talk.type("/shipped since:7d")
    _button(message, "next")["value"] = value
    await talk.press(message, "next")
    *_, told = talk.slack.visible_to(JANE, DEPLOYS)
    assert "/shipped" in told.text
    assert "another version" in told.text


async def test_a_button_that_this_version_does_not_have_says_what_to_type(talk):
    message = await talk.type("/shipped since:7d")
    _button(message, "next")["action_id"] = "subscribe"
    await talk.press(message, "subscribe")
    assert "another version" in talk.slack.visible_to(JANE, DEPLOYS)[-1].text


async def test_buttons_need_nothing_that_was_kept_in_memory():
    slack = SandboxSlack()
    async with slack:
        async with talking(slack=slack) as before:
            message = await before.type("/shipped since:7d")
        async with talking(slack=slack) as after:
            await after.press(message, "next")
            assert "page 2 of" in message.text


def _button(message: Message, action_id: str) -> dict[str, Any]:
    elements: list[dict[str, Any]] = [e for b in message.blocks if b["type"] == "actions" for e in b["elements"]]
    return next(e for e in elements if e["action_id"] == action_id)
