"""``/digest`` typed: a preview before, one public line after, and everything that is done by words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.end_to_end.digest_talk import SAM, public, stored, subscribed, typed
from tests.end_to_end.talking import DEPLOYS, JANE, talking


@pytest.fixture(params=["socket", "http"])
async def talk(request):
    async with talking(transport=request.param) as talk:
        yield talk


@pytest.fixture
async def one():
    """A bot over one transport, for what does not depend on it."""
    async with talking() as talk:
        yield talk


# -- Subscribing ------------------------------------------------------------------------------------------------------


async def test_a_preview_comes_first_and_stores_nothing(talk):
    message = await typed(talk, "/digest weekdays 09:30 billing-*")
    assert message.only_for == "U0JANE"
    assert "Preview · New digest" in message.text
    assert "weekdays at 09:30, Europe/Berlin" in message.text
    assert "only billing-*" in message.text
    assert "In the last 7 days: " in message.text
    assert "For example" in str(message.blocks)
    assert await stored(talk) == []
    assert public(talk) == []


async def test_subscribing_stores_what_was_typed_and_tells_the_channel_once(talk):
    message = await subscribed(
        talk, 'mon,thu 9am billing-* in:staging -by:dependabot[bot] status:failed tz:Asia/Tokyo empty:skip name:"Bills"'
    )
    (digest,) = await stored(talk)
    assert digest.schedule.words == "Mon and Thu at 09:00, Asia/Tokyo"
    assert (digest.project, digest.environment, digest.name) == ("default", "staging", "Bills")
    assert digest.filters.applications == ("billing-*",)
    assert digest.filters.excluded_authors == ("dependabot[bot]",)
    assert digest.filters.status == "failed"
    assert not digest.say_when_empty
    assert digest.created_by == "U0JANE"
    assert digest.number == 1
    (line,) = public(talk)
    assert line.startswith("jane.doe subscribed this channel to #1 Bills: Deployments to staging")
    assert "only billing-*" in line
    assert "Mon and Thu at 09:00, Asia/Tokyo" in line
    assert "/digest edit 1" in line
    assert "<@" not in str(talk.slack.messages(DEPLOYS)[0].blocks)
    assert "This channel is subscribed to #1 Bills" in message.text
    assert "JST (in " in message.text


async def test_a_digest_counts_from_the_moment_of_subscribing(one):
    message = await typed(one, "/digest weekdays 09:30")
    before = one.slack.world.now()
    await one.press(message, "digest-subscribe")
    (digest,) = await stored(one)
    assert digest.counts_from >= before
    assert digest.due_after == digest.counts_from


async def test_two_presses_subscribe_once(talk):
    message = await typed(talk, "/digest weekdays 09:30")
    first = await talk.slack.click(JANE, message, "digest-subscribe")
    talk.monotonic.now += 60  # not a double click: somebody pressed again, much later
    await talk.slack._courier.deliver("interactive", first.payload)
    await talk.settled()
    assert len(await stored(talk)) == 1
    assert len(public(talk)) == 1


async def test_cancelling_stores_nothing(one):
    message = await typed(one, "/digest weekdays 09:30")
    await one.press(message, "digest-cancel")
    assert "Nothing was changed" in message.text
    assert await stored(one) == []
    assert public(one) == []


async def test_a_preview_is_the_same_without_a_button_that_is_needed(one):
    message = await typed(one, "/digest preview weekdays 09:30 billing")
    assert "Preview · New digest" in message.text
    await one.press(message, "digest-subscribe")
    assert len(await stored(one)) == 1


async def test_what_would_have_been_sent_is_what_launchdarkly_has(one):
    message = await typed(one, "/digest daily 00:00 tz:UTC in:test nothing-called-so")
    assert "titles with nothing-called-so" in message.text
    assert "7 digests with 0 deployments" in message.text
    assert message.text.count("nothing, and says so") == 7
    skipping = await typed(one, "/digest daily 00:00 tz:UTC in:test nothing-called-so empty:skip")
    assert "0 digests with 0 deployments" in skipping.text


# -- Refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("weekdays 09:30 in:prodction", "production"),
        ("weekdays 09:30 project:defalt", "default"),
        ("weekdays 09:30 app:biling-service", "billing-service"),
        ("weekdays 09:30 biling-service", "billing-service"),
        ("weekdays 09:30 project:zzz", "/digest help"),
        ("weekdys 09:30", "/digest weekdays 09:30"),
        ("pause 1", "/digest weekdays 09:30"),
    ],
)
async def test_what_is_not_known_is_refused_with_what_was_probably_meant(one, words, said):
    message = await typed(one, f"/digest {words}")
    assert said in message.text
    assert "/shipped" not in message.text
    assert not [block for block in message.blocks if block["type"] == "actions"]
    assert await stored(one) == []


async def test_quoted_words_are_words_of_titles(one):
    message = await typed(one, '/digest weekdays 09:30 "biling-service"')
    assert "titles with biling-service" in message.text


async def test_a_channel_without_the_bot_is_told_what_to_type(talk):
    message = await typed(talk, "/digest weekdays 09:30", channel="#general")
    await talk.press(message, "digest-subscribe")
    told = talk.slack.visible_to(JANE, "#general")[-1]
    assert "/invite @What Shipped" in told.text
    assert await stored(talk, "#general") == []
    talk.slack.world.channel("#general").members.add("U0SHIPPED")
    talk.monotonic.now += 60
    await talk.press(message, "digest-subscribe")
    assert len(await stored(talk, "#general")) == 1
    assert public(talk, "#general")[0].startswith("jane.doe subscribed")


async def test_a_line_that_cannot_be_posted_for_now_leaves_the_digest_and_is_told(one):
    message = await typed(one, "/digest weekdays 09:30")
    one.slack.faults.refuse("chat.postMessage", "fatal_error")
    await one.press(message, "digest-subscribe")
    assert len(await stored(one)) == 1
    assert "could not announce" in message.text


async def test_a_digest_with_too_many_filters_is_refused(one):
    words = " ".join(f"by:person-number-{number}" for number in range(90))
    message = await typed(one, f"/digest weekdays 09:30 {words}")
    assert "too long" in message.text


async def test_launchdarkly_in_trouble_is_told_and_nothing_can_be_subscribed(one):
    await typed(one, "/digest list")
    one.launchdarkly.faults.no_plan()
    message = await typed(one, "/digest weekdays 09:30 in:production")
    assert "LaunchDarkly does not let me read this" in message.text
    assert not [block for block in message.blocks if block["type"] == "actions"]


# -- Overlaps ---------------------------------------------------------------------------------------------------------


async def test_a_digest_that_tells_the_same_is_warned_about(one):
    one.launchdarkly.deploy("billing-service")
    await subscribed(one, 'weekdays 09:30 name:"Everything"')
    message = await typed(one, "/digest daily 10:00 billing-*")
    assert "#1 Everything (weekdays at 09:30, Europe/Berlin) is in the same channel already" in message.text
    elsewhere = await typed(one, "/digest daily 10:00 in:staging")
    assert "already" not in elsewhere.text


async def test_a_second_one_of_the_same_name_is_warned_about(one):
    await subscribed(one, "weekdays 09:30 name:Morning")
    assert "is called Morning, too" not in (await typed(one, "/digest edit 1 10:00")).text
    await subscribed(one, "daily 10:00 in:staging name:morning")
    message = await typed(one, "/digest daily 11:00 in:staging name:morning")
    assert "⚠️ #1 is called Morning, too: say its number to pause, edit or remove it." in message.text
    refused = await typed(one, "/digest pause Morning")
    assert "Try: /digest pause 1 or /digest pause 2" in refused.text


async def test_a_word_that_is_no_application_is_looked_for_in_titles_and_that_is_said(one):
    message = await typed(one, "/digest daily 09:30 xyzzy")
    said = "⚠️ No application is called xyzzy, so only deployments with that in a pull request's title are told."
    assert said in message.text
    for words in ('"xyzzy"', "billing"):
        assert "No application is called" not in (await typed(one, f"/digest daily 09:30 {words}")).text


# -- Managing ---------------------------------------------------------------------------------------------------------


async def test_a_channel_without_digests_says_how_to_get_one(one):
    message = await typed(one, "/digest")
    assert "This channel has no digest yet" in message.text
    assert "/digest weekdays 09:30" in message.text


async def test_the_list_tells_of_each_when_what_and_what_became_of_it(talk):
    await subscribed(talk, 'weekdays 09:30 billing-* name:"Bills" empty:skip')
    await subscribed(talk, "fri 16:00 in:staging")
    message = await typed(talk, "/digest")
    first, second = message.text.split("#2 Digest")
    assert "#1 Bills · weekdays at 09:30, Europe/Berlin" in first
    assert "only billing-*" in first
    assert "does not come when there is nothing" in first
    assert "Next: " in first
    assert "CET (in " in first
    assert "Fridays at 16:00" in second
    buttons = [
        element["text"]["text"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]
    assert buttons == [*["Preview", "Pause", "Edit", "Why?", "Remove"] * 2, "New digest"]


async def test_pausing_and_resuming_by_words_is_announced_with_the_name(talk):
    await subscribed(talk, "weekdays 09:30")
    told = await typed(talk, "/digest pause")
    assert "Paused: #1 Digest" in told.text
    (digest,) = await stored(talk)
    assert not digest.is_active
    assert public(talk)[-1].startswith("jane.doe paused #1 Digest")
    assert "none while it is paused (by jane.doe)" in (await typed(talk, "/digest list")).text
    talk.monotonic.now += 60
    again = await typed(talk, "/digest pause 1")
    assert "is paused already" in again.text
    assert len(public(talk)) == 2
    before = talk.slack.world.now()
    await typed(talk, "/digest resume 1", user=SAM)
    (digest,) = await stored(talk)
    assert digest.is_active
    assert digest.counts_from >= before
    assert public(talk)[-1].startswith("sam.poe resumed #1 Digest")


async def test_a_digest_is_called_by_number_or_name(one):
    await subscribed(one, 'weekdays 09:30 name:"Bills"')
    await subscribed(one, 'weekdays 10:30 in:staging name:"Staging"')
    await typed(one, "/digest pause stag")
    assert [digest.is_active for digest in await stored(one)] == [True, False]
    which = await typed(one, "/digest pause")
    assert "#1 Bills, #2 Staging" in which.text
    assert "/digest pause 1" in which.text
    assert "/digest remove 1" in (await typed(one, "/digest remove Bils")).text


async def test_removing_can_be_undone(talk):
    await subscribed(talk, 'weekdays 09:30 billing-* name:"Bills"')
    (before,) = await stored(talk)
    told = await typed(talk, "/digest remove Bills")
    assert await stored(talk) == []
    assert public(talk)[-1].startswith("jane.doe removed #1 Bills")
    await talk.press(told, "digest-undo")
    (after,) = await stored(talk)
    assert (after.id, after.number, after.filters, after.schedule) == (
        before.id,
        before.number,
        before.filters,
        before.schedule,
    )
    assert public(talk)[-1].startswith("jane.doe brought back #1 Bills")
    assert "Brought back: #1 Bills" in told.text


async def test_now_posts_what_there_is_and_does_not_count(talk):
    await subscribed(talk, 'weekdays 09:30 name:"Bills"')
    (digest,) = await stored(talk)
    await talk.stores.subscriptions.update(replace(digest, counts_from=digest.counts_from - timedelta(hours=1)))
    talk.launchdarkly.deploy("billing-service", titles=["Round half up"])
    told = await typed(talk, "/digest now 1")
    assert "Posted: #1 Bills" in told.text
    posted = talk.slack.messages(DEPLOYS)[-1]
    assert posted.text.startswith("now – not counted · asked for by jane.doe")
    assert "Round half up" in posted.text
    assert await talk.stores.ledger.history(digest.id, 5) == []


async def test_now_in_a_channel_that_the_bot_was_removed_from_says_what_to_type(one):
    await subscribed(one, "weekdays 09:30")
    one.slack.faults.remove_bot(DEPLOYS)
    told = await typed(one, "/digest now 1")
    assert "Nothing was posted" in told.text
    assert "/invite @What Shipped" in told.text


async def test_why_tells_what_became_of_the_last_ones(one):
    await subscribed(one, "weekdays 09:30")
    assert "It has not been due yet" in (await typed(one, "/digest why 1")).text


async def test_help_has_examples(one):
    message = await typed(one, "/digest help")
    assert "/digest weekdays 09:30" in message.text
    assert "Windows of time" in (await typed(one, "/digest help windows")).text
    assert "There is no help on “xyzzy”" in (await typed(one, "/digest help xyzzy")).text


# -- Elsewhere --------------------------------------------------------------------------------------------------------


async def test_a_thread_can_be_subscribed_from_by_naming_the_bot(talk):
    root = await talk.slack.say(JANE, DEPLOYS, "Shall we?")
    assert root is None
    await talk.slack.mention(JANE, DEPLOYS, "digest weekdays 09:30 billing")
    await talk.settled()
    preview = talk.slack.visible_to(JANE, DEPLOYS)[-1]
    assert preview.only_for == "U0JANE"
    await talk.press(preview, "digest-subscribe")
    assert len(await stored(talk)) == 1
    await talk.slack.mention(JANE, DEPLOYS, "digest edit 1")
    await talk.settled()
    assert "/digest edit 1" in talk.slack.visible_to(JANE, DEPLOYS)[-1].text


async def test_digests_come_into_direct_messages_too(one):
    await one.slack.direct_message(JANE, "digest daily 18:00")
    await one.settled()
    channel = one.slack.world.direct_messages(JANE).id
    await one.press(one.slack.visible_to(JANE, channel)[-1], "digest-subscribe")
    (digest,) = await stored(one, channel)
    assert digest.channel_id == channel
    await one.slack.direct_message(JANE, "digest list")
    await one.settled()
    told = [message.text for message in one.slack.visible_to(JANE, channel)]
    assert any("jane.doe subscribed this conversation to #1" in text for text in told)
    assert told[-1].startswith("Digests of this conversation")
    assert "this channel" not in str(told).lower()


# -- Who may ----------------------------------------------------------------------------------------------------------


async def test_only_managers_change_digests_where_they_are_named():
    async with talking(digest_managers="U0SAM") as talk:
        refused = await typed(talk, "/digest weekdays 09:30")
        assert "Ask sam.poe" in refused.text
        assert "<@" not in str(refused.blocks)
        await subscribed(talk, "weekdays 09:30", user=SAM)
        for words in ("pause 1", "remove 1", "now 1", "edit 1 daily 18:00", "edit 1"):
            assert "Ask sam.poe" in (await typed(talk, f"/digest {words}")).text
        assert "In the last 7 days" in (await typed(talk, "/digest preview 1")).text
        assert "#1 Digest" in (await typed(talk, "/digest")).text
        assert len(public(talk)) == 1


async def test_only_allowed_projects_are_shown_and_suggested():
    async with talking(allowed_projects="default, mobile-app") as talk:
        for words in (
            "/digest weekdays 09:30 project:warehouse",
            "/shipped project:warehouse",
            "/release #1 project:warehouse",
        ):
            told = await typed(talk, words)
            assert "no project “warehouse”" in told.text
            assert "Did you mean" not in told.text
        assert "Preview" in (await typed(talk, "/digest weekdays 09:30")).text
