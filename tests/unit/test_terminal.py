from __future__ import annotations

import io
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.formatting.message import Message
from bot.terminal import print_message

URL = "https://github.com/acme/billing/pull/406"
DATE = "<!date^1795428120^{date_short_pretty} at {time}|Mon 23 Nov 10:02 UTC>"  # 2026-11-23T10:02Z


def printed(*blocks: dict[str, Any], text: str = "", width: int = 80, links: bool = False, zone: str = "") -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=links, color_system="truecolor" if links else None)
    print_message(Message(text, blocks), console, ZoneInfo(zone) if zone else None)
    return out.getvalue()


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": list(elements)}


def rich_section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def rich_list(*items: dict[str, Any], indent: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": "rich_text_list", "style": "bullet", "indent": indent, "elements": list(items), **more}


def words(text: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def test_a_whole_message():
    message = printed(
        {"type": "header", "text": {"type": "plain_text", "text": "Release notes & more"}},
        mrkdwn("*3 deployments* to `production`\nsince yesterday"),
        rich(
            rich_section(words("billing-service", bold=True)),
            rich_list(rich_section({"type": "link", "url": URL, "text": "#406"}, words(" Round half up"))),
            rich_list(rich_section(words("touches new-checkout")), indent=1),
        ),
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": f"as of {DATE}"}]},
        {
            "type": "actions",
            "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Next"}, "value": "2"}],
        },
        width=40,
    )
    assert message.splitlines() == [
        "Release notes & more",
        "",
        "3 deployments to production",
        "since yesterday",
        "billing-service",
        "• #406 [1] Round half up",
        "  ◦ touches new-checkout",
        "─" * 40,
        "as of Mon 23 Nov 10:02 UTC",
        "",
        f"[1] {URL}",
    ]


def test_long_lines_wrap_under_the_first_word_of_their_bullet():
    item = rich_list(rich_section(words("one two three four five")), indent=1)
    assert printed(rich(item), width=20).splitlines() == ["  ◦ one two three", "    four five"]
    assert printed(mrkdwn("• one two three four"), width=16).splitlines() == ["• one two three", "  four"]


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal_nor_ends_in_spaces(width):
    text = " ".join(["word"] * 100)
    lines = printed(mrkdwn(text), rich(rich_list(rich_section(words(text)))), width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert all(line == line.rstrip() for line in lines)


def test_links_are_clickable_where_the_terminal_has_them():
    for block in (mrkdwn(f"<{URL}|#406>"), rich(rich_section({"type": "link", "url": URL, "text": "#406"}))):
        shown = printed(block, links=True)
        assert re.search(
            rf"\x1b\]8;[^;]*;{re.escape(URL)}\x1b\\#406\x1b\]8;;\x1b\\", re.sub(r"\x1b\[[\d;]*m", "", shown)
        )
        assert "[1]" not in shown


def test_elsewhere_each_address_stands_once_and_whole_at_the_end():
    long = "https://github.com/" + "x" * 200
    lines = printed(mrkdwn(f"<{URL}|#406>, <{long}|#407>, <{URL}|again>, <{URL}>"), width=60).splitlines()
    assert lines == ["#406 [1], #407 [2], again [1],", URL, "", f"[1] {URL}", f"[2] {long}"]


def test_a_button_that_opens_an_address_is_a_link():
    button = {"type": "button", "text": {"type": "plain_text", "text": "Open"}, "url": URL}
    assert printed({"type": "actions", "elements": [button]}).splitlines() == ["Open [1]", "", f"[1] {URL}"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "", "https//x"])
def test_an_address_that_is_no_web_address_is_not_linked(url):
    shown = printed(rich(rich_section({"type": "link", "url": url, "text": "label"})), links=True)
    assert "label" in shown
    assert "\x1b]8" not in shown


def test_dates_are_shown_in_the_given_zone_with_its_name():
    assert printed(mrkdwn(DATE), zone="Europe/Berlin") == "Mon 23 Nov 2026 at 11:02 CET\n"
    date = {"type": "date", "timestamp": 1795428120, "format": "{date_num} {time_secs} ({ago})", "fallback": "then"}
    assert printed(rich(rich_section(date)), zone="Europe/Berlin") == "2026-11-23 11:02:00 CET\n"


def test_dates_without_a_zone_are_their_fallback():
    assert printed(mrkdwn(DATE)) == "Mon 23 Nov 10:02 UTC\n"
    assert printed(rich(rich_section({"type": "date", "timestamp": 1795428120, "format": "{time}"}))) == "10:02 UTC\n"
    assert printed(mrkdwn("<!date^99999999999999^{time}|some day>"), zone="UTC") == "some day\n"


