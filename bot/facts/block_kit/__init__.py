"""What Slack refuses in a message or a view, from one table of its published limits (``limits.py``).

The formatters' guard and the embedded Slack of the sandbox both ask ``violations``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.facts.block_kit import limits
from bot.facts.block_kit.walk import child, faults

__all__ = ["Violation", "text_length", "violations"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken limit: where (a JSON pointer into the payload), Slack's error code, and what is wrong in words."""

    pointer: str
    code: str
    message: str


def violations(payload: Mapping[str, Any], surface: str = "message") -> list[Violation]:
    """Everything for which Slack would refuse the payload; empty where it would take it.

    ``surface`` is "message" (``text``, ``blocks``, ``attachments`` of ``chat.postMessage`` and its kin; other fields
    are not looked at), "modal" or "home" (a view). Broken blocks are ``invalid_blocks`` in a message and
    ``invalid_arguments`` in a view, as Slack says.
    """
    return list(_message(payload) if surface == "message" else _view(payload, surface))


def text_length(value: Any) -> int:
    """How many characters of text the blocks hold, counted as for ``msg_blocks_too_long``: texts, links, fallbacks."""
    if isinstance(value, list | tuple):
        return sum(map(text_length, value))
    if not isinstance(value, Mapping):
        return 0
    counted = ("text", "fallback", "alt_text") + (("url",) if value.get("type") == "link" else ())
    own = sum(len(value[name]) for name in counted if isinstance(value.get(name), str))
    return own + sum(text_length(member) for member in value.values())


def _message(payload: Mapping[str, Any]) -> Iterator[Violation]:
    text, blocks, attachments = payload.get("text"), payload.get("blocks"), payload.get("attachments")
    if not text and not blocks and not attachments:
        yield Violation("/text", "no_text", "a message needs text, blocks or attachments")
    if text is not None and not isinstance(text, str):
        yield Violation("/text", "invalid_arguments", "must be a string")
    elif text and len(text) > limits.MOST_MESSAGE_TEXT:
        words = f"must have at most {limits.MOST_MESSAGE_TEXT} characters, has {len(text)}"
        yield Violation("/text", "msg_too_long", words)
    if isinstance(attachments, list | tuple) and len(attachments) > limits.MOST_ATTACHMENTS:
        yield Violation("/attachments", "too_many_attachments", f"at most {limits.MOST_ATTACHMENTS} are allowed")
    if blocks is None:
        return
    if not isinstance(blocks, list | tuple):
        yield Violation("/blocks", "invalid_blocks_format", "must be an array")
        return
    for pointer, words in faults(limits.MESSAGE_BLOCKS, blocks, "/blocks"):
        yield Violation(pointer, "invalid_blocks", words)
    yield from _together(blocks, "message", "invalid_blocks")
    length = text_length(blocks)
    if length > limits.MOST_TEXT_IN_BLOCKS:
        words = f"all blocks together must have at most {limits.MOST_TEXT_IN_BLOCKS} characters, have {length}"
        yield Violation("/blocks", "msg_blocks_too_long", words)


def _view(view: Mapping[str, Any], surface: str) -> Iterator[Violation]:
    code = "invalid_arguments"
    if view.get("type") != surface:
        yield Violation("/type", code, f"must be {surface}")
    for pointer, words in faults(limits.VIEWS[surface], view):
        yield Violation(pointer, code, words)
    blocks = view.get("blocks")
    if isinstance(blocks, list | tuple):
        yield from _together(blocks, surface, code)
        has_input = any(isinstance(block, Mapping) and block.get("type") == "input" for block in blocks)
        if surface == "modal" and has_input and "submit" not in view:
            yield Violation("/submit", code, "is required where a block is an input")
    size = len(json.dumps(view, ensure_ascii=False, default=str).encode("utf-8", "replace"))
    if size > limits.MOST_VIEW_BYTES:
        yield Violation("", "view_too_large", f"must have at most {limits.MOST_VIEW_BYTES} bytes, has {size}")


def _together(blocks: Sequence[Any], surface: str, code: str) -> Iterator[Violation]:
    """The rules that no single block can keep."""
    known = [(f"/blocks/{index}", block) for index, block in enumerate(blocks) if isinstance(block, Mapping)]
    seen: set[Any] = set()
    for pointer, block in known:
        if surface not in limits.SURFACES.get(str(block.get("type")), limits.MOST_BLOCKS):
            yield Violation(child(pointer, "type"), code, f"{block['type']} does not work in a {surface}")
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id in seen:
            yield Violation(child(pointer, "block_id"), code, "is the id of another block too")
        seen.add(block_id if isinstance(block_id, str) else None)
        for action_id, count in Counter(_action_ids(block)).items():
            if count > 1:
                yield Violation(pointer, code, f"action_id {action_id!r} is used {count} times in one block")
    tables = [(pointer, block) for pointer, block in known if block.get("type") == "table"]
    for pointer, _ in tables[limits.MOST_TABLES :]:
        yield Violation(pointer, "only_one_table_allowed", "a message can hold one table")
    if (length := text_length([block for _, block in tables])) > limits.MOST_TEXT_IN_TABLES:
        words = f"the cells must have at most {limits.MOST_TEXT_IN_TABLES} characters together, have {length}"
        yield Violation(tables[0][0], code, words)
    if sum(text_length(block) for _, block in known if block.get("type") == "markdown") > limits.MOST_MARKDOWN:
        yield Violation("/blocks", code, f"markdown blocks share {limits.MOST_MARKDOWN} characters")


def _action_ids(block: Mapping[str, Any]) -> Iterator[str]:
    elements = block.get("elements")
    members = [*elements] if isinstance(elements, list | tuple) else []
    for element in [*members, block.get("accessory"), block.get("element")]:
        if isinstance(element, Mapping) and isinstance(element.get("action_id"), str):
            yield element["action_id"]
