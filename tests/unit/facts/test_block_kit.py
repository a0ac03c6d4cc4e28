"""Each limit twice: a payload at it is taken, one beyond it is refused at the right place."""

from __future__ import annotations

from typing import Any

import pytest

from bot.facts.block_kit import text_length, violations


def plain(length: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": "x" * length}


def mrkdwn(length: int) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": "x" * length}


def button(**changes) -> dict[str, Any]:
    return {"type": "button", "text": plain(1), **changes}


def option(text: int = 1, value: int = 1, **changes) -> dict[str, Any]:
    return {"text": plain(text), "value": "v" * value, **changes}


def select(**changes) -> dict[str, Any]:
    return {"type": "static_select", "options": [option()], **changes}


def conversations(**filter) -> dict[str, Any]:
    return {"type": "conversations_select", "filter": filter, "default_to_current_conversation": False}


def confirm(title: int = 1, text: int = 1, yes: int = 1, no: int = 1) -> dict[str, Any]:
    return {"title": plain(title), "text": plain(text), "confirm": plain(yes), "deny": plain(no)}


def actions(*elements: dict[str, Any], **changes) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **changes}


def context(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "context", "elements": list(elements)}


def image(url: int = 1, alt: int = 1, title: int = 1) -> dict[str, Any]:
    return {"type": "image", "image_url": "u" * url, "alt_text": "a" * alt, "title": plain(title)}


def rich_section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": list(elements)}


def rich_list(indent: int = 0, style: str = "bullet") -> dict[str, Any]:
    item = rich_section({"type": "text", "text": "x"})
    return rich({"type": "rich_text_list", "style": style, "indent": indent, "elements": [item]})


def cell(length: int = 1) -> dict[str, Any]:
    return {"type": "raw_text", "text": "c" * length}


def table(rows: int = 1, columns: int = 1, length: int = 1, settings: int = 1) -> dict[str, Any]:
    cells = [[cell(length) for _ in range(columns)] for _ in range(rows)]
    return {"type": "table", "rows": cells, "column_settings": [None, *[{"align": "left"}] * (settings - 1)]}


def section(length: int = 1, **changes) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(length), **changes}


def fields(count: int = 1, length: int = 1) -> dict[str, Any]:
    return {"type": "section", "fields": [mrkdwn(length)] * count}


def buttons(count: int) -> dict[str, Any]:
    return actions(*(button(action_id=str(index)) for index in range(count)))


