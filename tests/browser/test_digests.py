"""Digests in the page: made in the modal, made due, posted exactly once, whatever Slack does with its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.desk import NOON, Desk, expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Response

DUE, TOMORROW = "due", "tomorrow"
BUTTONS = {
    DUE: "Make the next digest due now",
    TOMORROW: "Move the clock to tomorrow",
}


def press(desk: Desk, control: str) -> None:
    """Press a button of the panel, and wait until all is done that it does."""

    def is_its(response: Response) -> bool:
        return response.url.endswith("/do/control") and f'"key":"{control}"' in (response.request.post_data or "")

    with desk.page.expect_response(is_its):
        desk.page.get_by_role("button", name=BUTTONS[control]).click()


def ledger(desk: Desk) -> Locator:
    return desk.page.get_by_role("group", name="The ledger").locator("tbody tr")


def digests(desk: Desk, name: str = "Morning", channel: str = "deploys") -> list[str]:
    """The first lines of the digests of that name, as the whole channel got them."""
    slack = desk.playground.served.slack
    texts = desk.playground.do(lambda: [message.text for message in slack.messages(channel)])
    return [first for first in (text.split("\n", 1)[0] for text in texts) if first.endswith(f"· {name}")]


def subscribe_in_the_modal(desk: Desk, channel: str, name: str, at: str) -> None:
    """A digest for every day, in Berlin's time."""
    desk.go(channel)
    desk.ask("/digest").get_by_role("button", name="New digest").click()
    form = desk.page.get_by_role("dialog", name="New digest")
    form.get_by_label("Time zone").fill("Europe/Berlin")  # first: the form is drawn anew with every choice
    form.get_by_label("Name").fill(name)
    form.get_by_label("Environment").select_option("production")
    for day in ("Saturday", "Sunday"):
        form.get_by_label(day).check()
    form.get_by_label("Time", exact=True).fill(at)
    expect(form).to_contain_text(f"{at} CE")
    form.get_by_role("button", name="Preview").click()
    preview = desk.page.get_by_role("dialog")
    expect(preview).to_contain_text("In the last 7 days")
    preview.get_by_role("button", name="Subscribe").click()
    expect(preview).to_contain_text(f"This channel is subscribed to #1 {name}")
    desk.page.keyboard.press("Escape")
    expect(desk.page.get_by_role("dialog")).to_have_count(0)
    expect(desk.page.locator("#main")).to_contain_text(f"subscribed this channel to #1 {name}")


def test_a_digest_made_in_home_with_the_keyboard_alone_is_announced_and_listed(desk):
    desk.go("What Shipped")
    desk.page.get_by_role("button", name="New digest").press("Enter")
    form = desk.page.get_by_role("dialog", name="New digest")
    channel = form.get_by_label("Channel", exact=True)
    expect(channel).to_be_focused()
    assert channel.locator("option:not([hidden])").all_inner_texts() == [
        "#deploys",
        "#team-billing",
        "#on-call",
        "#general",
    ]
    desk.page.keyboard.type("#t")
    expect(channel).to_have_value("C0BILLING")
    form.get_by_label("Name").press("x")
    desk.page.keyboard.press("Enter")
    preview = desk.page.get_by_role("dialog", name="Digest")
    expect(preview).to_contain_text("In #team-billing")
    preview.get_by_role("button", name="Subscribe").press("Enter")
    expect(preview).to_contain_text("This channel is subscribed to #1 x")
    desk.page.keyboard.press("Escape")
    expect(desk.page.get_by_role("dialog")).to_have_count(0)
    home = desk.page.get_by_role("region", name="Home of What Shipped")
    expect(home).to_contain_text("#1 x · weekdays at 09:30")
    expect(home).to_contain_text("In #team-billing")
    desk.go("team-billing")
    expect(desk.messages.last).to_contain_text("subscribed this channel to #1 x")


def test_what_is_wrong_with_typed_words_stays_told(desk):
    desk.ask("/digest").get_by_role("button", name="New digest").click()
    form = desk.page.get_by_role("dialog", name="New digest")
    form.get_by_label("Time zone").fill("Europe/Berln")
    form.get_by_role("button", name="Preview").click()
    wrong = form.get_by_role("alert")
    expect(wrong).to_contain_text("I do not know the time zone")
    form.get_by_label("Time zone").fill("Europe/Berlin")
    form.get_by_label("Time zone").press("Enter")
    expect(form).to_contain_text("09:30 CET")
    expect(wrong).to_have_count(0)


