from __future__ import annotations

from typing import Any

from bot.facts.block_kit import violations
from bot.formatting.controls import (
    DETAILS,
    ENVIRONMENT,
    SHIPPED_WINDOWS,
    Narrowing,
    Turning,
    controls,
    details_of,
    details_value,
)
from tests.builders import deployment, query

WINDOW = query().window


def made(**what: Any) -> dict[str, dict[str, Any]]:
    blocks = [block.to_dict() for block in controls(shown_in=WINDOW, **what)]
    assert violations({"text": "answer", "blocks": blocks}) == []
    return {element["action_id"]: element for block in blocks for element in block["elements"]}


def test_nothing_offered_is_no_row():
    assert controls(shown_in=WINDOW) == []


def test_buttons_stand_in_one_row_and_only_sharing_is_primary():
    buttons = made(share="s", turning=Turning("p", "n"))
    assert list(buttons) == ["share", "previous", "next"]
    assert [button.get("style") for button in buttons.values()] == ["primary", None, None]
    assert all(button["accessibility_label"] for button in buttons.values())


def test_a_value_that_slack_has_no_room_for_offers_no_button():
    assert made(share="s" * 2_001) == {}
    assert len(made(share="s" * 2_000)) == 1


def test_the_menus_carry_the_question_in_the_id_of_their_row():
    (row,) = controls(narrowing=Narrowing("the question", SHIPPED_WINDOWS), shown_in=WINDOW)
    assert row.block_id == "the question"


def test_the_environment_that_is_shown_is_chosen():
    menu = made(narrowing=Narrowing("q", SHIPPED_WINDOWS, ["production", "staging"], "staging"))[ENVIRONMENT]
    assert menu["initial_option"]["value"] == "staging"


def test_one_environment_is_nothing_to_choose_from():
    assert list(made(narrowing=Narrowing("q", SHIPPED_WINDOWS, ["production"], "production"))) == ["window"]


def test_a_hundred_environments_at_most_and_none_too_long():
    keys = ["x" * 151, *(f"environment-{number}" for number in range(150))]
    menu = made(narrowing=Narrowing("q", SHIPPED_WINDOWS, keys))[ENVIRONMENT]
    assert len(menu["options"]) == 100
    assert menu["options"][0]["value"] == "environment-0"


def test_details_name_each_deployment_and_its_environment_where_there_are_several():
    shown = [deployment("d1"), deployment("d2", environment="staging", application="a" * 200, version="9" * 80)]
    menu = made(details=shown)[DETAILS]
    first, second = menu["options"]
    assert first["value"] == "default d1"
    assert first["text"]["text"] == "billing-service a90a8a2 production · Mon 23 Nov 09:04 UTC"
    assert "staging" in second["text"]["text"]
    assert len(second["text"]["text"]) <= 75


def test_hostile_names_stay_plain_and_short():
    menu = made(details=[deployment(application="<!channel>\n\u202e", version="`x`")])[DETAILS]
    (option,) = menu["options"]
    assert option["text"]["type"] == "plain_text"
    assert "\n" not in option["text"]["text"]


def test_an_id_that_slack_has_no_room_for_cannot_be_chosen():
    long = deployment("d" * 150)
    assert details_value(long) == ""
    assert made(details=[long]) == {}


def test_details_are_found_again():
    assert details_of(details_value(deployment("d1"))) == ("default", "d1")