def test_mark_up_becomes_style_and_what_is_escaped_becomes_text():
    shown = printed(mrkdwn("*bold _both_* ~gone~ `a_b*c` &lt;b&gt; &amp;amp; snake_case_name 2*3*4"), links=True)
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown)
    assert plain == "bold both gone a_b*c <b> &amp; snake_case_name 2*3*4\n"
    assert "\x1b[1mbold \x1b[0m\x1b[1;3mboth\x1b[0m" in shown
    assert "\x1b[9mgone\x1b[0m" in shown
    assert "\x1b[36ma_b*c\x1b[0m" in shown


def test_mentions_are_names_and_rich_text_is_not_parsed():
    assert printed(mrkdwn("<@U1|jane> <#C1|general> <!channel> <@U2>")) == "@jane #general @channel @U2\n"
    assert (
        printed(rich(rich_section(words("*a* <b> [red]x[/red] :tada: &amp;")))) == "*a* <b> [red]x[/red] :tada: &amp;\n"
    )
    named = [
        {"type": "user", "user_id": "U1"},
        {"type": "broadcast", "range": "here"},
        {"type": "emoji", "name": "tada"},
    ]
    assert printed(rich(rich_section(*named))) == "@U1@here🎉\n"


def test_other_blocks():
    fields = {
        "type": "section",
        "fields": [{"type": "mrkdwn", "text": "*Env*"}, {"type": "plain_text", "text": "prod"}],
    }
    assert printed(fields) == "Env\nprod\n"
    cell = {"type": "rich_text", "elements": [rich_section(words("b"))]}
    rows: list[list[dict[str, Any]]] = [[{"type": "raw_text", "text": "App"}, {"type": "raw_text", "text": "N"}]]
    rows.append([cell, {"type": "raw_number", "value": 12}])
    assert [line.rstrip() for line in printed({"type": "table", "rows": rows}).splitlines()] == ["App  N", "b    12"]
    assert printed({"type": "image", "alt_text": "a chart", "image_url": "x"}) == "[a chart]\n"
    assert printed({"type": "carousel"}, rich({"type": "rich_text_new"})) == "[carousel]\n\n[rich_text_new]\n"
    quoted = {"type": "rich_text_quote", "elements": [words("a\nb")]}
    assert printed(rich(quoted, {**quoted, "type": "rich_text_preformatted"})) == "│ a\n│ b\n  a\n  b\n"
    ordered = rich_list(rich_section(words("x")), rich_section(words("y")), style="ordered", offset=1)
    assert printed(rich(ordered)) == "2. x\n3. y\n"
    assert printed(mrkdwn("```a\n  b```\n&gt; said")) == "a\n  b\n> said\n"
    icon = {"type": "context", "elements": [{"type": "image", "alt_text": "icon"}, {"type": "mrkdwn", "text": "t"}]}
    assert printed(icon) == "icon  t\n"


def test_a_message_without_blocks_is_its_text():
    assert printed(text=f"Two\n<{URL}|lines> &amp; more") == f"Two\nlines [1] & more\n\n[1] {URL}\n"


HOSTILE = "a\x1b[31mb\x1b]8;;http://evil\x07c\x9b2Jd\re\x00f\u202eg\u2066h\x7f"


def hostile_blocks(text: str) -> list[dict[str, Any]]:
    link = {"type": "link", "url": f"https://x.example/{text}", "text": text}
    inline = [words(text, bold=True), link, {"type": "date", "timestamp": text, "fallback": text}, {"type": text}]
    return [
        mrkdwn(text),
        mrkdwn(f"<https://x.example/{text}|{text}> <!date^{text}^{text}|{text}> *{text}*"),
        {"type": "header", "text": {"type": "plain_text", "text": text}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": text}, {"type": "image", "alt_text": text}]},
        rich(rich_section(*inline), rich_list(rich_section(*inline)), {"type": text}),
        {"type": "table", "rows": [[{"type": "raw_text", "text": text}], [{"type": "raw_text", "text": text}]]},
        {"type": "image", "alt_text": text},
        {
            "type": "actions",
            "elements": [{"type": "button", "text": {"type": "plain_text", "text": text}, "url": text}],
        },
        {"type": text},
    ]


def test_strangers_text_cannot_steer_the_terminal():
    shown = printed(*hostile_blocks(HOSTILE), text=HOSTILE)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    linked = printed(*hostile_blocks(HOSTILE), links=True)
    ours = re.sub(r"\x1b\[[\d;]*m|\x1b\]8;[^\x1b\x07]*\x1b\\", "", linked)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", ours)
    assert "http://evil\x07" not in linked
    assert "\x1b[31m" not in linked


@given(st.text(max_size=60) | st.text("*_~`<>|!@#^&;[]/\\ \n•x", max_size=60))
def test_any_text_is_shown_without_control_characters(text):
    for message in (printed(*hostile_blocks(text), text=text), printed(text=text)):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", message)
