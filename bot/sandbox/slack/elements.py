"""Blocks as a person meets them: what can be clicked, chosen and typed, and the wire form of having done so.

Shapes as in https://docs.slack.dev/reference/interaction-payloads/block_actions-payload.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

Json = dict[str, Any]
_MANY_OPTIONS = frozenset({"multi_static_select", "checkboxes"})
_ONE_OPTION = frozenset({"static_select", "radio_buttons", "overflow", "external_select"})
_PLAIN_VALUES = {
    "plain_text_input": "value",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
}


# A menu of channels has public ones alone; one of conversations has all kinds, where its filter does not say which:
# https://docs.slack.dev/reference/block-kit/composition-objects/conversation-filter-object
_KINDS = {"channels": frozenset({"public"}), "conversations": frozenset({"public", "private", "im", "mpim"})}


class NotPossible(ValueError):
    """Slack's client would not let a person do this: no such button, a required field left empty …"""


def with_ids(blocks: Iterable[Any], new_id: Callable[[str], str]) -> list[Json]:
    """The blocks as Slack stores them: every block and every interactive element has an id."""
    stored: list[Json] = deepcopy([*blocks])
    for block in stored:
        block.setdefault("block_id", new_id("b"))
        for element in _elements(block):
            if element.get("type") not in ("image", "mrkdwn", "plain_text"):
                element.setdefault("action_id", new_id("a"))
    return stored


def interactive(blocks: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """Each element that a person can use, with its block."""
    for block in blocks:
        for element in _elements(block):
            if "action_id" in element:
                yield block, element


def find(
    blocks: Iterable[Json], wanted: str, value: str | None = None, block_id: str | None = None
) -> tuple[Json, Json]:
    """The element with that action_id, block_id or label, and with that value and in that block where they are given.

    ``NotPossible`` names what there is when there is none, or more than one.
    """
    elements = [*interactive(blocks)]
    found = [
        (block, element)
        for block, element in elements
        if wanted in (element["action_id"], block["block_id"], label(element))
        and value in (None, element.get("value"))
        and block_id in (None, block["block_id"])
    ]
    if len(found) != 1:
        there = ", ".join(f"{e['action_id']} ({label(e) or e['type']})" for _, e in elements) or "nothing"
        raise NotPossible(f"{len(found)} elements are called {wanted!r} here; there is: {there}")
    return found[0]


def label(element: Mapping[str, Any]) -> str:
    text = element.get("text") or element.get("placeholder") or {}
    return str(text.get("text", ""))


def conversation_kinds(element: Mapping[str, Any]) -> frozenset[str]:
    """What kinds of conversation a menu of them offers; none where the element is no such menu."""
    every = _KINDS.get(element["type"].removeprefix("multi_").removesuffix("_select"), frozenset())
    wanted = element.get("filter", {})
    robots = {"im"} if wanted.get("exclude_bot_users") else set()  # here, people write directly to the bot alone
    return every & frozenset(wanted.get("include", every)) - robots


def answer(element: Mapping[str, Any], given: Any) -> Json:
    """What the element says after a person gave it this: options by value or by label, the rest as it is."""
    kind = element["type"]
    if kind in _MANY_OPTIONS:
        chosen = [given] if isinstance(given, str) else (given or [])
        return {"type": kind, "selected_options": [_option(element, one) for one in chosen]}
    if kind in _ONE_OPTION:
        return {"type": kind, "selected_option": None if given is None else _option(element, given)}
    if kind in _PLAIN_VALUES:
        return {"type": kind, _PLAIN_VALUES[kind]: given}
    raise NotPossible(f"a {kind} takes no value")


def action(block: Json, element: Json, answered: Mapping[str, Any], ts: str) -> Json:
    """One entry of ``actions`` in a block_actions payload."""
    shown: Json = {key: element[key] for key in ("type", "action_id", "text", "value", "style") if key in element}
    return {**shown, "block_id": block["block_id"], **answered, "action_ts": ts}


def initial_state(blocks: Iterable[Json]) -> dict[str, Json]:
    """The state of a form that nobody has touched: its initial values."""
    state: dict[str, Json] = {}
    for block, element in interactive(blocks):
        kind = element["type"]
        if kind in _MANY_OPTIONS:
            filled: Json = {"selected_options": element.get("initial_options", [])}
        elif kind in _ONE_OPTION and kind != "overflow":
            filled = {"selected_option": element.get("initial_option")}
        elif kind in _PLAIN_VALUES:
            name = _PLAIN_VALUES[kind]
            filled = {name: element.get(name.replace("selected", "initial") if name != "value" else "initial_value")}
        else:
            continue
        state.setdefault(block["block_id"], {})[element["action_id"]] = {"type": kind, **filled}
    return state


def kept_state(blocks: Iterable[Json], before: Mapping[str, Json]) -> dict[str, Json]:
    """The state of an updated form: what was entered stays where block_id and action_id stayed."""
    state = initial_state(blocks)
    for block_id, actions in state.items():
        for action_id, filled in actions.items():
            entered = before.get(block_id, {}).get(action_id)
            if entered and entered["type"] == filled["type"]:
                actions[action_id] = entered
    return state


def unanswered(blocks: Iterable[Json], state: Mapping[str, Json]) -> list[str]:
    """The labels of the required inputs that are still empty: Slack does not send such a form."""
    missing = []
    for block in blocks:
        if block.get("type") == "input" and not block.get("optional"):
            filled = state.get(block["block_id"], {}).get(block["element"]["action_id"], {})
            if not any(value for key, value in filled.items() if key != "type"):
                missing.append(block["label"]["text"])
    return missing


def _option(element: Mapping[str, Any], wanted: Any) -> Json:
    groups = element.get("option_groups") or [{"options": element.get("options", [])}]
    options = [option for group in groups for option in group["options"]]
    for option in options:
        if wanted in (option["value"], option["text"]["text"]):
            return dict(option)
    raise NotPossible(f"there is no option {wanted!r}; there is: {', '.join(o['value'] for o in options)}")


def _elements(block: Mapping[str, Any]) -> Iterator[Json]:
    if block.get("type") in ("actions", "context_actions"):
        yield from block.get("elements", [])
    for place in ("accessory", "element"):
        if isinstance(block.get(place), dict):
            yield block[place]
