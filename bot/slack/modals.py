"""Modals: while something is read, and what was read. https://docs.slack.dev/surfaces/modals"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slack_sdk.models.blocks import Block, MarkdownTextObject, SectionBlock

from bot.formatting.message import Message
from bot.formatting.text import clean, truncate

# https://docs.slack.dev/reference/views/modal-views and …/block-kit/blocks/section-block
_MOST_TITLE = 24
_MOST_TEXT = 3_000


def loading_view(title: str) -> dict[str, Any]:
    """What is shown at once: a trigger lasts three seconds, a read may last longer."""
    return plain_view(title, "Reading from LaunchDarkly …")


def plain_view(title: str, text: str) -> dict[str, Any]:
    """A modal with words alone; ``text`` is escaped as a message's text is."""
    return blocks_view(
        title, [SectionBlock(text=MarkdownTextObject(text=truncate(text, _MOST_TEXT) or "…", verbatim=True))]
    )


def blocks_view(title: str, blocks: Sequence[Block]) -> dict[str, Any]:
    """A modal with these blocks."""
    return _view(title, [block.to_dict() for block in blocks])


def message_view(title: str, message: Message) -> dict[str, Any]:
    """A modal that shows what a message shows."""
    return _view(title, list(message.blocks)) if message.blocks else plain_view(title, message.text)


def _view(title: str, blocks: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": clean(title, _MOST_TITLE)},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": blocks,
    }
