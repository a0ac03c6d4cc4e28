"""What can be clicked, chosen and typed in blocks."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack import NotPossible
from bot.sandbox.slack.elements import (
    action,
    answer,
    conversation_kinds,
    find,
    initial_state,
    kept_state,
    unanswered,
    with_ids,
)


def option(value: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": value.title()}, "value": value}


def element(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "action_id": "e", **more}


def form(*inputs: dict[str, Any], optional: bool = False) -> list[dict[str, Any]]:
    label = {"type": "plain_text", "text": "Label"}
    return [
        {"type": "input", "block_id": f"b{number}", "label": label, "element": one, "optional": optional}
        for number, one in enumerate(inputs)
    ]


OPTIONS = {"options": [option("red"), option("blue")]}
GROUPED = {"option_groups": [{"label": {}, "options": [option("red")]}, {"label": {}, "options": [option("blue")]}]}


@pytest.mark.parametrize(
    ("one", "given", "said"),
    [
        (element("plain_text_input"), "text", {"value": "text"}),
        (element("static_select", **OPTIONS), "Blue", {"selected_option": option("blue")}),
        (element("static_select", **GROUPED), "blue", {"selected_option": option("blue")}),
        (element("radio_buttons", **OPTIONS), "red", {"selected_option": option("red")}),
        (element("radio_buttons", **OPTIONS), None, {"selected_option": None}),
        (element("checkboxes", **OPTIONS), ["red", "blue"], {"selected_options": [option("red"), option("blue")]}),
        (element("multi_static_select", **OPTIONS), "red", {"selected_options": [option("red")]}),
        (element("datepicker"), "2026-11-23", {"selected_date": "2026-11-23"}),
        (element("timepicker"), "09:30", {"selected_time": "09:30"}),
        (element("conversations_select"), "C1", {"selected_conversation": "C1"}),
        (element("multi_users_select"), ["U1"], {"selected_users": ["U1"]}),
    ],
)
def test_each_element_says_what_was_given(one, given, said):
    assert answer(one, given) == {"type": one["type"], **said}


@pytest.mark.parametrize(
    ("one", "kinds"),
    [
        (element("conversations_select"), {"public", "private", "im", "mpim"}),
        (element("conversations_select", filter={"include": ["public", "private"]}), {"public", "private"}),
        (element("multi_conversations_select", filter={"exclude_bot_users": True}), {"public", "private", "mpim"}),
        (element("channels_select"), {"public"}),
        (element("users_select"), set()),
        (element("static_select", **OPTIONS), set()),
    ],
)
def test_a_menu_of_conversations_offers_the_kinds_that_its_filter_includes(one, kinds):
    assert conversation_kinds(one) == kinds


def test_what_is_not_offered_cannot_be_chosen():
    with pytest.raises(NotPossible, match="red, blue"):
        answer(element("static_select", **OPTIONS), "green")
    with pytest.raises(NotPossible, match="takes no value"):
        answer(element("button"), "x")


@pytest.mark.parametrize(
    ("one", "filled"),
    [
        (element("plain_text_input", initial_value="x"), {"value": "x"}),
        (element("plain_text_input"), {"value": None}),
        (element("static_select", initial_option=option("red"), **OPTIONS), {"selected_option": option("red")}),
        (element("checkboxes", initial_options=[option("red")], **OPTIONS), {"selected_options": [option("red")]}),
        (element("datepicker", initial_date="2026-11-23"), {"selected_date": "2026-11-23"}),
        (element("users_select", initial_user="U1"), {"selected_user": "U1"}),
    ],
)
def test_a_form_starts_with_its_initial_values(one, filled):
    assert initial_state(form(one)) == {"b0": {"e": {"type": one["type"], **filled}}}


def test_what_was_entered_stays_where_the_field_stayed_the_same():
    before = {"b0": {"e": {"type": "plain_text_input", "value": "kept"}}, "b1": {"e": {"type": "datepicker"}}}
    after = kept_state(form(element("plain_text_input"), element("timepicker")), before)
    assert after["b0"]["e"]["value"] == "kept"
    assert after["b1"]["e"] == {"type": "timepicker", "selected_time": None}


def test_required_fields_must_be_filled():
    blocks = form(element("plain_text_input"))
    assert unanswered(blocks, initial_state(blocks)) == ["Label"]
    assert unanswered(blocks, {"b0": {"e": {"type": "plain_text_input", "value": "x"}}}) == []
    assert unanswered(form(element("plain_text_input"), optional=True), {}) == []


def test_missing_ids_are_given_and_the_callers_blocks_left_alone():
    given = [{"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Go"}}]}]
    numbers = iter("12")
    [block] = with_ids(given, lambda prefix: prefix + next(numbers))
    assert (block["block_id"], block["elements"][0]["action_id"]) == ("b1", "a2")
    assert "block_id" not in given[0]


def test_two_buttons_with_one_action_are_told_apart_by_value():
    buttons = [{"type": "button", "action_id": "go", "value": v, "text": {"text": v}} for v in ("1", "2")]
    blocks = [{"type": "section", "block_id": "s", "accessory": buttons[0]}, {**form(buttons[1])[0]}]
    with pytest.raises(NotPossible, match="2 elements"):
        find(blocks, "go")
    block, found = find(blocks, "go", "2")
    said = action(block, found, {}, "1.2")
    assert (said["value"], said["block_id"], said["action_ts"]) == ("2", "b0", "1.2")
