"""The conversation, as people have it: ask, page, share, look closer, in channels, threads and App Home."""

from __future__ import annotations

import re

from tests.browser.desk import expect


def test_a_suggested_question_is_answered_for_the_asker_alone(desk):
    desk.page.get_by_role("button", name="What shipped? /shipped").click()
    answer = desk.messages.nth(1)
    expect(answer).to_contain_text("Only visible to you")
    expect(answer).to_contain_text(re.compile(r"\d+ deployments to production"))
    expect(answer.get_by_role("link", name="#406")).to_have_attribute("rel", "noopener noreferrer")


def test_the_answer_is_paged_in_place(desk):
    answer = desk.ask("/shipped")
    expect(answer).to_contain_text("page 1 of 2")
    answer.get_by_role("button", name="Next page").click()
    expect(answer).to_contain_text("page 2 of 2")
    answer.get_by_role("button", name="Previous page").click()
    expect(answer).to_contain_text("page 1 of 2")
    expect(desk.messages).to_have_count(2)


def test_a_menu_asks_the_same_of_another_environment(desk):
    answer = desk.ask("/shipped")
    answer.get_by_label("Environment").select_option("staging")
    expect(answer).to_contain_text(re.compile(r"\d+ deployments to staging"))
    expect(answer.get_by_label("Environment")).to_have_value("staging")


def test_a_shared_answer_replaces_the_private_one_and_everybody_sees_it(desk):
    desk.ask("/release #406").get_by_role("button", name="Share to channel").click()
    shared = desk.messages.nth(1)
    expect(shared).to_contain_text("Shared by jane.doe: /release #406")
    expect(desk.page.get_by_text("Only visible to you")).to_have_count(0)
    expect(desk.box).to_be_focused()
    desk.page.get_by_label("You are").select_option("Sam Poe")
    expect(desk.messages.nth(1)).to_contain_text("Shared by jane.doe")


def test_nobody_else_sees_a_private_answer(desk):
    desk.ask("/release #406")
    desk.page.get_by_label("You are").select_option("Sam Poe")
    expect(desk.page.get_by_label("You are")).to_have_value("U0SAM")
    expect(desk.messages).to_have_count(1)


def test_a_private_answer_can_be_dismissed(desk):
    desk.ask("/release #406").get_by_role("button", name="Dismiss").click()
    expect(desk.messages).to_have_count(1)


def test_details_open_in_a_modal_that_escape_closes(desk):
    answer = desk.ask("/shipped billing-service")
    menu = answer.get_by_label("Details of")
    menu.focus()
    menu.select_option(index=1)
    modal = desk.page.get_by_role("dialog", name="Deployment")
    expect(modal).to_contain_text("Introduce the new payment structure")
    expect(modal).to_contain_text("Flag references")
    desk.page.keyboard.press("Escape")
    expect(modal).to_be_hidden()
    expect(menu).to_be_focused()
    assert desk.playground.do(lambda: desk.playground.served.slack.views("jane.doe")) == []


def test_a_pull_request_is_looked_up(desk):
    answer = desk.ask("/release #406")
    expect(answer).to_contain_text("Yes: pull request #406 reached production")
    expect(answer).to_contain_text("enable-new-payment-structure")


def test_the_bot_answers_in_a_thread_where_it_is_named(desk):
    desk.go("team-billing")
    desk.page.get_by_role("button", name="1 reply").click()
    thread = desk.page.get_by_role("complementary", name="Thread")
    thread.get_by_role("textbox").fill("/release #406")
    expect(thread).to_contain_text("Slash commands do not work in threads. Write @What Shipped release #406")
    thread.get_by_role("textbox").fill("@What Shipped release #406")
    thread.get_by_role("textbox").press("Enter")
    expect(thread.locator(".message").nth(3)).to_contain_text("Yes: pull request #406 reached production")
    expect(desk.messages).to_have_count(1)
    expect(desk.messages.first).to_contain_text("3 replies")


def test_a_draft_in_a_thread_is_kept(desk):
    desk.go("team-billing")
    desk.page.get_by_role("button", name="1 reply").click()
    thread = desk.page.get_by_role("complementary", name="Thread")
    thread.get_by_role("textbox").fill("half a thought")
    desk.page.keyboard.press("Escape")
    expect(thread).to_be_hidden()
    expect(desk.box).to_be_focused()
    desk.page.get_by_role("button", name="1 reply").click()
    expect(thread.get_by_role("textbox")).to_have_value("half a thought")


def test_home_shows_what_the_bot_published_and_answers_in_a_modal(desk):
    desk.go("What Shipped")
    home = desk.page.get_by_role("region", name="Home of What Shipped")
    expect(home.get_by_role("heading", name="What shipped?")).to_be_visible()
    expect(home).to_contain_text("Asia/Tokyo")
    home.get_by_role("button", name="since:7d").click()
    modal = desk.page.get_by_role("dialog", name="What shipped")
    expect(modal).to_contain_text("deployments to production")
    modal.get_by_role("button", name="Close").last.click()
    expect(modal).to_be_hidden()


def test_a_direct_message_needs_no_name(desk):
    desk.go("What Shipped")
    desk.page.get_by_role("button", name="Messages").click()
    desk.box.fill("release #406")
    desk.box.press("Enter")
    expect(desk.messages.nth(1)).to_contain_text("Yes: pull request #406 reached production")


def test_a_conversation_that_has_something_new_says_so(desk):
    desk.go("general")
    desk.post(text="Released.")
    expect(desk.page.get_by_role("button", name="deploys unread")).to_be_visible()
    desk.go("deploys")
    expect(desk.page.get_by_role("button", name="deploys unread")).to_have_count(0)


def test_signed_http_gives_the_same_answer(desk_over_http):
    answer = desk_over_http.ask("/release #406")
    expect(answer).to_contain_text("Yes: pull request #406 reached production")
    answer.get_by_role("button", name="Share to channel").click()
    expect(desk_over_http.messages.nth(1)).to_contain_text("Shared by jane.doe")
