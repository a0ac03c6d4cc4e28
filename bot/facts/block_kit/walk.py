"""Compare a value with a shape: where it differs, as JSON pointers and words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.facts.block_kit.shapes import Boolean, Choice, Items, Number, Record, Shape, String, Word

Fault = tuple[str, str]
"""A JSON pointer (RFC 6901) and what is wrong there."""


def faults(shape: Shape, value: Any, pointer: str = "") -> Iterator[Fault]:
    """Every place where ``value`` is not of that shape."""
    match shape:
        case String():
            yield from _string(shape, value, pointer)
        case Number():
            yield from _number(shape, value, pointer)
        case Boolean():
            if not isinstance(value, bool):
                yield pointer, "must be true or false"
        case Word():
            if value not in shape.choices:
                yield pointer, f"must be one of: {', '.join(shape.choices)}"
        case Items():
            yield from _items(shape, value, pointer)
        case Record():
            yield from _record(shape, value, pointer)
        case Choice():
            yield from _choice(shape, value, pointer)


def child(pointer: str, key: str | int) -> str:
    """The pointer of a member or an item."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def _string(shape: String, value: Any, pointer: str) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield pointer, "must be a string"
    elif len(value) < shape.least:
        yield pointer, f"must have at least {shape.least} characters"
    elif shape.most is not None and len(value) > shape.most:
        yield pointer, f"must have at most {shape.most} characters, has {len(value)}"


def _number(shape: Number, value: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(value, bool) or not isinstance(value, int if shape.whole else (int, float)):
        yield pointer, "must be a whole number" if shape.whole else "must be a number"
    elif (shape.least is not None and value < shape.least) or (shape.most is not None and value > shape.most):
        yield pointer, f"must lie between {shape.least} and {shape.most}"


def _items(shape: Items, value: Any, pointer: str) -> Iterator[Fault]:
    if not isinstance(value, list | tuple):
        yield pointer, "must be an array"
        return
    if len(value) < shape.least:
        yield pointer, f"must have at least {shape.least} items"
    if shape.most is not None and len(value) > shape.most:
        yield pointer, f"must have at most {shape.most} items, has {len(value)}"
    for index, item in enumerate(value):
        if not (shape.gaps and item is None):
            yield from faults(shape.of, item, child(pointer, index))


def _record(shape: Record, value: Any, pointer: str) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield pointer, "must be an object"
        return
    for name in shape.required:
        if name not in value:
            yield pointer, f"lacks the required field {name}"
    if shape.some_of and not any(name in value for name in shape.some_of):
        yield pointer, f"needs one of the fields {', '.join(shape.some_of)}"
    for name, member in value.items():
        if name in shape.fields:
            yield from faults(shape.fields[name], member, child(pointer, name))
        elif name != "type":
            yield child(pointer, name), "is a field that Slack does not know here"


def _choice(shape: Choice, value: Any, pointer: str) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield pointer, "must be an object"
        return
    name = value.get("type")
    if isinstance(name, str) and name in shape.types:
        yield from _record(shape.types[name], value, pointer)
    else:
        yield child(pointer, "type"), f"unsupported type {name!r}, must be one of: {', '.join(shape.types)}"
