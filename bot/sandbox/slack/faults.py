"""Switches for trouble. Each call of a method meets at most one fault; what is switched on first comes first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.sandbox.slack.world import World

Kind = Literal["rate_limit", "server_error", "reset_before", "reset_after", "slow", "refuse"]


@dataclass(slots=True)
class Fault:
    """What happens to the next ``times`` calls of ``method`` (``*``: of any)."""

    kind: Kind
    method: str
    times: int = 1
    seconds: float = 0
    error: str = ""


class Faults:
    """The sandbox's own troubles; those of the workspace (archived channels, scopes) are kept in its ``World``.

    ``times`` counts calls; the default is the next one only. ``silent_sockets``: connections are accepted and stay
    open, but nothing comes out of them, no greeting and no pong either.
    """

    def __init__(self, world: World, drop_sockets: Callable[[], None] = lambda: None) -> None:
        self._world, self._drop_sockets = world, drop_sockets
        self._planned: deque[Fault] = deque()
        self.silent_sockets = False

    def rate_limit(self, method: str = "*", retry_after: int = 1, times: int = 1) -> None:
        """429 with ``Retry-After`` in seconds; nothing is done."""
        self._planned.append(Fault("rate_limit", method, times, seconds=retry_after))

    def server_error(self, method: str = "*", times: int = 1) -> None:
        """500 with a page of HTML; nothing is done."""
        self._planned.append(Fault("server_error", method, times))

    def reset_before(self, method: str = "*", times: int = 1) -> None:
        """The connection breaks before anything is done."""
        self._planned.append(Fault("reset_before", method, times))

    def reset_after(self, method: str = "*", times: int = 1) -> None:
        """The call is done (the message is posted) and then the connection breaks: the answer is lost."""
        self._planned.append(Fault("reset_after", method, times))

    def slow(self, method: str = "*", seconds: float = 5, times: int = 1) -> None:
        """The answer takes that long on the workspace's clock."""
        self._planned.append(Fault("slow", method, times, seconds=seconds))

    def refuse(self, method: str, error: str, times: int = 1) -> None:
        """``{"ok": false, "error": error}``, such as ``internal_error``; nothing is done."""
        self._planned.append(Fault("refuse", method, times, error=error))

    def refuse_connections(self, error: str = "internal_error", times: int = 1) -> None:
        """``apps.connections.open`` fails."""
        self.refuse("apps.connections.open", error, times)

    def drop_sockets(self) -> None:
        """Break every Socket Mode connection in the middle, without a word."""
        self._drop_sockets()

    def silence_sockets(self, silent: bool = True) -> None:
        self.silent_sockets = silent

    def revoke_token(self) -> None:
        self._world.app.revoked = True
        self._world.changed()

    def archive(self, channel: str) -> None:
        self._world.channel(channel).archived = True
        self._world.changed()

    def remove_bot(self, channel: str) -> None:
        self._world.channel(channel).members.discard(self._world.app.bot_user_id)
        self._world.changed()

    def take_scopes(self, *scopes: str) -> None:
        self._world.app.scopes.difference_update(scopes)
        self._world.changed()

    def clear(self) -> None:
        """No planned fault any more, and the token is good. Channels and scopes stay as they were made."""
        self._planned.clear()
        self.silent_sockets = False
        self._world.app.revoked = False
        self._world.changed()

    def planned(self) -> tuple[Fault, ...]:
        """The faults that calls have still to meet."""
        return tuple(self._planned)

    def next_for(self, method: str) -> Fault | None:
        """The fault that this call meets; it is used up by that."""
        for fault in self._planned:
            if fault.method in ("*", method):
                fault.times -= 1
                if fault.times <= 0:
                    self._planned.remove(fault)
                return fault
        return None
