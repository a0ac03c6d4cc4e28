"""Whether to ask again, and when: a pure decision. Reads are safe to repeat.

Rate limits: https://launchdarkly.com/docs/api#rate-limiting. Limits are counted over ten seconds and shared by all of
an account's tokens, so a retry that comes too early hurts others. Any header may be missing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.domain.errors import SourceContractError, SourceError
from bot.launchdarkly.sansio import http_date, server_date

ATTEMPTS = 4
WORTH_REPEATING = frozenset({429, 500, 502, 503, 504})

_RESETS_MS = ("x-ratelimit-reset", "x-ratelimit-auth-token-reset")  # absolute, epoch milliseconds
_CLOCKS_AGREE_S = 2.0  # a Date header is exact to a second; within this our own clock is the better one
_FIRST_WAIT_S = 0.25
_FIRST_WAIT_UNTOLD_LIMIT_S = 2.0  # 2 + 4 + 8 s outlast the ten-second window of a limit that does not say when it ends
_LONGEST_WAIT_S = 10.0
_MOST_JITTER_S = 0.5


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt: the error that it stands for and, where a response came, its status and headers' wait."""

    error: SourceError
    status: int | None = None
    hint: float | None = None


def wait_after(
    failure: Failure, *, attempt: int, attempts: int, remaining: float, random: Callable[[], float]
) -> float | None:
    """Seconds to wait before attempt ``attempt + 1``, or None to give up.

    ``remaining`` is the caller's budget in seconds: a wait that would not leave any of it is not begun. ``random``
    gives numbers in [0, 1).
    """
    if attempt >= _allowed(failure, attempts):
        return None
    if failure.hint is not None:
        wait = failure.hint + random() * _MOST_JITTER_S
    else:
        first = _FIRST_WAIT_UNTOLD_LIMIT_S if failure.status == 429 else _FIRST_WAIT_S
        wait = min(first * 2 ** (attempt - 1), _LONGEST_WAIT_S) * (0.5 + random())
    return wait if wait < remaining else None


def _allowed(failure: Failure, attempts: int) -> int:
    if isinstance(failure.error, SourceContractError):  # a cut or misshapen body: once more, then it is the rule
        return min(attempts, 2)
    if failure.error.retryable and (failure.status is None or failure.status in WORTH_REPEATING):
        return attempts
    return 1


def hinted_wait(headers: Mapping[str, str], now_ms: float, status: int = 429) -> float | None:
    """What the response's headers ask to wait, in seconds; None where they say nothing, nonsense, or the past.

    ``now_ms`` is our clock, in epoch milliseconds. Resets are absolute times of the server's clock, so they are
    compared with the response's own ``Date`` where the two clocks differ. Every answer has them; they ask for a wait
    only where the ``status`` says that the limit is used up.
    """
    told = server_date(headers)
    if told is not None and abs(told.timestamp() - now_ms / 1000) > _CLOCKS_AGREE_S:
        now_ms = told.timestamp() * 1000
    waits = [_retry_after(headers.get("retry-after", ""), now_ms)]
    if status == 429:
        waits += [(_number(headers.get(name, "")) - now_ms) / 1000 for name in _RESETS_MS]
    longest = max((wait for wait in waits if not math.isnan(wait)), default=0.0)
    return longest if longest > 0 else None


def _retry_after(text: str, now_ms: float) -> float:
    date = http_date(text)
    return _number(text) if date is None else date.timestamp() - now_ms / 1000


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