BLOCKS = [
    # what, at the limit, beyond it, where
    ("section text", section(3_000), section(3_001), "/text/text"),
    ("section text, empty", section(1), section(0), "/text/text"),
    ("section without content", section(), {"type": "section"}, ""),
    ("section fields", fields(10), fields(11), "/fields"),
    ("section fields, empty", fields(1), fields(0), "/fields"),
    ("section field text", fields(1, 2_000), fields(1, 2_001), "/fields/0/text"),
    ("header", {"type": "header", "text": plain(150)}, {"type": "header", "text": plain(151)}, "/text/text"),
    ("header in mrkdwn", {"type": "header", "text": plain(1)}, {"type": "header", "text": mrkdwn(1)}, "/text/type"),
    ("context elements", context(*[mrkdwn(1)] * 10), context(*[mrkdwn(1)] * 11), "/elements"),
    ("context, empty", context(mrkdwn(1)), context(), "/elements"),
    ("context text", context(mrkdwn(3_000)), context(mrkdwn(3_001)), "/elements/0/text"),
    ("actions elements", buttons(25), buttons(26), "/elements"),
    ("actions, empty", buttons(1), actions(), "/elements"),
    ("image url", image(url=3_000), image(url=3_001), "/image_url"),
    ("image alt text", image(alt=2_000), image(alt=2_001), "/alt_text"),
    ("image without alt text", image(), {"type": "image", "image_url": "u"}, ""),
    ("image without a source", image(), {"type": "image", "alt_text": "a"}, ""),
    ("image title", image(title=2_000), image(title=2_001), "/title/text"),
    ("rich text indent", rich_list(8), rich_list(9), "/elements/0/indent"),
    ("rich text list style", rich_list(0, "ordered"), rich_list(0, "dotted"), "/elements/0/style"),
    ("rich text, empty", rich_list(), rich(), "/elements"),
    ("rich text section, empty", rich_list(), rich(rich_section()), "/elements/0/elements"),
    (
        "rich text, empty text",
        rich(rich_section({"type": "text", "text": "x"})),
        rich(rich_section({"type": "text", "text": ""})),
        "/elements/0/elements/0/text",
    ),
    (
        "rich text date",
        rich(rich_section({"type": "date", "timestamp": 1, "format": "{time}"})),
        rich(rich_section({"type": "date", "timestamp": 1.5, "format": "{time}"})),
        "/elements/0/elements/0/timestamp",
    ),
    ("table rows", table(rows=100), table(rows=101), "/rows"),
    ("table columns", table(columns=20), table(columns=21), "/rows/0"),
    ("table column settings", table(settings=20), table(settings=21), "/column_settings"),
    ("table cell, empty", table(), table(length=0), "/rows/0/0/text"),
    ("markdown, empty", {"type": "markdown", "text": "x"}, {"type": "markdown", "text": ""}, "/text"),
    ("block_id", {"type": "divider", "block_id": "b" * 255}, {"type": "divider", "block_id": "b" * 256}, "/block_id"),
    ("text that is no string", section(), {"type": "section", "text": {"type": "mrkdwn", "text": 7}}, "/text/text"),
    ("text object that is a string", section(), {"type": "section", "text": "bare"}, "/text"),
    ("elements that are no array", context(mrkdwn(1)), {"type": "context", "elements": {}}, "/elements"),
    (
        "number in a cell",
        table(),
        {"type": "table", "rows": [[{"type": "raw_number", "value": "7"}]]},
        "/rows/0/0/value",
    ),
    ("unknown block type", {"type": "divider"}, {"type": "chart"}, "/type"),
    ("unknown field", {"type": "divider"}, {"type": "divider", "colour": "red"}, "/colour"),
    ("not a block", {"type": "divider"}, "divider", ""),
]
ELEMENTS = [
    ("action_id", button(action_id="a" * 255), button(action_id="a" * 256), "/action_id"),
    ("button text", button(text=plain(75)), button(text=plain(76)), "/text/text"),
    ("button value", button(value="v" * 2_000), button(value="v" * 2_001), "/value"),
    ("button url", button(url="u" * 3_000), button(url="u" * 3_001), "/url"),
    ("button style", button(style="danger"), button(style="default"), "/style"),
    (
        "button label",
        button(accessibility_label="l" * 75),
        button(accessibility_label="l" * 76),
        "/accessibility_label",
    ),
    ("confirm title", button(confirm=confirm(100)), button(confirm=confirm(101)), "/confirm/title/text"),
    ("confirm text", button(confirm=confirm(1, 300)), button(confirm=confirm(1, 301)), "/confirm/text/text"),
    ("confirm button", button(confirm=confirm(1, 1, 30)), button(confirm=confirm(1, 1, 31)), "/confirm/confirm/text"),
    ("deny button", button(confirm=confirm(1, 1, 1, 30)), button(confirm=confirm(1, 1, 1, 31)), "/confirm/deny/text"),
    ("select options", select(options=[option()] * 100), select(options=[option()] * 101), "/options"),
    ("select, empty", select(), select(options=[]), "/options"),
    ("select without options", select(), {"type": "static_select"}, ""),
    ("select placeholder", select(placeholder=plain(150)), select(placeholder=plain(151)), "/placeholder/text"),
    ("option text", select(options=[option(75)]), select(options=[option(76)]), "/options/0/text/text"),
    ("option value", select(options=[option(1, 150)]), select(options=[option(1, 151)]), "/options/0/value"),
    (
        "option description",
        select(options=[option(description=plain(75))]),
        select(options=[option(description=plain(76))]),
        "/options/0/description/text",
    ),
    (
        "overflow options",
        {"type": "overflow", "options": [option()] * 5},
        {"type": "overflow", "options": [option()] * 6},
        "/options",
    ),
    (
        "option url outside an overflow",
        {"type": "overflow", "options": [option(url="u")]},
        select(options=[option(url="u")]),
        "/options/0/url",
    ),
    ("option that is no object", select(), select(options=["a"]), "/options/0"),
    (
        "option groups",
        select(option_groups=[{"label": plain(75), "options": [option()]}] * 100),
        select(option_groups=[{"label": plain(75), "options": [option()]}] * 101),
        "/option_groups",
    ),
    (
        "radio buttons",
        {"type": "radio_buttons", "options": [option()] * 10},
        {"type": "radio_buttons", "options": [option()] * 11},
        "/options",
    ),
    (
        "conversation filter",
        conversations(include=["public", "private"], exclude_external_shared_channels=True, exclude_bot_users=True),
        conversations(),
        "/filter",
    ),
    ("kinds of conversation", conversations(include=["im"]), conversations(include=[]), "/filter/include"),
    (
        "unknown kind of conversation",
        conversations(include=["mpim"]),
        conversations(include=["group"]),
        "/filter/include/0",
    ),
    (
        "filter of a menu without one",
        conversations(exclude_bot_users=False),
        {"type": "channels_select", "filter": {"include": ["public"]}},
        "/filter",
    ),
    ("focus", select(focus_on_load=True), select(focus_on_load=1), "/focus_on_load"),
]


