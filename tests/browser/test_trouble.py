"""Time and trouble: break things in the page, and see what the bot says and does about it."""

from __future__ import annotations

import pytest

from tests.browser.desk import expect


@pytest.mark.parametrize(
    ("position", "words"),
    [("Rate limited", "LaunchDarkly asks me to wait"), ("Cut off", "LaunchDarkly's answer was cut off")],
)
def test_a_broken_launchdarkly_is_told_honestly_until_it_is_well(desk, position, words):
    desk.switch("LaunchDarkly is", position)
    answer = desk.ask("/shipped")
    expect(answer).to_contain_text(words)
    expect(answer).not_to_contain_text("Nothing")
    desk.switch("LaunchDarkly is", "Well")
    expect(desk.ask("/shipped since:2d")).to_contain_text("deployments to production")


def test_what_is_down_is_not_asked_as_if_it_were_empty_and_answers_again_later(desk):
    desk.switch("LaunchDarkly is", "Down")
    expect(desk.page.get_by_text("It answers 503")).to_be_visible()
    desk.ask("/shipped")
    expect(desk.messages.last).to_contain_text("LaunchDarkly cannot be read right now")
    expect(desk.page.get_by_role("list", name="Requests").get_by_text("503", exact=True).first).to_be_visible()
    desk.switch("LaunchDarkly is", "Well")
    expect(desk.ask("/shipped since:2d")).to_contain_text("deployments to production")


def test_a_new_deployment_is_in_the_next_answer(desk):
    desk.page.get_by_role("button", name="A new deployment happens").click()
    said = desk.page.get_by_role("status").filter(has_text="has reached production")
    expect(said).to_be_visible()
    edge = desk.page.get_by_role("complementary", name="Time and trouble").bounding_box()["x"]
    assert said.bounding_box()["x"] >= edge  # beside what it is about
    answer = desk.ask("/shipped checkout-web since:1h")
    expect(answer).to_contain_text("Let customers keep a basket for later")


def test_buttons_of_earlier_answers_work_after_a_restart(desk):
    answer = desk.ask("/shipped")
    restart = desk.page.get_by_role("button", name="Restart the bot")
    restart.click()
    expect(desk.page.get_by_text("has been stopped and started again")).to_be_visible()
    answer.get_by_role("button", name="Next page").click()
    expect(answer).to_contain_text("page 2 of 2")


def test_a_rate_limited_slack_gets_the_answer_all_the_same(desk):
    desk.switch("Slack is", "Rate limited")
    desk.ask("/release #406")
    expect(desk.messages.last).to_contain_text("Yes: pull request #406 reached production")
    log = desk.page.get_by_role("list", name="Requests")
    expect(log.get_by_text("ratelimited").first).to_be_visible()


def test_slack_that_hangs_up_is_seen_in_the_log(desk):
    desk.switch("Slack is", "Dropping answers")
    expect(desk.ask("/release #406")).to_contain_text("Yes: pull request #406 reached production")
    expect(desk.page.get_by_role("list", name="Requests").get_by_text("reset_after").first).to_be_visible()


def test_nobody_writes_in_an_archived_channel(desk):
    desk.switch("#deploys is", "Archived")
    expect(desk.page.get_by_text("This channel is archived")).to_be_visible()
    expect(desk.box).to_be_hidden()
    desk.switch("#deploys is", "As usual")
    expect(desk.box).to_be_visible()


def test_a_bot_that_was_removed_can_be_invited_again(desk):
    desk.switch("#deploys is", "Without the bot")
    expect(desk.page.get_by_text("without the bot", exact=False).first).to_be_visible()
    expect(desk.ask("/release #406")).to_contain_text("Yes: pull request #406 reached production")
    desk.box.fill("/invite @What Shipped")
    desk.box.press("Enter")
    expect(desk.page.get_by_role("group", name="#deploys is").get_by_role("radio", name="As usual")).to_be_checked()


def test_the_log_shows_both_sides_of_a_question_and_no_secret(desk):
    desk.ask("/release #406")
    rows = desk.page.get_by_role("list", name="Requests").get_by_role("listitem")
    for words in ("Slack → bot", "bot → LaunchDarkly", "bot → Slack"):
        expect(rows.filter(has_text=words).first).to_be_visible()
    command = rows.filter(has_text="/release #406").first
    command.locator("summary").click()
    assert rows.count() > 5
    expect(rows.locator("summary:not([tabindex='-1'])")).to_have_count(1)  # the Tab key goes on after one
    desk.page.keyboard.press("Home")
    desk.page.keyboard.press("ArrowDown")
    expect(rows.nth(1).locator("summary")).to_be_focused()
    expect(command.locator("pre")).to_contain_text('"user_name": "jane.doe"')
    html = desk.page.content()
    assert not [secret for secret in ("xoxb-", "xapp-", "api-5a4d", "/response/", "trigger_id") if secret in html]
