"""What Slack's client lets people do, and what it turns typed text into."""

from __future__ import annotations

import pytest

from bot.sandbox.slack import NotPossible

SECTION = {"type": "section", "block_id": "s", "text": {"type": "mrkdwn", "text": "text"}}


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("billing since:2d", "billing since:2d"),
        ("by:@jane.doe", "by:<@U0JANE>"),
        ("ask @nobody", "ask @nobody"),
        ("in #deploys and #on-call", "in <#C0DEPLOYS|deploys> and <#C0ONCALL|>"),
        ("#406", "#406"),
        ("a & b <c>", "a &amp; b &lt;c&gt;"),
        ("see https://example.com/@sam.poe?a=1&b=2 ok", "see <https://example.com/@sam.poe?a=1&amp;b=2> ok"),
        ("mail@sam.poe", "mail@sam.poe"),
    ],
)
async def test_typed_text_is_escaped_as_should_escape_says(slack, typed, sent):
    await slack.command("jane.doe", "#deploys", "/shipped", typed)
    slack.world.app.should_escape = False
    await slack.command("jane.doe", "#deploys", "/shipped", typed)

    assert [e.body["text"] for e in slack.journal.deliveries("slash_commands")] == [sent, typed]


@pytest.mark.parametrize(
    ("place", "name"), [("#deploys", "deploys"), ("#on-call", "privategroup"), ("im", "directmessage")]
)
async def test_only_public_channels_have_a_name_in_commands(slack, place, name):
    place = slack.world.direct_messages("jane.doe").id if place == "im" else place
    delivery = await slack.command("jane.doe", place, "/shipped")
    assert delivery.payload["channel_name"] == name


async def test_conversations_are_chosen_of_those_that_the_person_sees(slack, client):
    delivery = await slack.command("sam.poe", "#deploys", "/shipped")
    menu = {"type": "multi_conversations_select", "action_id": "where", "filter": {"include": ["public", "private"]}}
    label = {"type": "plain_text", "text": "Where"}
    blocks = [{"type": "input", "block_id": "b", "label": label, "element": menu}]
    view = {"type": "modal", "title": label, "submit": label, "blocks": blocks}
    form = (await client.views_open(trigger_id=delivery.payload["trigger_id"], view=view))["view"]["id"]
    await slack.choose("sam.poe", form, "where", ["#deploys", "C0GENERAL"])
    assert slack.views("sam.poe")[-1].state["b"]["where"]["selected_conversations"] == ["C0DEPLOYS", "C0GENERAL"]
    for hidden in ("#on-call", "#old-project", slack.world.direct_messages("sam.poe").id):
        with pytest.raises(NotPossible, match=r"not offered to sam\.poe"):
            await slack.choose("sam.poe", form, "where", [hidden])
    with pytest.raises(LookupError):
        await slack.submit("sam.poe", form, {"where": ["C0NOWHERE"]})


async def test_people_cannot_do_what_the_client_does_not_offer(slack, client):
    posted = (await client.chat_postMessage(channel="C0ONCALL", text="x", blocks=[SECTION]))["ts"]
    with pytest.raises(NotPossible, match="not a valid command"):
        await slack.command("jane.doe", "#deploys", "/other")
    with pytest.raises(NotPossible, match=r"kim.roe is not in deploys"):
        await slack.command("kim.roe", "#deploys", "/shipped")
    with pytest.raises(NotPossible, match="archived"):
        await slack.command("jane.doe", "#old-project", "/shipped")
    with pytest.raises(LookupError, match="nobody"):
        await slack.command("nobody", "#deploys", "/shipped")
    with pytest.raises(NotPossible, match="does not see"):
        await slack.click("sam.poe", posted, "share")
    with pytest.raises(NotPossible, match="there is: nothing"):
        await slack.click("jane.doe", posted, "share")
    with pytest.raises(NotPossible, match="no such modal"):
        await slack.submit("jane.doe")


async def test_what_the_app_did_not_ask_for_is_not_sent(slack, client):
    block = {"type": "input", "label": {"type": "plain_text", "text": "Name"}, "block_id": "name"}
    text = {"type": "plain_text_input", "action_id": "text"}
    title = {"type": "plain_text", "text": "T"}
    view = {"type": "modal", "title": title, "submit": title, "blocks": [{**block, "element": text}]}
    trigger = (await slack.command("jane.doe", "#deploys", "/shipped")).payload["trigger_id"]
    await client.views_open(trigger_id=trigger, view=view)
    [form] = slack.views("jane.doe")

    assert await slack.choose("jane.doe", form, "name", "Mondays") is None
    assert form.state["name"]["text"]["value"] == "Mondays"
    with pytest.raises(NotPossible, match="choose in it"):
        await slack.click("jane.doe", form, "name")
    slack.world.app.events.clear()
    assert await slack.open_home("jane.doe") is None
    slack.world.app.home_tab = False
    with pytest.raises(NotPossible):
        await slack.open_home("jane.doe")


async def test_without_the_scope_there_are_no_commands(slack):
    slack.faults.take_scopes("commands")
    with pytest.raises(NotPossible):
        await slack.command("jane.doe", "#deploys", "/shipped")


async def test_a_private_channel_is_seen_by_its_members_only(slack, client):
    await client.chat_postMessage(channel="C0ONCALL", text="secret")
    assert len(slack.visible_to("jane.doe", "#on-call")) == 1
    assert slack.visible_to("sam.poe", "#on-call") == []


async def test_a_private_message_can_be_dismissed_by_its_reader(slack, client):
    await client.chat_postEphemeral(channel="C0DEPLOYS", user="U0JANE", text="psst")
    [message] = slack.visible_to("jane.doe", "#deploys")
    with pytest.raises(NotPossible):
        slack.dismiss("sam.poe", message)
    slack.dismiss("jane.doe", message)
    assert slack.visible_to("jane.doe", "#deploys") == []


async def test_waiting_ends_with_a_time_out_when_nothing_happens(slack):
    with pytest.raises(TimeoutError):
        await slack.wait_for(lambda: slack.messages("#deploys"), timeout=0.01)
