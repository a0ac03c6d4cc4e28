"""The page itself: completion, keyboard, hostile words, every kind of block, dates, colours, phones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.slack.surface import COMMANDS
from tests.browser.desk import ZONE, at_desk, expect, new_context, running_playground

HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script> [a](javascript:alert(3)) <!channel> *b*'


def test_a_slash_offers_every_command_with_the_hint_of_the_manifest(desk):
    desk.box.press_sequentially("/")
    offers = desk.page.locator("#main .offers").get_by_role("option")
    expect(offers).to_have_count(len(COMMANDS))
    for command, offer in zip(COMMANDS, offers.all(), strict=True):
        expect(offer).to_contain_text(command.name)
        expect(offer).to_contain_text(command.usage_hint)
        expect(offer).to_contain_text(command.description)


def test_completion_by_keyboard(desk):
    desk.box.press_sequentially("/")
    desk.page.keyboard.press("ArrowDown")
    expect(desk.page.locator("#main .offers").get_by_role("option", selected=True)).to_contain_text("/release")
    desk.page.keyboard.press("Tab")
    expect(desk.box).to_have_value("/release ")
    expect(desk.page.locator("#main .offers")).to_be_hidden()
    expect(desk.page.locator("#main .usage")).to_contain_text("#406 | version | flag:key")
    desk.page.keyboard.type("@wha")
    desk.page.keyboard.press("Enter")
    expect(desk.box).to_have_value("/release @What Shipped ")


def test_escape_puts_the_offers_away_and_an_arrow_brings_back_what_was_sent(desk):
    desk.ask("/release #406")
    desk.page.keyboard.press("ArrowUp")
    expect(desk.box).to_have_value("/release #406")
    desk.box.fill("")
    desk.page.keyboard.type("/s")
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("#main .offers")).to_be_hidden()
    expect(desk.box).to_have_value("/s")


def test_a_question_can_be_asked_paged_and_shared_without_a_pointer(desk):
    expect(desk.box).to_be_focused()
    desk.page.keyboard.type("/shipped since:7d")
    desk.page.keyboard.press("Enter")
    answer = desk.messages.nth(1)
    following = answer.get_by_role("button", name="Next page")
    expect(following).to_be_visible()
    for _ in range(60):
        desk.page.keyboard.press("Shift+Tab")
        if following.evaluate("node => node === document.activeElement"):
            break
    expect(following).to_be_focused()
    assert following.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"
    desk.page.keyboard.press("Enter")
    expect(answer).to_contain_text("page 2 of")
    expect(following).to_be_focused()
    answer.get_by_role("button", name="Share to channel").focus()
    desk.page.keyboard.press("Enter")
    expect(desk.messages.nth(1)).to_contain_text("Shared by jane.doe")
    expect(desk.box).to_be_focused()


def test_an_unknown_command_stays_in_the_box_with_the_reason(desk):
    desk.box.fill("/nonsense now")
    desk.box.press("Enter")
    expect(desk.page.get_by_role("status").filter(has_text="/nonsense is not a valid command")).to_be_visible()
    expect(desk.box).to_have_value("/nonsense now")


def test_titles_of_strangers_stay_text(desk):
    answer = desk.ask("/shipped docs-site since:2d")
    expect(answer).to_contain_text("<!channel> *bold* `code` <https://evil.example|click>")
    expect(answer.locator(".mention")).to_have_count(0)
    expect(answer.get_by_role("link", name="click")).to_have_count(0)


def test_hostile_words_are_inert_wherever_they_stand(desk):
    typed = desk.ask(HOSTILE)
    expect(typed).to_contain_text(HOSTILE.replace("*b*", "b"))
    link = {"type": "link", "url": "javascript:alert(4)", "text": "press me"}
    plain = {"type": "plain_text", "text": HOSTILE}
    desk.post(
        text=HOSTILE,
        blocks=[
            {"type": "header", "text": plain},
            {"type": "section", "text": {"type": "mrkdwn", "text": "<javascript:alert(5)|press me too>"}},
            {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]},
            {"type": "image", "image_url": "https://evil.example/pixel.png", "alt_text": HOSTILE},
            {"type": HOSTILE, "text": HOSTILE},
        ],
    )
    shown = desk.messages.nth(2)
    expect(shown.get_by_role("heading")).to_have_text(HOSTILE)
    expect(shown.get_by_text("press me too")).to_be_visible()
    expect(shown.locator("a", has_text="press me")).to_have_count(0)
    expect(desk.page.locator("img:not(.avatar), main script, iframe, [onerror]")).to_have_count(0)


BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": {"type": "plain_text", "text": "A header"}},
    {
        "type": "section",
        "text": {
            "type": "mrkdwn",
            "text": "*bold* _italic_ ~struck~ `a*b*c` <@U0SAM> <#C0DEPLOYS> :rocket: :unheard_of: 2*3*4 &lt;b&gt;\n"
            "&gt; said",
        },
        "fields": [{"type": "mrkdwn", "text": "left"}, {"type": "plain_text", "text": "*right*"}],
        "accessory": {"type": "overflow", "action_id": "o", "options": [{"text": {"text": "Remove"}, "value": "r"}]},
    },
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "```fenced *code*```"}]},
    {
        "type": "table",
        "rows": [
            [{"type": "raw_text", "text": "Application"}, {"type": "raw_text", "text": "Times"}],
            [{"type": "raw_text", "text": "billing"}, {"type": "raw_number", "value": 7, "text": "7"}],
        ],
    },
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_list",
                "style": "bullet",
                "indent": 0,
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "outer"}]}],
            },
            {
                "type": "rich_text_list",
                "style": "ordered",
                "indent": 1,
                "elements": [{"type": "rich_text_section", "elements": [{"type": "emoji", "name": "tada"}]}],
            },
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted", "style": {"bold": True}}]},
        ],
    },
    {"type": "image", "image_url": "https://elsewhere.example/a.png", "alt_text": "A picture of a ship"},
    {"type": "hologram", "beam": "blue"},
]


def test_every_kind_of_block_is_shown_and_an_unknown_one_says_so(desk):
    for place, block in enumerate(BLOCKS):
        block.setdefault("block_id", f"b{place}")
    desk.post(text="all of them", blocks=BLOCKS)
    shown = desk.messages.nth(1)
    expect(shown.get_by_role("heading", name="A header")).to_be_visible()
    for tag, words in (("strong", "bold"), ("em", "italic"), ("s", "struck"), ("code", "a*b*c")):
        expect(shown.locator(tag, has_text=words).first).to_be_visible()
    expect(shown).to_contain_text("@Sam Poe #deploys 🚀 :unheard_of: 2*3*4 <b>")
    expect(shown.locator("blockquote").first).to_have_text("said")
    expect(shown.locator(".fields")).to_contain_text("*right*")
    expect(shown.get_by_label("More actions")).to_be_visible()
    expect(shown.locator("pre").first).to_have_text("fenced *code*")
    expect(shown.get_by_role("columnheader", name="Times")).to_be_visible()
    expect(shown.get_by_role("cell", name="7")).to_be_visible()
    expect(shown.locator("li", has_text="outer").locator("ol")).to_have_text("🎉")
    expect(shown.get_by_role("img", name="A picture of a ship")).to_be_visible()
    expect(shown).to_contain_text("This page does not know blocks of the type “hologram”")


def test_dates_are_told_in_the_readers_own_zone(desk):
    at = datetime(2025, 2, 3, 21, 30, tzinfo=UTC)
    words = f"<!date^{int(at.timestamp())}^{{date_short}} {{time}}|fallback>"
    desk.post(text="", blocks=[{"type": "section", "block_id": "s", "text": {"type": "mrkdwn", "text": words}}])
    there = at.astimezone(ZoneInfo(ZONE))
    expect(desk.messages.nth(1).locator(".section time")).to_have_text(
        re.compile(rf"{there.day} Feb 2025 0?{there.hour}:{there.minute:02}")
    )


def test_the_json_of_a_message_can_be_copied_and_opened_in_the_builder(desk):
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answer = desk.ask("/release #406")
    answer.hover()
    builder = answer.get_by_role("link", name="Open in Block Kit Builder")
    builder.hover()
    expect(builder).to_have_attribute(
        "href", re.compile("^https://app.slack.com/block-kit-builder/#%7B%22blocks%22%3A.*enable-new-payment-structure")
    )
    answer.get_by_role("button", name="JSON").click()
    dialog = desk.page.get_by_role("dialog", name="What the bot sent")
    dialog.get_by_role("button", name="Copy").click()
    expect(desk.page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    sent = json.loads(desk.page.evaluate("navigator.clipboard.readText()"))
    assert sent["blocks"][0]["type"] == "rich_text"
    assert sent["text"].startswith("Yes: pull request #406")


def test_the_colours_follow_the_system_or_the_person(desk):
    paper = "getComputedStyle(document.body).backgroundColor"
    desk.page.emulate_media(color_scheme="dark")
    dark = desk.page.evaluate(paper)
    desk.page.emulate_media(color_scheme="light")
    light = desk.page.evaluate(paper)
    assert dark != light
    theme = desk.page.get_by_role("button", name="Colours")
    theme.click()
    theme.click()
    expect(theme).to_have_accessible_name("Colours: dark")
    assert desk.page.evaluate(paper) == dark


def test_it_fits_a_phone(browser):
    phone = new_context(browser, viewport={"width": 375, "height": 700}, has_touch=True, is_mobile=True)
    with running_playground() as playground, at_desk(phone, playground) as desk:
        expect(desk.page.get_by_role("navigation")).to_be_hidden()
        conversations = desk.page.get_by_role("button", name="Conversations")
        places = desk.page.get_by_role("navigation")
        ways_out: list[Callable[[], None]] = [
            lambda: desk.page.touchscreen.tap(360, 400),
            lambda: desk.page.keyboard.press("Escape"),
            lambda: places.get_by_role("button", name="Close").tap(),
        ]
        for leave in ways_out:
            conversations.tap()
            expect(places.get_by_role("button", name="deploys")).to_be_focused()
            leave()
            expect(desk.page.get_by_role("navigation")).to_be_hidden()
            expect(conversations).to_be_focused()
        conversations.tap()
        desk.go("on-call")
        expect(desk.page.get_by_role("navigation")).to_be_hidden()
        expect(desk.page.get_by_role("heading", level=1)).to_have_text("on-call")
        answer = desk.page.locator("#main .message").first
        desk.box.fill("/shipped")
        desk.page.get_by_role("button", name="Send").tap()
        expect(answer).to_contain_text("deployments to production")
        expect(answer.get_by_role("button", name="JSON")).to_be_visible()
        assert desk.page.evaluate("document.documentElement.scrollWidth") == 375
        desk.page.get_by_role("button", name="Time and trouble").tap()
        expect(desk.page.get_by_role("complementary", name="Time and trouble")).to_be_visible()


def test_the_page_says_when_the_playground_has_stopped(context):
    with ExitStack() as stack:
        playground = stack.enter_context(running_playground())
        with at_desk(context, playground) as desk:
            desk.page.get_by_role("log").wait_for()
            stack.close()
            expect(desk.page.get_by_role("status").filter(has_text="The playground has stopped")).to_be_visible()
            desk.troubles.clear()  # the browser complains of the lost connection


def test_what_is_read_aloud_is_named(desk):
    desk.ask("/shipped")
    expect(desk.page.get_by_role("log", name="Messages in #deploys")).to_be_visible()
    expect(desk.page.locator("#main [role=region]")).to_have_accessible_name("Conversation")
    expect(desk.page.locator("textarea[role]")).to_have_count(0)  # it may have no other role than its own
    nameless = desk.page.locator("button, a, select, input, textarea, [role=region], [role=log]").evaluate_all(
        """nodes => nodes.filter((node) => !(
          node.getAttribute("aria-label") || node.textContent.trim() || node.closest("label")?.textContent
        )).map((node) => node.outerHTML)"""
    )
    assert nameless == []
