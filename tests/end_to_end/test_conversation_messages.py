"""Where slash commands cannot run or nothing is typed at all: threads, direct messages, the Home tab."""

from __future__ import annotations

import pytest

from bot.facts.block_kit import violations
from bot.sandbox.slack import Message, View
from tests.end_to_end.talking import DEPLOYS, JANE, Talk, talking


@pytest.fixture(params=["socket", "http"])
async def talk(request):
    async with talking(transport=request.param) as talk:
        yield talk


async def mention(talk: Talk, text: str, thread_ts: str | None = None, user: str = JANE) -> list[Message]:
    """Name the bot in #deploys; returns what everybody, and what the asker alone, sees in answer."""
    before = {m.ts for m in talk.slack.visible_to(user, DEPLOYS)}
    delivery = await talk.slack.mention(user, DEPLOYS, text, thread_ts)
    assert delivery is not None
    assert delivery.acked
    await talk.settled()
    return [m for m in talk.slack.visible_to(user, DEPLOYS) if m.ts not in before and m.bot_id]


# -- Threads ----------------------------------------------------------------------------------------------------------


async def test_a_mention_in_a_thread_is_answered_there_for_everybody(talk):
    (start,) = await mention(talk, "shipped today")
    root = start.thread_ts
    (answer,) = await mention(talk, "release #406", root)
    assert (answer.thread_ts, answer.only_for) == (root, None)
    assert "pull request #406 reached production" in answer.text


async def test_a_mention_in_the_channel_is_answered_in_its_thread(talk):
    (answer,) = await mention(talk, "billing since:30d")
    question = talk.slack.messages(DEPLOYS)[0]
    assert answer.thread_ts == question.ts
    assert "only billing-service" in answer.text
    labels = [e["action_id"] for b in answer.blocks if b["type"] == "actions" for e in b["elements"]]
    assert labels == ["browse", "details"]


async def test_words_before_the_name_are_not_the_question(talk):
    before = len(talk.reads())
    delivery = await talk.slack.say(JANE, DEPLOYS, "hey @whatshipped, release #406")
    assert delivery.acked
    await talk.settled()
    assert "pull request #406" in talk.slack.messages(DEPLOYS)[-1].text
    assert len(talk.reads()) > before


@pytest.mark.parametrize("words", ["help", ""])
async def test_help_is_for_the_asker_alone_and_outside_of_a_thread_that_does_not_exist_yet(talk, words):
    (answer,) = await mention(talk, words)
    assert (answer.only_for, answer.thread_ts) == ("U0JANE", None)
    assert "/shipped" in answer.text


async def test_a_mistake_in_a_thread_is_told_there_to_the_asker_alone(talk):
    (answer,) = await mention(talk, "shipped today")
    (told,) = await mention(talk, "shipped sinc:2d", answer.thread_ts)
    assert (told.only_for, told.thread_ts) == ("U0JANE", answer.thread_ts)
    assert "since:2d" in told.text


async def test_browsing_from_a_thread_stays_in_the_thread(talk):
    (answer,) = await mention(talk, "shipped since:7d")
    await talk.press(answer, "browse", user="sam.poe")
    copy = talk.slack.visible_to("sam.poe", DEPLOYS)[-1]
    assert (copy.only_for, copy.thread_ts) == ("U0SAM", answer.thread_ts)
    await talk.press(copy, "share", user="sam.poe")
    shared = talk.slack.messages(DEPLOYS)[-1]
    assert shared.thread_ts == answer.thread_ts
    assert "Shared by sam.poe" in shared.text


async def test_an_event_that_slack_repeats_is_answered_once(talk):
    delivery = await talk.slack.mention(JANE, DEPLOYS, "shipped today")
    again = await talk.slack.courier.deliver("events_api", delivery.payload)
    assert again.acked
    await talk.settled()
    assert len([m for m in talk.slack.messages(DEPLOYS) if m.bot_id]) == 1


@pytest.mark.parametrize("mark", [{"bot_id": "B0OTHER"}, {"subtype": "message_changed"}])
async def test_robots_and_edits_are_not_answered(talk, mark):
    event = {"type": "app_mention", "user": "U0JANE", "channel": "C0DEPLOYS", "ts": "1.1", "text": "<@U0SHIPPED> help"}
    assert (await talk.slack.event({**event, **mark})).acked
    await talk.settled()
    assert talk.slack.visible_to(JANE, DEPLOYS) == []


async def test_a_slow_answer_in_a_thread_takes_the_place_of_its_notice():
    async with talking(patience=0) as talk:
        (answer,) = await mention(talk, "shipped today")
        assert "deployment" in answer.text
        notice = talk.slack.journal.calls("chat.postMessage")[0].body["text"]
        assert notice.startswith("Reading deployments since ")
        assert [e.outcome for e in talk.slack.journal.calls("chat.update")] == ["ok"]


