"""Modals with fields: what is typed and chosen reaches the bot as Slack would send it."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from tests.browser.desk import Desk, expect


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def field(block_id: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    element = {**element, "action_id": block_id}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}


def options(*values: str) -> list[dict[str, Any]]:
    return [{"text": plain(value.title()), "value": value} for value in values]


FORM = {
    "type": "modal",
    "title": plain("New digest"),
    "submit": plain("Subscribe"),
    "close": plain("Not now"),
    "blocks": [
        field("name", "Name", {"type": "plain_text_input"}, hint=plain("Shown above the digest.")),
        field("days", "Days", {"type": "checkboxes", "options": options("monday", "tuesday")}),
        field("apps", "Applications", {"type": "multi_static_select", "options": options("billing", "search")}),
        field("where", "Environment", {"type": "static_select", "options": options("production", "staging")}),
        field("time", "Time", {"type": "timepicker", "initial_time": "09:30"}),
        field("empty", "When empty", {"type": "radio_buttons", "options": options("skip", "say")}, optional=True),
        field("channel", "Channel", {"type": "conversations_select"}),
        field("note", "Note", {"type": "plain_text_input", "multiline": True}, optional=True),
    ],
}


def call(desk: Desk, method: str, **arguments: Any) -> dict[str, Any]:
    """The Web API, as the bot."""
    slack = desk.playground.served.slack
    headers = {"Authorization": f"Bearer {slack.world.app.bot_token}", "Content-Type": "application/json"}
    request = urllib.request.Request(  # noqa: S310  # the sandbox's own address
        f"{slack.api_url}{method}", json.dumps(arguments).encode(), headers
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  # as above
        said: dict[str, Any] = json.loads(answer.read())
    assert said["ok"], said
    return said


def opened(desk: Desk, view: dict[str, Any]) -> str:
    """Open a modal on Jane's screen, with the trigger of a command that she has just typed; its id."""
    desk.ask("/shipped help")
    trigger = desk.playground.served.slack.courier.deliveries[-1].payload["trigger_id"]
    return str(call(desk, "views.open", trigger_id=trigger, view=view)["view"]["id"])


def test_everything_that_was_filled_in_is_submitted(desk):
    opened(desk, FORM)
    modal = desk.page.get_by_role("dialog", name="New digest")
    expect(modal.get_by_label("Name")).to_be_focused()
    desk.page.keyboard.type("Mondays <b>& more</b>")
    modal.get_by_label("Monday", exact=True).check()
    modal.get_by_label("Billing").check()
    modal.get_by_label("Search").check()
    modal.get_by_label("Environment").select_option("Staging")
    modal.get_by_label("Channel").select_option("#team-billing")
    modal.get_by_label("Say").check()
    modal.get_by_label("Note").fill("one\ntwo")
    modal.get_by_role("button", name="Subscribe").click()
    # A form of the test's own: the bot does not know it and does not answer. Slack says so, and keeps what was typed.
    expect(modal.get_by_role("alert")).to_contain_text("We had some trouble connecting")
    expect(modal.get_by_label("Name")).to_have_value("Mondays <b>& more</b>")
    delivery = desk.playground.served.slack.courier.deliveries[-1]
    assert delivery.payload["type"] == "view_submission"
    values = delivery.payload["view"]["state"]["values"]
    assert values["name"]["name"]["value"] == "Mondays <b>& more</b>"
    assert [o["value"] for o in values["days"]["days"]["selected_options"]] == ["monday"]
    assert [o["value"] for o in values["apps"]["apps"]["selected_options"]] == ["billing", "search"]
    assert values["where"]["where"]["selected_option"]["value"] == "staging"
    assert values["time"]["time"]["selected_time"] == "09:30"
    assert values["channel"]["channel"]["selected_conversation"] == "C0BILLING"
    assert values["empty"]["empty"]["selected_option"]["value"] == "say"
    assert values["note"]["note"]["value"] == "one\ntwo"


def test_a_form_that_lacks_something_is_not_sent(desk):
    opened(desk, FORM)
    desk.page.get_by_role("dialog").get_by_role("button", name="Subscribe").click()
    said = desk.page.get_by_role("dialog").get_by_role("status")
    expect(said).to_contain_text("Please complete these required fields")
    assert desk.playground.served.slack.courier.deliveries[-1].payload.get("type") != "view_submission"


def test_what_is_being_typed_survives_an_update_by_the_bot(desk):
    view_id = opened(desk, FORM)
    modal = desk.page.get_by_role("dialog", name="New digest")
    modal.get_by_label("Note").fill("half a na")
    preview = {"type": "section", "block_id": "next", "text": plain("Next due tomorrow at 09:30")}
    call(desk, "views.update", view_id=view_id, view={**FORM, "blocks": [*FORM["blocks"], preview]})
    expect(modal).to_contain_text("Next due tomorrow")
    expect(modal.get_by_label("Note")).to_have_value("half a na")
    expect(modal.get_by_label("Note")).to_be_focused()
    desk.page.keyboard.type("me")
    expect(modal.get_by_label("Note")).to_have_value("half a name")


def test_a_view_upon_a_view_goes_back_to_the_one_below(desk):
    opened(desk, {**FORM, "blocks": [{"type": "divider"}]})
    slack = desk.playground.served.slack
    top = desk.playground.do(lambda: slack.views("jane.doe"))[-1]
    second = {"type": "modal", "title": plain("Second"), "blocks": [{"type": "divider"}]}
    desk.playground.do(lambda: slack._views.push_onto(top, {"view": second}))
    desk.playground.do(slack.world.changed)
    expect(desk.page.get_by_role("dialog", name="Second")).to_be_visible()
    desk.page.get_by_role("dialog").get_by_role("button", name="Back").click()
    expect(desk.page.get_by_role("dialog", name="New digest")).to_be_visible()


def test_a_button_that_asks_first_does_nothing_when_it_is_told_no(desk):
    confirm = {
        "title": plain("Remove it?"),
        "text": plain("For all."),
        "confirm": plain("Remove"),
        "deny": plain("Keep"),
    }
    button = {"type": "button", "action_id": "remove", "text": plain("Remove"), "confirm": confirm, "style": "danger"}
    desk.post(text="digest", blocks=[{"type": "actions", "block_id": "a", "elements": [button]}])
    remove = desk.messages.nth(1).get_by_role("button", name="Remove")
    pressed = len(desk.playground.served.slack.courier.deliveries)
    remove.click()
    question = desk.page.get_by_role("dialog", name="Remove it?")
    question.get_by_role("button", name="Keep").click()
    expect(question).to_be_hidden()
    assert len(desk.playground.served.slack.courier.deliveries) == pressed
    remove.click()
    question.get_by_role("button", name="Remove").click()
    expect(desk.page.get_by_role("list", name="Requests").get_by_text("block_actions remove")).to_be_visible()
