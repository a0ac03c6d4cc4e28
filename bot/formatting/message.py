"""A message as a value: what Slack shows (blocks) and what it reads aloud (text)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.models.blocks import Block

from bot.facts.block_kit import violations


class InvalidMessage(ValueError):
    """A message that Slack would refuse; the text names each broken limit and where it is. A fault of ours."""


@dataclass(frozen=True, slots=True)
class Message:
    """``text`` is the whole answer in plain words; ``blocks`` are plain dicts, ready for JSON."""

    text: str
    blocks: tuple[dict[str, Any], ...] = field(default=(), hash=False)

    def payload(self, response_type: str = "ephemeral") -> dict[str, Any]:
        """The body that Slack gets for a slash command's answer."""
        return {"response_type": response_type, "text": self.text, "blocks": list(self.blocks)}


def check_message(message: Message) -> Message:
    """The same message, or ``InvalidMessage`` where Slack would refuse it. Every message passes here."""
    broken = [f"{v.pointer}: {v.message}" for v in violations({"text": message.text, "blocks": list(message.blocks)})]
    if not message.text.strip():
        broken.append("/text: is all that notifications and screen readers have, and must not be empty")
    if broken:
        raise InvalidMessage("; ".join(broken))
    return message


def message(text: str, blocks: Sequence[Block]) -> Message:
    """Build and check: the only way that formatters make a message."""
    return check_message(Message(text, tuple(block.to_dict() for block in blocks)))
