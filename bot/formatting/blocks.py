"""Lines → Slack's blocks, and an answer's parts → a checked message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import Block, BlockElement, ContextBlock, MarkdownTextObject, SectionBlock

from bot.formatting.lines import Line, to_mrkdwn, to_plain, to_rich_text
from bot.formatting.message import InvalidMessage, Message, message

# Slack's advice for chat.postMessage: https://docs.slack.dev/reference/methods/chat.postMessage
_MOST_TEXT = 4_000


def section(lines: Iterable[Line], accessory: BlockElement | None = None) -> Block:
    """Own words in mrkdwn, ``accessory`` beside them. ``verbatim``: Slack makes no links or mentions out of words."""
    return SectionBlock(text=MarkdownTextObject(text=to_mrkdwn(lines), verbatim=True), accessory=accessory)


def context(lines: Iterable[Line]) -> Block:
    """Small print in mrkdwn."""
    return ContextBlock(elements=[MarkdownTextObject(text=to_mrkdwn(lines), verbatim=True)])


class _RichText(Block):
    """The SDK's own block parses and validates every element: nine tenths of the time that an answer took."""

    def __init__(self, elements: list[dict[str, Any]]) -> None:
        super().__init__(type="rich_text")
        self._elements = elements

    def to_dict(self) -> dict[str, Any]:
        return {"type": "rich_text", "elements": self._elements}


def rich_text(lines: Iterable[Line]) -> Block:
    """Lists, and everything that carries strangers' words: Slack parses nothing in it."""
    return _RichText(to_rich_text(lines))


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that belong together, and the kind of block that shows them."""

    block: Callable[[Sequence[Line]], Block]
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is told of each deployment: how many pull requests and flags, and titles of how many characters."""

    pull_requests: int
    flags: int
    title: int


_DETAILS = (Detail(5, 4, 100), Detail(4, 3, 70), Detail(2, 2, 60), Detail(1, 1, 50), Detail(0, 0, 40))


def compose(parts: Iterable[Part], controls: Sequence[Block] = ()) -> Message:
    """The message of all parts that have lines, in order, with ``controls`` below."""
    told = [part for part in parts if part.lines]
    text = to_plain([line for part in told for line in part.lines], _MOST_TEXT)
    return message(text, [*(part.block(part.lines) for part in told), *controls])


def most_detailed(build: Callable[[Detail], Message]) -> Message:
    """The message with the most detail that Slack accepts; ``InvalidMessage`` where even the least is refused."""
    *fuller, least = _DETAILS
    for detail in fuller:
        try:
            return build(detail)
        except InvalidMessage:
            continue
    return build(least)
