"""How a window is split by time, so that its slices can be read side by side. Pure.

Cursors are sequential: page 40 cannot be asked for before page 39 has come. Windows are not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.launchdarkly.sansio import PAGE

FEW_PAGES = 3
"""Up to this many pages are read one after the other: slices would cost more than they save."""

_PAGES_A_SLICE = 4
_NARROWEST_MS = 60_000


@dataclass(frozen=True, slots=True, order=True)
class Slice:
    """``[start_ms, end_ms]`` of a window, epoch ms, expected to hold about ``expected`` deployments."""

    start_ms: int
    end_ms: int
    expected: int = 0


def split(start_ms: int, end_ms: int, total: int, side_by_side: int) -> list[Slice]:
    """Equal slices of four pages each, or of more where they would be more than twice the ``side_by_side``.

    Every slice ends with a page that is not full, so fewer slices cost fewer requests; two rounds of them even out busy
    and quiet times. None is narrower than a minute. Each starts one millisecond inside the one before, so that nothing
    is lost whether LaunchDarkly counts the ends of a window in or out; what is listed twice has one id.
    """
    width = max(1, end_ms - start_ms)
    count = max(1, min(-(-total // (_PAGES_A_SLICE * PAGE)), 2 * side_by_side, width // _NARROWEST_MS))
    edges = [start_ms + width * n // count for n in range(count)] + [end_ms]
    share = -(-total // count)
    return [Slice(edges[n] - (n > 0), edges[n + 1], share) for n in range(count)]


def is_much_busier(piece: Slice, total: int) -> bool:
    """Whether a slice turned out to hold so much more than planned that splitting it again pays."""
    return total > max(2 * piece.expected, 2 * _PAGES_A_SLICE * PAGE) and piece.end_ms - piece.start_ms > _NARROWEST_MS


def spans(pieces: Iterable[Slice]) -> list[tuple[int, int]]:
    """The stretches of time that the slices cover, neighbours joined, in order."""
    joined: list[tuple[int, int]] = []
    for piece in sorted(pieces):
        if joined and piece.start_ms <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], piece.end_ms))
        else:
            joined.append((piece.start_ms, piece.end_ms))
    return joined


def in_words(start_ms: int, end_ms: int) -> str:
    """A stretch of time for people, in UTC; the day is said once where both ends share it."""
    start, end = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (start_ms, end_ms))
    last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d %H:%M} to {last} UTC"
