"""What one person sees, as keys and JSON values: the page keeps the same map, and is told what changed in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.playground.controls import Control, Table
from bot.sandbox.playground.wire import Wire
from bot.sandbox.playground.workspace import Command, Suggestion
from bot.sandbox.slack import Message, SandboxSlack, User, View

MOST_MESSAGES = 100
"""How many of the latest messages of each conversation the page shows."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that the page is about."""

    slack: SandboxSlack
    wire: Wire
    commands: Sequence[Command]
    suggestions: Sequence[Suggestion]
    controls: Sequence[Control]
    tables: Sequence[Table] = field(default=())

    def seen_by(self, user: User) -> Json:
        """The whole of it for one person. Keys: ``workspace``, ``clock`` (seconds ahead of the machine's),
        ``channel/…``, ``message/…``, ``views``, ``home``, ``controls``, ``log/…`` and ``table/…``.
        """
        world = self.slack.world
        conversations = [c for c in world.channels.values() if user.id in c.members]
        ahead = world.now() - datetime.now(UTC)
        seen: Json = {"workspace": self._workspace(user), "clock": round(ahead.total_seconds())}
        for channel in conversations:
            seen[f"channel/{channel.id}"] = {
                "id": channel.id,
                "name": channel.name,
                "kind": channel.kind,
                "archived": channel.archived,
                "has_bot": world.app.bot_user_id in channel.members,
                "members": len(channel.members),
            }
            latest = self.slack.visible_to(user.id, channel.id)[-MOST_MESSAGES:]
            seen |= {f"message/{message.channel}/{message.ts}": _message(message) for message in latest}
        home = self.slack.home(user.id)
        seen["views"] = [_view(view) for view in self.slack.views(user.id)]
        seen["home"] = _view(home) if home else None
        seen["controls"] = [control.as_json() for control in self.controls]
        seen |= {f"log/{entry.number}": entry.as_json() for entry in self.wire.entries()}
        seen |= {f"table/{table.key}": table.as_json() for table in self.tables}
        return seen

    def _workspace(self, user: User) -> Json:
        world = self.slack.world
        return {
            "name": world.team_domain.title(),
            "viewer": user.id,
            "bot": world.app.bot_user_id,
            "users": {
                u.id: {"id": u.id, "name": u.name, "real_name": u.real_name or u.name, "is_bot": u.is_bot}
                for u in world.users.values()
            },
            "commands": [
                {"name": c.name, "description": c.description, "usage_hint": c.usage_hint} for c in self.commands
            ],
            "suggestions": [{"words": s.words, "typed": s.typed} for s in self.suggestions],
        }


def _message(message: Message) -> Json:
    own = {"channel": message.channel, "only_for": message.only_for, "state": message.state}
    return {**message.as_json(metadata=True), **own}


def _view(view: View) -> Json:
    own = {"id": view.id, "root": view.root_id, "hash": view.hash}
    return {**view.content, **own, "state": view.state, "errors": view.errors}
