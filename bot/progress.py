"""How far a long read has come, on standard error while a person waits there."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.status import Status

_WAITING = "Asking LaunchDarkly …"


class Progress:
    """A spinner with a count; nothing at all where standard error is not a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._status: Status | None = None

    def __enter__(self) -> Progress:
        if self._console.is_terminal:
            self._status = self._console.status(_WAITING)
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Clear the line, so that what is printed next stands alone."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def update(self, read: int, total: int | None) -> None:
        """``read`` deployments of ``total``, where the total is known."""
        if self._status is not None:
            of = "" if total is None else f" of {total:,}"
            self._status.update(f"Reading deployments: {read:,}{of} …")