async def test_a_notice_in_a_thread_goes_when_there_is_no_answer():
    async with talking(patience=0) as talk:
        talk.launchdarkly.faults.no_plan()
        (told,) = await mention(talk, "shipped today")
        assert told.only_for == "U0JANE"
        assert len(talk.slack.journal.calls("chat.delete")) == 1


# -- Direct messages --------------------------------------------------------------------------------------------------


async def direct(talk: Talk, text: str) -> Message:
    delivery = await talk.slack.direct_message(JANE, text)
    assert delivery is not None
    assert delivery.acked
    await talk.settled()
    return talk.slack.messages(talk.slack.world.direct_messages(JANE).id)[-1]


async def test_help_in_a_direct_message(talk):
    assert "/shipped" in (await direct(talk, "help")).text


async def test_a_question_in_a_direct_message_needs_no_slash_and_has_pages(talk):
    answer = await direct(talk, "shipped since:7d")
    assert (answer.thread_ts, answer.only_for) == (None, None)
    labels = [e["action_id"] for b in answer.blocks if b["type"] == "actions" for e in b["elements"]]
    assert labels == ["next", "environment", "window", "details"]
    await talk.press(answer, "next")
    assert "page 2 of" in answer.text
    assert answer.only_for is None
    labels = [e["action_id"] for b in answer.blocks if b["type"] == "actions" for e in b["elements"]]
    assert labels == ["previous", "next", "environment", "window", "details"]


async def test_a_mistake_in_a_direct_message_is_answered_there(talk):
    answer = await direct(talk, "release")
    assert answer.bot_id
    assert "/release" in answer.text


async def test_the_bot_does_not_answer_itself(talk):
    await direct(talk, "help")
    channel = talk.slack.world.direct_messages(JANE)
    (_, answer) = talk.slack.messages(channel.id)
    event = {**answer.as_json(), "type": "message", "channel": channel.id, "channel_type": "im"}
    assert (await talk.slack.event(event)).acked
    await talk.settled()
    assert len(talk.slack.messages(channel.id)) == 2


# -- The Home tab -----------------------------------------------------------------------------------------------------


async def home(talk: Talk, user: str = JANE) -> View:
    delivery = await talk.slack.open_home(user)
    assert delivery is not None
    assert delivery.acked
    await talk.settled()
    view = talk.slack.home(user)
    assert view is not None
    return view


async def test_the_home_tab_says_what_this_is_and_what_a_question_means_that_does_not_say(talk):
    view = await home(talk)
    shown = str(view.blocks)
    assert violations({"type": "home", "blocks": view.blocks}, "home") == []
    for words in ("Europe/Berlin", "production", "default", "/release #406", "What shipped today?"):
        assert words in shown


@pytest.mark.parametrize("button", ["ask-1", "ask-2", "ask-3"])
async def test_each_button_of_the_home_tab_answers_in_a_modal(talk, button):
    await talk.press(await home(talk), button)
    (view,) = talk.slack.views(JANE)
    assert "to production" in str(view.blocks)


async def test_an_answer_in_a_modal_has_pages_and_filters_in_place(talk):
    await talk.press(await home(talk), "ask-2")
    (view,) = talk.slack.views(JANE)
    labels = [e["action_id"] for b in view.blocks if b["type"] == "actions" for e in b["elements"]]
    assert labels == ["next", "environment", "window"]
    await talk.press(view, "next")
    assert "page 2 of" in str(view.blocks)
    await talk.choose(view, "environment", "staging")
    assert "to staging" in str(view.blocks)
    assert talk.slack.views(JANE) == [view]


async def test_a_problem_in_a_modal_is_told_in_it(talk):
    view = await home(talk)
    talk.launchdarkly.faults.no_plan()
    await talk.press(view, "ask-1")
    (view,) = talk.slack.views(JANE)
    assert "whatshipped doctor" in str(view.blocks)


async def test_a_modal_that_the_home_tab_cannot_open_is_told_in_a_direct_message(talk):
    view = await home(talk)
    talk.slack.faults.refuse("views.open", "expired_trigger_id")
    await talk.press(view, "ask-1")
    (told,) = talk.slack.messages(talk.slack.world.direct_messages(JANE).id)
    assert "Press it once more" in told.text


async def test_the_home_buttons_ask_at_the_moment_of_the_press(talk):
    view = await home(talk)
    talk.launchdarkly.deploy("billing-service", titles=["After the tab was opened"])
    await talk.press(view, "ask-1")
    assert "After the tab was opened" in str(talk.slack.views(JANE)[0].blocks)


async def test_the_messages_beside_the_home_tab_publish_nothing(talk):
    event = {"type": "app_home_opened", "user": "U0JANE", "channel": "D1", "tab": "messages"}
    assert (await talk.slack.event(event)).acked
    await talk.settled()
    assert talk.slack.home(JANE) is None
