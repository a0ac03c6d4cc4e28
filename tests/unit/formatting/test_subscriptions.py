"""Lists, announcements, previews and the form hold for any digest: nothing pings, nothing breaks a limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.filters import Filters
from bot.domain.schedule import EVERY_DAY, WEEKDAYS, Schedule, Weekday
from bot.facts.block_kit import violations
from bot.formatting import subscriptions as told
from bot.formatting.digest_buttons import SUBSCRIBE
from bot.formatting.digest_form import Form, Keys, form_view
from bot.formatting.digest_list import IN_HOME, Entry, format_list, home_digests
from bot.formatting.digest_results import Ended, Result, format_why
from bot.formatting.home import home_view
from bot.formatting.message import Message
from bot.formatting.previews import format_preview
from bot.formatting.subscriptions import Change, due_in_words, next_in_words
from tests.builders import NOW, subscription
from tests.unit.formatting.subscription_messages import MESSAGES, RESULTS, SENT, previewed, seen

TEXT = st.text(max_size=400) | st.sampled_from(
    ["<!channel>", "<@U1>", "*" * 300, "👩‍👩‍👧‍👦" * 40, "\u202eabc", "&amp;", "x" * 3000]
)
FILTERS = st.builds(
    Filters,
    applications=st.lists(TEXT, max_size=4).map(tuple),
    words=st.lists(TEXT, max_size=4).map(tuple),
    authors=st.lists(TEXT, max_size=4).map(tuple),
    status=st.none() | TEXT,
)


def pinging(part: Any) -> bool:
    """Whether anything in the blocks mentions somebody."""
    if isinstance(part, list | tuple):
        return any(map(pinging, part))
    if not isinstance(part, dict):
        return False
    if part.get("type") == "mrkdwn":
        return any(mark in part["text"] for mark in ("<!channel", "<!here", "<!everyone", "<@"))
    return part.get("type") in ("user", "usergroup", "broadcast") or pinging(list(part.values()))


@settings(max_examples=60)
@given(name=TEXT, filters=FILTERS, reason=TEXT, actor=TEXT)
def test_any_digest_can_be_told_and_mentions_nobody(name, filters, reason, actor):
    one = subscription(name=name, filters=filters, number=7, channel_id="C1").paused(reason)
    messages = [
        format_list([Entry(one, SENT)] * 1, NOW, channel_id="C1"),
        format_why(one, RESULTS, NOW),
        previewed(one),
        *(told.announcement(change, one, actor, NOW) for change in Change),
        *(told.confirmation(change, one, NOW, "undo") for change in Change),
    ]
    for message in messages:
        assert not pinging(message.blocks)
        assert "<" not in message.text


def test_why_says_what_decided_about_a_message_of_which_nobody_knows():
    unknown = Result(NOW, Ended.UNKNOWN, NOW, deployments=3, reason="no answer")
    text = format_why(subscription(), [unknown], NOW).text
    assert "I am still finding out" in text
    assert "UNKNOWN_DELIVERY" not in text
    text = format_why(subscription(), [replace(unknown, ended=Ended.NEVER_KNOWN)] * 2, NOW).text
    assert text.count("not sent again") == 2
    assert text.count("the setting UNKNOWN_DELIVERY decided") == 1
    assert text.count("channels:history") == 1


def test_a_refusal_of_slack_is_told_in_words():
    refused = Result(NOW, Ended.FAILED, NOW, reason="not_in_channel")
    assert "not sent: I am not in the channel" in format_why(subscription(), [refused], NOW).text
    other = replace(refused, reason="msg_blocks_too_long")
    assert "not sent: Slack refused my message (msg_blocks_too_long)" in format_why(subscription(), [other], NOW).text
    announced = told.not_announced(told.cancelled(), "is_archived").text
    assert "I could not announce it: the channel is archived." in announced


def test_an_announcement_is_one_line_that_stays_true():
    for change in Change:
        message = told.announcement(change, subscription(number=1, name="Bills"), "jane.doe", NOW)
        assert len(message.blocks) == 1
        assert "\n" not in message.text
        assert "tomorrow" not in message.text
        assert "(in " not in message.text
        assert ("Tue 24 Nov 09:30 CET." in message.text) == (change not in (Change.PAUSED, Change.REMOVED))


def test_what_is_no_channel_is_not_called_one():
    one = subscription(number=1, channel_id="D1")
    messages = [
        told.announcement(Change.SUBSCRIBED, one, "jane.doe", NOW),
        told.confirmation(Change.SUBSCRIBED, one, NOW),
        format_list([Entry(one)], NOW, channel_id="D1"),
        format_list([], NOW, channel_id="D1"),
    ]
    for message in messages:
        assert "onversation" in message.text
        assert "channel" not in message.text


@pytest.mark.parametrize(
    ("schedule", "now", "words"),
    [
        (Schedule(WEEKDAYS, time(9, 30), "Europe/Berlin"), NOW, "tomorrow, Tue 24 Nov 09:30 CET (in 22 h 30 min)"),
        (Schedule(WEEKDAYS, time(18, 0), "Europe/Berlin"), NOW, "today, Mon 23 Nov 18:00 CET (in 7 h)"),
        (Schedule(frozenset({Weekday.MONDAY}), time(9), "UTC"), NOW, "in 7 days, Mon 30 Nov 09:00 UTC (in 6 d 23 h)"),
        (
            Schedule(EVERY_DAY, time(2, 30), "Europe/Berlin"),
            datetime(2027, 3, 28, 0, 0, tzinfo=UTC),
            "today, Sun 28 Mar 03:00 CEST (in 1 h)",
        ),
    ],
)
def test_the_next_due_time_is_told_in_words_and_as_a_date_with_its_zone(schedule, now, words):
    assert due_in_words(schedule, now) == words
    assert next_in_words(subscription(schedule=schedule), now) == words


def test_lists_are_cut_into_pages_that_slack_takes_and_that_hold_every_digest_once():
    names = ["x" * 60] * 35
    entries = [Entry(subscription(f"s{n}", number=n, name=name), SENT) for n, name in enumerate(names, start=1)]
    pages = [format_list(entries, NOW, channel_id="C1", page=page) for page in range(1, 5)]
    numbers = [n for page in pages for n in range(1, 36) if f"#{n} x" in str(page.blocks)]
    assert numbers == list(range(1, 36))
    assert format_list(entries, NOW, channel_id="C1", page=99) == pages[-1]
    assert "1–10 of 35 · page 1 of 4" in pages[0].text


def test_home_holds_many_digests_and_says_how_many_it_does_not_show():
    entries = [Entry(subscription(f"s{n}", number=n, name="x" * 60), SENT) for n in range(1, 60)]
    blocks = [block.to_dict() for block in home_digests(entries, NOW)]
    view = home_view(project="default", environment="p", zone="UTC", ask=lambda c, t: f"{c} {t}", digests=blocks)
    assert violations(view, "home") == []
    assert f"{IN_HOME} of 59" in str(blocks)
    assert "In <#C1>" in str(blocks)


def test_an_example_that_is_too_long_is_cut_and_says_so():
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2_900}}
    shown = seen(subscription(number=1))
    message = format_preview(shown, Message("x" * 3_900, (block,) * 4), decision=SUBSCRIBE, value="drafted")
    assert message.blocks.count(block) == 3
    assert "3 of 4 parts of it shown" in str(message.blocks)
    assert "digest-subscribe" in str(message.blocks[-1])
    assert "In the last 7 days" in message.text


def test_a_modal_names_the_channel_and_shows_the_buttons_above_the_example():
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "example"}}
    shown = format_preview(seen(subscription()), Message("x", (block,)), decision=SUBSCRIBE, value="v", first=True)
    in_modal = told.in_modal(shown, "C1")
    where, *_, above, _, _, last = in_modal.blocks
    assert "In <#C1>" in str(where)
    assert "digest-subscribe" in str(above)
    assert last == block
    assert str(in_modal.blocks).count("digest-subscribe") == 1
    assert in_modal.text.startswith("In <#C1>\n")
    assert "direct message" in str(told.in_modal(shown, "D1").blocks[0])


def test_many_overlaps_are_counted():
    others = [subscription(f"o{number}", number=number) for number in range(1, 9)]
    text = previewed(subscription("mine"), *others).text
    assert text.count("is in the same channel already") == 2
    assert "⚠️ … and 6 more digests there" in text


@pytest.mark.parametrize(
    ("mine", "theirs", "words"),
    [
        (Filters(), Filters(), "tells all of these 3 deployments, too"),
        (Filters(), Filters(status="failed"), "tells 1 of these 3 deployments, too"),
        (Filters(status="failed"), Filters(), "tells this one deployment, too"),
        (Filters(applications=("search",)), Filters(), "may tell the same"),
    ],
)
def test_an_overlap_is_told_as_it_is(mine, theirs, words):
    other = subscription("other", number=1, filters=theirs)
    assert f"is in the same channel already and {words}." in previewed(subscription("mine", filters=mine), other).text


KEYS = Keys(["default", "mobile"], ["production", "staging"], ["billing"], ["search"])
FORM = Form("default", "production", ("billing",), WEEKDAYS, time(9, 30), "Europe/Berlin", "by:jane.doe", True, "Bills")


def test_the_form_is_a_view_that_slack_takes():
    view = form_view(FORM, KEYS, title="New digest", metadata="m", now=NOW)
    assert violations(view, "modal") == []
    assert "tomorrow, Tue 24 Nov 09:30 CET" in str(view)


def test_the_form_asks_first_for_the_channel_where_it_is_not_known():
    view = form_view(FORM, KEYS, title="New digest", metadata="m", now=NOW, asks_channel=True)
    assert violations(view, "modal") == []
    field = view["blocks"][0]
    assert field["element"]["type"] == "conversations_select"
    assert field["element"]["filter"] == {"include": ["public", "private"], "exclude_external_shared_channels": True}
    assert not field["optional"]
    assert not field["element"].get("default_to_current_conversation")
    assert view["blocks"][1:] == form_view(FORM, KEYS, title="New digest", metadata="m", now=NOW)["blocks"]


def test_an_empty_form_is_one_too():
    view = form_view(Form("", ""), Keys(["a"], ["b"], [], []), title="New digest", metadata="", now=NOW)
    assert violations(view, "modal") == []
    assert "choose a day" in str(view)


@pytest.mark.parametrize("count", [99, 100, 101, 250, 3_000])
def test_a_big_company_has_room_in_the_form(count):
    keys = [f"{number:04}-{'key' * 20}" for number in range(count)]
    view = form_view(
        Form(keys[-1], keys[-1]),
        Keys(keys, keys, keys[: count // 3], keys[count // 3 :]),
        title="x",
        metadata="",
        now=NOW,
    )
    assert violations(view, "modal") == []
    assert ("of 3,000 are offered" in str(view)) == (count == 3_000)
    assert chosen_in(view, 0) == keys[-1]


def test_a_project_among_many_stays_chosen():
    keys = [f"p{number}" for number in range(300)]
    view = form_view(Form("p250", "e"), Keys(keys, ["e"], [], []), title="x", metadata="", now=NOW)
    assert chosen_in(view, 0) == "p250"
    groups = view["blocks"][0]["element"]["option_groups"]
    assert sum(len(group["options"]) for group in groups) == 251
    assert view["blocks"][0]["hint"]["text"].startswith("251 of 300 are offered")


def chosen_in(view: dict[str, Any], block: int) -> str:
    return str(view["blocks"][block]["element"]["initial_option"]["value"])


def test_every_message_is_snapshot_under_a_name_of_its_own():
    assert len({message().text for message in MESSAGES.values()}) > len(MESSAGES) - 4
