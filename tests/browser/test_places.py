"""What is in front of the person: the newest of their own, not what others say; in this page, not in another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.desk import Desk, at_desk, expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator


def see_the_start_of(message: Locator) -> None:
    expect(message.locator(".head")).to_be_in_viewport()


def scrolled(desk: Desk) -> int:
    return int(desk.page.locator("#main .scroll").evaluate("node => node.scrollTop"))


def test_answers_to_oneself_are_shown_and_what_others_say_moves_nobody(desk):
    desk.go("team-billing")
    long = desk.ask("/shipped last 7 days")
    see_the_start_of(long)
    long.get_by_role("button", name="Share to channel").click()
    expect(desk.messages.last).to_contain_text("Shared by jane.doe")
    see_the_start_of(desk.messages.last)
    for question in ("/shipped since:3h", "/digest"):
        see_the_start_of(desk.ask(question))
        desk.page.mouse.move(600, 300)
        desk.page.mouse.wheel(0, -5000)  # to the top, to read
        expect(desk.page.locator("#main .intro h2")).to_be_in_viewport()
    see_the_start_of(desk.ask("/shipped since:6d"))

    place = scrolled(desk)
    say(desk, "lunch?")
    expect(desk.messages.last).to_contain_text("lunch?")
    assert scrolled(desk) == place
    desk.page.get_by_role("button", name="New messages").click()
    see_the_start_of(desk.messages.last)
    expect(desk.page.get_by_role("button", name="New messages")).to_have_count(0)
    say(desk, "at twelve")  # now they are at the end
    expect(desk.messages.last).to_contain_text("at twelve")
    see_the_start_of(desk.messages.last)


def say(desk: Desk, text: str) -> None:
    desk.post(user="U0KIM", channel="C0BILLING", text=text)


def test_a_modal_is_in_the_page_alone_in_which_it_was_asked_for(desk):
    with at_desk(desk.page.context, desk.playground) as other:
        other.ask("/release #406")
        other.box.fill("half a thought")
        desk.ask("/digest").get_by_role("button", name="New digest").click()
        form = desk.page.get_by_role("dialog", name="New digest")
        expect(form).to_be_visible()
        expect(other.messages.last).to_contain_text("#1 Morning")
        expect(other.page.get_by_role("dialog")).to_have_count(0)
        other.page.keyboard.press("Escape")
        other.page.reload()
        expect(other.messages.last).to_contain_text("#1 Morning")
        expect(other.page.get_by_role("dialog")).to_have_count(0)
        expect(form).to_be_visible()


def test_the_address_says_where_one_is_whatever_it_says(desk):
    heading = desk.page.get_by_role("heading", level=1)
    for odd in ("%", "C0NOWHERE", "C0DEPLOYS/1.0", "C0DEPLOYS/__proto__"):
        desk.page.goto("about:blank")
        desk.page.goto(f"{desk.playground.served.url}#{odd}")
        expect(heading).to_have_text("deploys")
    desk.page.goto("about:blank")
    desk.page.goto(desk.playground.served.url)
    desk.go("team-billing")
    desk.page.get_by_role("button", name="1 reply").click()
    expect(desk.page.get_by_role("complementary", name="Thread")).to_be_visible()
    questions = desk.page.get_by_role("group", name="Questions to begin with")
    assert questions.bounding_box()["height"] < 60  # one row, where the thread and the panel leave little room
    desk.page.go_back()
    expect(desk.page.get_by_role("complementary", name="Thread")).to_be_hidden()
    expect(heading).to_have_text("team-billing")
    desk.page.go_back()
    expect(heading).to_have_text("deploys")
    expect(desk.box).to_be_focused()
