from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from bot.facts.block_kit import violations
from bot.formatting.details import deployment_blocks
from tests.builders import NOW, deployment, flag, pull_request


def modal(subject) -> dict[str, Any]:
    blocks = [block.to_dict() for block in deployment_blocks(subject, zone=UTC, now=NOW, base_url="https://ld.example")]
    return {"type": "modal", "title": {"type": "plain_text", "text": "Details"}, "blocks": blocks}


def texts(view: dict[str, Any]) -> str:
    return json.dumps(view, ensure_ascii=False)


def test_a_bare_deployment_fills_a_modal():
    view = modal(deployment(id="", application="", version="", kind="", status="", environment="", project=""))
    assert violations(view, "modal") == []
    assert "none known" in texts(view)
    assert "LaunchDarkly does not record who started a deployment." in texts(view)


def test_all_pull_requests_flags_and_metadata_are_shown():
    view = modal(
        deployment(
            pull_requests=[pull_request(number) for number in range(60)],
            flag_references=[flag(f"flag-{number}") for number in range(30)],
            metadata={"build": 7, "nested": {"a": [1]}},
            archived=True,
        )
    )
    assert violations(view, "modal") == []
    shown = texts(view)
    assert all(f'"#{number}"' in shown for number in range(60))
    assert all(f'"flag-{number}"' in shown for number in range(30))
    assert '{\\"a\\": [1]}' in shown
    assert "hidden in LaunchDarkly" in shown


def test_even_emoji_throughout_fit():
    emoji = "🚀" * 500
    subject = deployment(
        pull_requests=[pull_request(n, title=emoji, author=emoji) for n in range(400)],
        flag_references=[flag(f"{emoji}{n}", project=emoji) for n in range(400)],
        metadata={f"{emoji}{n}": emoji for n in range(400)},
    )
    assert violations(modal(subject), "modal") == []


def test_what_does_not_fit_is_counted():
    subject = deployment(
        pull_requests=[pull_request(n, title="🚀" * 10_000, author="<!channel>" * 9) for n in range(900)],
        pull_request_count=950,
        flag_references=[flag("k" * 500 + str(n)) for n in range(150)],
        flag_reference_count=160,
        metadata={str(n): "v" * 5_000 for n in range(80)},
    )
    view = modal(subject)
    assert violations(view, "modal") == []
    shown = texts(view)
    assert "more of 900, too many for this view" in shown
    assert "900 of 950 listed by LaunchDarkly" in shown
    assert "more of 150, too many for this view" in shown
    assert "more of 80" in shown
