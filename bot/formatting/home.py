"""The Home tab: what this is, questions to press, what a question means that does not say.

https://docs.slack.dev/surfaces/app-home
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, DividerBlock, HeaderBlock

from bot.formatting.blocks import context, section
from bot.formatting.deployment import KEY
from bot.formatting.lines import bullet, code, line
from bot.formatting.text import clean

ASK = "ask"
"""The beginning of the buttons' action ids."""

QUESTIONS = (
    ("What shipped today?", "/shipped", "today"),
    ("And in the last 7 days?", "/shipped", "since:7d"),
    ("What failed this week?", "/shipped", "this week status:failed"),
)
"""What a button says, and the question that it asks."""


def home_view(
    *,
    project: str,
    environment: str,
    zone: str,
    ask: Callable[[str, str], str],
    digests: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The view for one person; ``ask`` encodes a command and its text for a button. ``project`` may be empty.

    ``digests`` are the blocks that tell of theirs.
    """
    blocks: list[Block] = [
        HeaderBlock(text="What shipped?"),
        section(
            [
                line(
                    "I read deployments from LaunchDarkly: which version went where and when, with its pull requests ",
                    "and the feature flags that it touched. Only you see an answer until you share it.",
                )
            ]
        ),
        ActionsBlock(
            block_id=ASK,
            elements=[
                ButtonElement(
                    text=label,
                    action_id=f"{ASK}-{number}",
                    value=ask(command, text),
                    style="primary" if number == 1 else None,
                    accessibility_label=f"{label} Ask {command} {text}",
                )
                for number, (label, command, text) in enumerate(QUESTIONS, start=1)
            ],
        ),
        section(
            [
                line("Or type, in any conversation:"),
                bullet(code("/shipped billing-service since:2d"), " – an application, a time"),
                bullet(code("/release #406"), " – has this pull request arrived, and where?"),
                bullet(code("/shipped help"), " – everything that can be asked"),
                line("In a thread, name me: ", code("@What Shipped release #406"), "."),
            ]
        ),
        context(
            [
                line(
                    "A question that does not say: project ",
                    code(clean(project, KEY) or "the only one there is"),
                    " · environment ",
                    code(clean(environment, KEY)),
                    " · times in ",
                    code(clean(zone, KEY)),
                )
            ]
        ),
    ]
    below = [DividerBlock().to_dict(), *map(dict, digests)] if digests else []
    return {"type": "home", "blocks": [*(block.to_dict() for block in blocks), *below]}