def test_what_is_typed_goes_along_with_what_is_chosen(desk):
    desk.ask("/digest").get_by_role("button", name="New digest").click()
    form = desk.page.get_by_role("dialog", name="New digest")
    expect(form).to_contain_text("09:30 JST")
    form.get_by_label("Time zone").fill("Europe/Berlin")
    form.get_by_label("Sunday").check()
    expect(form).to_contain_text("09:30 CET")
    expect(form.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    form.get_by_label("Time", exact=True).fill("")
    expect(form).to_contain_text("Next: choose a time")
    expect(form.get_by_label("Time", exact=True)).to_have_value("")


def test_the_chosen_channel_stays_when_the_form_is_drawn_anew(desk):
    desk.go("What Shipped")
    desk.page.get_by_role("button", name="New digest").click()
    form = desk.page.get_by_role("dialog", name="New digest")
    form.get_by_label("Channel", exact=True).select_option("#team-billing")
    form.get_by_label("Environment").select_option("staging")
    form.get_by_label("Time", exact=True).fill("18:15")
    expect(form).to_contain_text("18:15 JST")
    expect(form.get_by_label("Channel", exact=True)).to_have_value("C0BILLING")


def test_the_digest_that_is_there_from_the_beginning_is_listed(desk):
    desk.page.get_by_role("button", name="What does this channel get? /digest").click()
    listed = desk.messages.nth(1)
    expect(listed).to_contain_text("#1 Morning")
    expect(listed).to_contain_text("weekdays at 09:30, Europe/Berlin")


def test_it_comes_due_is_posted_once_and_is_in_the_ledger(desk):
    expect(desk.page.get_by_text("Nothing yet.")).to_be_visible()
    press(desk, DUE)
    expect(desk.messages.last).to_contain_text("Shipped to production")
    expect(ledger(desk)).to_have_count(1)
    expect(ledger(desk)).to_contain_text("09:30#deploys 1sent")
    assert len(digests(desk)) == 1
    assert ledger(desk).locator("td").first.evaluate("cell => cell.offsetHeight") < 30  # one line: no word is broken
    table = desk.page.get_by_role("group", name="The ledger")
    table.focus()
    desk.post(text="And something else.")
    expect(desk.messages.last).to_contain_text("And something else.")
    expect(table).to_be_focused()


def test_the_page_keeps_the_workspaces_time(desk):
    desk.post(text=f"<!date^{int(NOON.timestamp())}^{{date_short_pretty}}|noon>")
    noon = desk.messages.nth(1).locator("time[data-unix]")
    expect(noon).to_have_text("today")
    press(desk, TOMORROW)
    expect(noon).to_have_text("yesterday")


def test_a_digest_made_in_the_modal_comes_due_and_later_late(desk):
    subscribe_in_the_modal(desk, "team-billing", "Bills", "06:00")
    while not digests(desk, "Bills", "team-billing"):  # the other digest may be due before it
        press(desk, DUE)
    expect(ledger(desk).filter(has_text="#team-billing 1sent")).to_have_count(1)
    assert len(digests(desk, "Bills", "team-billing")) == 1
    mornings = len(digests(desk))
    while len(digests(desk)) == mornings:  # to 09:30 of a working day
        press(desk, DUE)
    told = len(digests(desk, "Bills", "team-billing"))
    press(desk, TOMORROW)
    *before, late = digests(desk, "Bills", "team-billing")
    assert len(before) == told
    expect(desk.messages.last).to_contain_text("Late")
    expect(ledger(desk).filter(has_text="#team-billing 1sent")).to_have_count(told + 1)
    assert late not in before


def test_a_lost_answer_is_unknown_and_nothing_is_posted_twice(desk):
    desk.switch("Slack is", "Dropping answers")
    press(desk, DUE)
    expect(desk.messages.last).to_contain_text("Shipped to production")
    expect(ledger(desk)).to_contain_text("unknown")
    desk.switch("Slack is", "Well")
    desk.page.get_by_role("button", name="Restart the bot").click()
    expect(desk.page.get_by_text("has been stopped and started again")).to_be_visible()
    press(desk, DUE)
    expect(ledger(desk)).to_have_count(2)
    expect(ledger(desk).first).to_contain_text("sent")
    expect(ledger(desk).last).to_contain_text("unknown")
    told = digests(desk)
    assert len(told) == len(set(told)) == 2


def test_what_cannot_be_read_is_tried_again_and_the_ledger_says_when(desk):
    desk.switch("LaunchDarkly is", "Rate limited")
    press(desk, DUE)
    expect(ledger(desk)).to_contain_text("failed")
    expect(ledger(desk)).to_contain_text("again from")
    assert digests(desk) == []
