from __future__ import annotations

from datetime import UTC
from typing import Any

from bot.commands.parser import parse_command
from bot.commands.questions import Asker, ShowHelp
from bot.facts.block_kit import violations
from bot.formatting.home import QUESTIONS, home_view
from tests.builders import NOW


def view(**changes: str) -> dict[str, Any]:
    known: dict[str, Any] = {"project": "default", "environment": "production", "zone": "Europe/Berlin", **changes}
    return home_view(**known, ask=lambda command, text: f"{command}|{text}")


def test_slack_takes_it():
    assert violations(view(), "home") == []


def test_digests_stand_below_a_line():
    assert "divider" not in str(view()["blocks"])
    told = {"type": "section", "text": {"type": "plain_text", "text": "Your digests"}}
    shown = home_view(project="", environment="p", zone="UTC", ask=lambda c, t: f"{c}{t}", digests=[told])
    assert [block["type"] for block in shown["blocks"][-2:]] == ["divider", "section"]


def test_it_says_what_a_question_means_that_does_not_say():
    shown = str(view()["blocks"][-1])
    for word in ("default", "production", "Europe/Berlin"):
        assert f"`{word}`" in shown


def test_no_project_is_told_as_such():
    assert "the only one there is" in str(view(project="")["blocks"][-1])


def test_every_button_asks_a_question_that_is_understood():
    (row,) = [block for block in view()["blocks"] if block["type"] == "actions"]
    assert [button["value"] for button in row["elements"]] == [f"{c}|{t}" for _, c, t in QUESTIONS]
    for _, command, text in QUESTIONS:
        assert not isinstance(parse_command(command, text, Asker(NOW, UTC)), ShowHelp)
