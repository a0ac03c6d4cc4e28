"""Modals and App Home: ``views.*`` and the triggers that open them.

https://docs.slack.dev/surfaces/modals and https://docs.slack.dev/reference/methods/views.open
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.sandbox.slack import elements
from bot.sandbox.slack.refusals import Refused, check_blocks, missing_argument
from bot.sandbox.slack.world import World

TRIGGER_LIFE = timedelta(seconds=3)
MOST_VIEWS = 3  # one upon the other


@dataclass(slots=True, eq=False)
class View:
    """A modal on a person's screen, or their App Home. ``errors``: what the form says after a refused submission."""

    id: str
    user: str
    content: dict[str, Any]
    hash: str
    root_id: str
    previous_id: str | None = None
    state: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> list[dict[str, Any]]:
        blocks: list[dict[str, Any]] = self.content["blocks"]
        return blocks


@dataclass(slots=True)
class _Trigger:
    user: str
    until: datetime
    view: View | None
    used: bool = False


class Views:
    """Everybody's modals (a stack each, the last is on top) and homes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._triggers: dict[str, _Trigger] = {}
        self._hashes = itertools.count(1)
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def new_trigger(self, user: str, view: View | None = None) -> str:
        """A trigger of something that this person just did: good for three seconds and for one call."""
        trigger_id = f"{self._world.new_id('1')}.2.{self._world.new_id('c0ffee')}"
        self._triggers[trigger_id] = _Trigger(user, self._world.now() + TRIGGER_LIFE, view)
        return trigger_id

    def open(self, arguments: dict[str, Any]) -> dict[str, Any]:
        view = self._new("modal", arguments, self._exchange(arguments).user)
        self.stacks[view.user] = [view]
        return self._shown(view)

    def push(self, arguments: dict[str, Any]) -> dict[str, Any]:
        trigger = self._exchange(arguments)
        stack = self.stacks.get(trigger.user, [])
        if trigger.view is None or trigger.view not in stack:
            raise Refused("invalid_trigger_id")
        view = self.push_onto(trigger.view, arguments)
        return self._shown(view)

    def push_onto(self, below: View, arguments: dict[str, Any]) -> View:
        stack = self.stacks[below.user]
        if len(stack) >= MOST_VIEWS:
            raise Refused("push_limit_reached")
        view = self._new("modal", arguments, below.user, below=below)
        stack.append(view)
        return view

    def update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        view = self._addressed(arguments)
        if arguments.get("hash") and arguments["hash"] != view.hash:
            raise Refused("hash_conflict")
        return self._shown(self.replace(view, arguments))

    def replace(self, view: View, arguments: dict[str, Any]) -> View:
        """Give a view new content; what a person has entered stays in the fields that stayed."""
        content = self._content("modal", arguments, view)
        view.content, view.hash, view.errors = content, self._new_hash(), {}
        view.state = elements.kept_state(view.blocks, view.state)
        self._world.changed()
        return view

    def publish(self, arguments: dict[str, Any]) -> dict[str, Any]:
        user = arguments.get("user_id")
        if user not in self._world.users:
            raise Refused("user_not_found") if user else missing_argument("user_id")
        if not self._world.app.home_tab:
            raise Refused("not_enabled")
        before = self.homes.get(user)
        if before and arguments.get("hash") and arguments["hash"] != before.hash:
            raise Refused("hash_conflict")
        self.homes[user] = view = self._new("home", arguments, user)
        view.id = view.root_id = before.id if before else view.id
        return self._shown(view)

    def top(self, user: str) -> View | None:
        stack = self.stacks.get(user)
        return stack[-1] if stack else None

    def close(self, view: View, *, all_of_them: bool = False) -> None:
        stack = self.stacks.get(view.user, [])
        if all_of_them:
            stack.clear()
        elif view in stack:
            stack.remove(view)
        self._world.changed()

    def find(self, view_id: str) -> View | None:
        everything = itertools.chain(self.homes.values(), *self.stacks.values())
        return next((view for view in everything if view.id == view_id), None)

    def as_json(self, view: View) -> dict[str, Any]:
        app = self._world.app
        defaults = {"private_metadata": "", "callback_id": "", "external_id": "", "submit": None, "close": None}
        return {
            **defaults,
            **view.content,
            "id": view.id,
            "team_id": self._world.team_id,
            "state": {"values": view.state},
            "hash": view.hash,
            "root_view_id": view.root_id,
            "previous_view_id": view.previous_id,
            "app_id": app.id,
            "bot_id": app.bot_id,
            "app_installed_team_id": self._world.team_id,
        }

    def _exchange(self, arguments: dict[str, Any]) -> _Trigger:
        trigger = self._triggers.get(str(arguments.get("trigger_id", "")))
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if self._world.now() > trigger.until:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger

    def _addressed(self, arguments: dict[str, Any]) -> View:
        view_id, external_id = arguments.get("view_id"), arguments.get("external_id")
        if not view_id and not external_id:
            raise missing_argument("view_id")
        for view in itertools.chain(*self.stacks.values()):
            if view.id == view_id or (external_id and view.content.get("external_id") == external_id):
                return view
        raise Refused("not_found")

    def _content(self, kind: Literal["modal", "home"], arguments: dict[str, Any], own: View | None) -> dict[str, Any]:
        content = arguments.get("view")
        if not isinstance(content, dict):
            raise missing_argument("view")
        check_blocks(content, kind)
        external_id = content.get("external_id")
        for view in itertools.chain(self.homes.values(), *self.stacks.values()):
            if external_id and view is not own and view.content.get("external_id") == external_id:
                raise Refused("duplicate_external_id")
        return {**content, "blocks": elements.with_ids(content["blocks"], self._world.new_id)}

    def _new(
        self, kind: Literal["modal", "home"], arguments: dict[str, Any], user: str, below: View | None = None
    ) -> View:
        content = self._content(kind, arguments, self.homes.get(user) if kind == "home" else None)
        view_id = self._world.new_id("V")
        root, previous = (below.root_id, below.id) if below else (view_id, None)
        view = View(view_id, user, content, self._new_hash(), root, previous)
        view.state = elements.initial_state(view.blocks)
        return view

    def _new_hash(self) -> str:
        return f"{int(self._world.now().timestamp())}.{next(self._hashes):08x}"

    def _shown(self, view: View) -> dict[str, Any]:
        self._world.changed()
        return {"view": self.as_json(view)}
