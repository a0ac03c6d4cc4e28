from __future__ import annotations

from dataclasses import replace
from datetime import UTC, time
from typing import Any

import pytest

from bot.commands.digest import NewDigest
from bot.commands.questions import Asker
from bot.domain.filters import Filters
from bot.domain.schedule import Schedule, Weekday
from bot.formatting.digest_form import CHANNEL, DAYS, ENVIRONMENT, PROJECT, TIME, Form, environment_block
from bot.slack.digest_form import filled, read_form, typed
from tests.builders import NOW, subscription

ASKER = Asker(NOW, UTC)
FULL = subscription(
    name="Bills",
    filters=Filters(
        applications=("billing-service", "checkout-*"),
        kind="redeployment",
        status="failed",
        authors=("jane.doe", "sam poe"),
        excluded_authors=("dependabot[bot]",),
        flags=("new-*",),
        pull_requests=("406",),
        words=("round half up", "vat"),
    ),
    schedule=Schedule(frozenset({Weekday.MONDAY, Weekday.SUNDAY}), time(7, 5), "Asia/Kathmandu"),
    say_when_empty=False,
)


def test_a_form_that_nobody_touches_says_what_the_digest_is():
    said = typed(filled(FULL, {"billing-service"}), ASKER)
    assert isinstance(said, NewDigest)
    assert (said.days, said.at, said.zone) == (FULL.schedule.days, FULL.schedule.at, FULL.schedule.zone)
    assert (said.name, said.say_when_empty) == ("Bills", False)
    asked = said.asked
    assert (asked.project, asked.environment, asked.names) == ("default", "production", ())
    assert asked.filters == FULL.filters


def test_what_the_menu_does_not_offer_is_typed():
    assert filled(FULL, ()).more.startswith('"round half up" "vat" #406 app:billing-service app:checkout-*')
    assert filled(FULL, {"billing-service"}).applications == ("billing-service",)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"days": frozenset()}, DAYS),
        ({"at": None}, TIME),
        ({"zone": ""}, "digest-form-zone"),
        ({"more": 'an "open quote'}, "digest-form-more"),
        ({"more": "name:x"}, "digest-form-more"),
        ({"more": "project:default"}, "digest-form-more"),
        ({"more": "monday"}, "digest-form-more"),
        ({"more": "weekdays 10:00"}, "digest-form-more"),
        ({"more": "empty:skip"}, "digest-form-more"),
        ({"name": "#7"}, "digest-form-name"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(changes, field):
    form = replace(filled(subscription(), ()), **changes)
    said = typed(form, ASKER)
    assert isinstance(said, dict)
    assert list(said) == [field]


def chosen(value: str) -> dict[str, Any]:
    return {"selected_option": {"value": value}}


def test_an_environment_of_the_project_chosen_before_does_not_count():
    values = {
        PROJECT: {PROJECT: chosen("mobile")},
        environment_block("default"): {ENVIRONMENT: chosen("staging")},
    }
    assert read_form({"state": {"values": values}}).environment == ""
    values[environment_block("mobile")] = {ENVIRONMENT: chosen("production")}
    assert read_form({"state": {"values": values}}).environment == "production"


def test_the_channel_is_read_where_the_form_asked_for_one():
    values = {CHANNEL: {CHANNEL: {"type": "conversations_select", "selected_conversation": "C1"}}}
    assert read_form({"state": {"values": values}}).channel == "C1"
    values[CHANNEL][CHANNEL]["selected_conversation"] = None  # type: ignore[assignment]  # as Slack says it
    assert read_form({"state": {"values": values}}).channel == ""


def test_a_form_without_anything_is_read():
    assert read_form({}) == Form("", "")