def refusals(payload: dict[str, Any], surface: str = "message") -> list[tuple[str, str]]:
    return [(v.pointer, v.code) for v in violations(payload, surface)]


def with_blocks(*blocks) -> dict[str, Any]:
    return {"text": "said", "blocks": list(blocks)}


@pytest.mark.parametrize(("at", "beyond", "where"), [row[1:] for row in BLOCKS], ids=[row[0] for row in BLOCKS])
def test_a_block_is_taken_at_its_limit_and_refused_beyond(at, beyond, where):
    assert refusals(with_blocks(at)) == []
    assert refusals(with_blocks({"type": "divider"}, beyond)) == [(f"/blocks/1{where}", "invalid_blocks")]


@pytest.mark.parametrize(("at", "beyond", "where"), [row[1:] for row in ELEMENTS], ids=[row[0] for row in ELEMENTS])
def test_an_element_is_taken_at_its_limit_and_refused_beyond(at, beyond, where):
    assert refusals(with_blocks(actions(at))) == []
    assert refusals(with_blocks(actions(beyond))) == [(f"/blocks/0/elements/0{where}", "invalid_blocks")]
    assert refusals(with_blocks(section(accessory=at))) == []


MESSAGES = [
    ("text", {"text": "t" * 4_000}, {"text": "t" * 4_001}, ("/text", "msg_too_long")),
    ("no text", {"text": "t"}, {"text": ""}, ("/text", "no_text")),
    ("text of another type", {"text": "t"}, {"text": 7}, ("/text", "invalid_arguments")),
    (
        "blocks",
        with_blocks(*[{"type": "divider"}] * 50),
        with_blocks(*[{"type": "divider"}] * 51),
        ("/blocks", "invalid_blocks"),
    ),
    (
        "blocks of another type",
        {"text": "t", "blocks": []},
        {"text": "t", "blocks": "[]"},
        ("/blocks", "invalid_blocks_format"),
    ),
    (
        "text over all blocks",
        with_blocks(*[section(2_100)] * 5),
        with_blocks(*[section(2_100)] * 5, section(1)),
        ("/blocks", "msg_blocks_too_long"),
    ),
    (
        "attachments",
        {"text": "t", "attachments": [{}] * 100},
        {"text": "t", "attachments": [{}] * 101},
        ("/attachments", "too_many_attachments"),
    ),
    (
        "block ids",
        with_blocks({"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "b"}),
        with_blocks({"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}),
        ("/blocks/1/block_id", "invalid_blocks"),
    ),
    (
        "action ids in one block",
        with_blocks(actions(button(action_id="a")), actions(button(action_id="a"))),
        with_blocks(actions(button(action_id="a"), button(action_id="a"))),
        ("/blocks/0", "invalid_blocks"),
    ),
    ("tables", with_blocks(table()), with_blocks(table(), table()), ("/blocks/1", "only_one_table_allowed")),
    (
        "table text",
        with_blocks(table(rows=100, columns=10, length=10)),
        with_blocks(
            table(rows=100, columns=10, length=10) | {"rows": [[cell(10)] * 10] * 99 + [[cell(10)] * 9 + [cell(11)]]}
        ),
        ("/blocks/0", "invalid_blocks"),
    ),
    (
        "alert in a message",
        with_blocks({"type": "divider"}),
        with_blocks({"type": "alert"}),
        ("/blocks/0/type", "invalid_blocks"),
    ),
]


@pytest.mark.parametrize(("at", "beyond", "refusal"), [row[1:] for row in MESSAGES], ids=[row[0] for row in MESSAGES])
def test_a_message_is_taken_at_its_limit_and_refused_beyond(at, beyond, refusal):
    assert refusals(at) == []
    assert refusals(beyond) == [refusal]


def view(kind: str = "modal", **changes) -> dict[str, Any]:
    made = {"type": kind, "blocks": [section()], **changes}
    return made | ({"title": plain(1)} if kind == "modal" and "title" not in made else {})


INPUT = {"type": "input", "label": plain(2_000), "element": {"type": "plain_text_input"}}
VIEWS = [
    ("title", "modal", view(title=plain(24)), view(title=plain(25)), ("/title/text", "invalid_arguments")),
    ("submit", "modal", view(submit=plain(24)), view(submit=plain(25)), ("/submit/text", "invalid_arguments")),
    ("close", "modal", view(close=plain(24)), view(close=plain(25)), ("/close/text", "invalid_arguments")),
    (
        "metadata",
        "modal",
        view(private_metadata="m" * 3_000),
        view(private_metadata="m" * 3_001),
        ("/private_metadata", "invalid_arguments"),
    ),
    (
        "callback",
        "modal",
        view(callback_id="c" * 255),
        view(callback_id="c" * 256),
        ("/callback_id", "invalid_arguments"),
    ),
    (
        "blocks",
        "modal",
        view(blocks=[section()] * 100),
        view(blocks=[section()] * 101),
        ("/blocks", "invalid_arguments"),
    ),
    (
        "home blocks",
        "home",
        view("home", blocks=[section()] * 100),
        view("home", blocks=[section()] * 101),
        ("/blocks", "invalid_arguments"),
    ),
    ("home has no title", "home", view("home"), view("home", title=plain(1)), ("/title", "invalid_arguments")),
    ("kind", "home", view("home"), view("home") | {"type": "modal"}, ("/type", "invalid_arguments")),
    (
        "submit of an input",
        "modal",
        view(blocks=[INPUT], submit=plain(1)),
        view(blocks=[INPUT]),
        ("/submit", "invalid_arguments"),
    ),
    (
        "input label",
        "modal",
        view(blocks=[INPUT], submit=plain(1)),
        view(blocks=[INPUT | {"label": plain(2_001)}], submit=plain(1)),
        ("/blocks/0/label/text", "invalid_arguments"),
    ),
    (
        "input hint",
        "modal",
        view(blocks=[INPUT | {"hint": plain(2_000)}], submit=plain(1)),
        view(blocks=[INPUT | {"hint": plain(2_001)}], submit=plain(1)),
        ("/blocks/0/hint/text", "invalid_arguments"),
    ),
    ("table in a modal", "modal", view(), view(blocks=[table()]), ("/blocks/0/type", "invalid_arguments")),
    (
        "markdown in a home",
        "home",
        view("home"),
        view("home", blocks=[{"type": "markdown", "text": "x"}]),
        ("/blocks/0/type", "invalid_arguments"),
    ),
    ("size", "modal", view(blocks=[section(2_400)] * 100), view(blocks=[section(2_600)] * 100), ("", "view_too_large")),
]


@pytest.mark.parametrize(
    ("surface", "at", "beyond", "refusal"), [row[1:] for row in VIEWS], ids=[row[0] for row in VIEWS]
)
def test_a_view_is_taken_at_its_limit_and_refused_beyond(surface, at, beyond, refusal):
    assert refusals(at, surface) == []
    assert refusals(beyond, surface) == [refusal]


def test_a_message_may_consist_of_blocks_alone():
    assert refusals({"blocks": [section()]}) == []


def test_length_is_counted_in_code_points_as_slack_counts():
    assert refusals(with_blocks({"type": "header", "text": {"type": "plain_text", "text": "🚀" * 150}})) == []


def test_text_in_blocks_counts_links_and_fallbacks_but_not_what_nobody_reads():
    link = {"type": "link", "url": "https://a.example", "text": "ab"}
    date = {"type": "date", "timestamp": 1, "format": "{time}", "fallback": "abc"}
    assert text_length([rich(rich_section(link, date)), actions(button(value="v" * 99))]) == 17 + 2 + 3 + 1


def test_every_fault_of_a_payload_is_told():
    assert refusals(with_blocks(section(0), {"type": "nope"}, actions())) == [
        ("/blocks/0/text/text", "invalid_blocks"),
        ("/blocks/1/type", "invalid_blocks"),
        ("/blocks/2/elements", "invalid_blocks"),
    ]


def test_pointers_escape_as_json_pointers_do():
    assert refusals(with_blocks({"type": "divider", "a/b~c": 1})) == [("/blocks/0/a~1b~0c", "invalid_blocks")]
