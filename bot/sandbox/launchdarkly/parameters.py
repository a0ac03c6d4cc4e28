"""The query of a request, read strictly: what LaunchDarkly documents is understood, everything else is refused.

The real API may be more patient. A double that is stricter finds the typing mistake in the test, not in production.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from bot.sandbox.launchdarkly.refusals import Refusal

PRESENT = "must be present"


class Parameters:
    """Each reader takes one parameter; ``check`` then refuses all that was wrong, missing or unknown at once."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._values = dict(pairs)
        self._unread = set(self._values)
        self._wrong: list[tuple[str, str]] = []
        names = [name for name, _ in pairs]
        self._wrong += [(name, "must be given once") for name in self._values if names.count(name) > 1]

    def text(self, name: str, *, required: bool = False) -> str:
        self._unread.discard(name)
        value = self._values.get(name, "")
        if required and not value:
            self.refuse(name, PRESENT)
        return value

    def words(self, name: str, allowed: Collection[str] | None = None) -> tuple[str, ...]:
        """A comma-separated list; only the allowed words, where there is such a list."""
        words = tuple(word.strip() for word in self.text(name).split(",") if word.strip())
        if allowed is not None:
            for word in words:
                if word not in allowed:
                    self.refuse(name, f"must be one of {', '.join(sorted(allowed))}, not {word}")
        return words

    def number(self, name: str, default: int, *, low: int, high: int | None = None) -> int:
        value = self.text(name)
        if not value:
            return default
        if not value.isdecimal() or int(value) < low or (high is not None and int(value) > high):
            self.refuse(name, f"must be a whole number from {low}" + (f" to {high}" if high is not None else ""))
            return default
        return int(value)

    def instant(self, name: str, default: datetime, *, or_iso: bool = False) -> datetime:
        """Unix milliseconds; with ``or_iso`` also a date-time, as the official clients send to pull requests."""
        value = self.text(name)
        if not value:
            return default
        try:
            if or_iso and not value.isdecimal():
                return datetime.fromisoformat(value).astimezone(UTC)
            return datetime.fromtimestamp(int(value) / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            self.refuse(name, "must be a Unix timestamp in milliseconds")
            return default

    def refuse(self, name: str, reason: str) -> None:
        self._wrong.append((name, reason))

    def check(self) -> None:
        """Raises the refusal that names each wrong parameter."""
        unknown = [(name, "is not a parameter that this sandbox knows here") for name in sorted(self._unread)]
        if self._wrong or unknown:
            raise Refusal(400, reasons=self._wrong + unknown)
