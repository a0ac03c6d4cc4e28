"""The requests of both services in one log: what a person's click set off, and what the bot did about it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode

from bot.sandbox.launchdarkly import LoggedRequest
from bot.sandbox.slack import Exchange, SandboxSlack

KEEP = 150
_SECRET = frozenset({"token", "response_url", "response_urls", "trigger_id", "authorizations"})
_FINE = frozenset({"ok", "200"})

Way = Literal["slack to bot", "bot to slack", "bot to launchdarkly"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. ``about`` is what it was about in a few words; ``body`` is what it carried, without secrets."""

    number: int
    at: datetime
    way: Way
    name: str
    about: str
    outcome: str
    body: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "at": self.at.timestamp(),
            "way": self.way,
            "name": self.name,
            "about": self.about,
            "outcome": self.outcome,
            "fine": self.outcome in _FINE,
            "body": self.body,
        }


class Wire:
    """The latest requests, oldest first. ``answered`` is for the embedded LaunchDarkly to call."""

    def __init__(self, slack: SandboxSlack) -> None:
        self._slack = slack
        self._seen = 0
        self._count = 0
        self._entries: deque[Entry] = deque(maxlen=KEEP)

    def answered(self, request: LoggedRequest, outcome: str) -> None:
        """LaunchDarkly has answered this request, with that status or by breaking in that way."""
        self._take_slacks()
        query = urlencode(request.query, safe=":,/ ")
        body = {"method": request.method, "path": request.path, "query": dict(request.query)}
        name = request.path.removeprefix("/api/v2/")
        self._add(self._slack.world.now(), "bot to launchdarkly", f"GET {name}", query, outcome, body)
        self._slack.world.changed()

    def entries(self) -> list[Entry]:
        self._take_slacks()
        return [*self._entries]

    def _take_slacks(self) -> None:
        journal = self._slack.journal
        if new := journal.noted - self._seen:
            self._seen = journal.noted
            for exchange in [*journal.exchanges][-new:]:
                way: Way = "slack to bot" if exchange.sender == "slack" else "bot to slack"
                about = _delivered(exchange) if exchange.sender == "slack" else self._called(exchange)
                body = without_secrets(exchange.body)
                self._add(exchange.at, way, exchange.name, about, exchange.outcome, body)

    def _called(self, exchange: Exchange) -> str:
        body, parts = exchange.body, []
        if channel := self._slack.world.channels.get(str(body.get("channel", ""))):
            parts.append(f"#{channel.name}" if channel.name else "direct message")
        parts += [what for what in ("replace_original", "delete_original") if str(body.get(what)).lower() == "true"]
        if text := str(body.get("text") or ""):
            parts.append(text.split("\n", 1)[0][:80])
        if isinstance(view := body.get("view"), Mapping):
            parts.append(str(view.get("type", "")))
        return " · ".join(parts)

    def _add(self, at: datetime, way: Way, name: str, about: str, outcome: str, body: Mapping[str, Any]) -> None:
        self._count += 1
        self._entries.append(Entry(self._count, at, way, name, about, outcome, body))


def without_secrets(value: Any) -> Any:
    """The same without what opens something: tokens, triggers, addresses that can be answered to."""
    if isinstance(value, Mapping):
        return {key: without_secrets(item) for key, item in value.items() if key not in _SECRET}
    if isinstance(value, (list, tuple)):
        return [without_secrets(item) for item in value]
    return value


def _delivered(exchange: Exchange) -> str:
    body = exchange.body
    if exchange.name == "slash_commands":
        return f"{body.get('command', '')} {body.get('text', '')}".strip()
    if exchange.name == "events_api":
        event = body.get("event", {})
        return f"{event.get('type', '')} {event.get('text', '')}".strip()
    pressed = [str(action.get("action_id", "")) for action in body.get("actions", [])]
    return " ".join([str(body.get("type", "")), *pressed])
