from __future__ import annotations

import pytest

from bot.domain.errors import (
    SourceAuthError,
    SourceContractError,
    SourceNotFound,
    SourceRateLimited,
    SourceRefused,
    SourceUnavailable,
)
from bot.launchdarkly import retry
from bot.launchdarkly.retry import Failure
from tests.builders import NOW
from tests.unit.launchdarkly.test_sansio import STATUSES, refusal

NOW_MS = NOW.timestamp() * 1000
DATE = "Mon, 23 Nov 2026 10:00:00 GMT"


def wait(failure: Failure, attempt: int = 1, remaining: float = 1000, random: float = 0.5) -> float | None:
    return retry.wait_after(failure, attempt=attempt, attempts=4, remaining=remaining, random=lambda: random)


def tries(failure: Failure) -> int:
    return next(attempt for attempt in range(1, 10) if wait(failure, attempt) is None)


@pytest.mark.parametrize(("status", "error"), STATUSES)
def test_which_statuses_are_asked_again(status, error):
    expected = 4 if status in {429, 500, 502, 503, 504} else 1
    assert tries(Failure(refusal(status), status)) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (SourceUnavailable("connection"), 4),
        (SourceContractError("not JSON"), 2),
        (SourceRefused("400"), 1),
        (SourceAuthError("401"), 1),
        (SourceNotFound("404"), 1),
    ],
)
def test_what_else_is_asked_again(error, expected):
    assert tries(Failure(error)) == expected


def test_without_a_hint_the_waits_double_with_jitter():
    failure = Failure(SourceUnavailable("503"), 503)
    assert [wait(failure, attempt) for attempt in (1, 2, 3)] == [0.25, 0.5, 1.0]
    assert wait(failure, random=0.0) == 0.125
    assert wait(failure, random=0.999) == pytest.approx(0.375, abs=0.001)


def test_a_limit_that_does_not_say_when_it_ends_is_outlasted():
    failure = Failure(SourceRateLimited("429"), 429)
    assert sum(wait(failure, attempt, random=0.25) or 0 for attempt in (1, 2, 3)) >= 10


def test_a_hint_is_waited_for_with_a_little_jitter():
    assert wait(Failure(SourceRateLimited("429"), 429, 7.0), random=0.0) == 7.0
    assert wait(Failure(SourceRateLimited("429"), 429, 7.0), random=0.9) == pytest.approx(7.45)
    assert wait(Failure(SourceUnavailable("503"), 503, 3.0), random=0.0) == 3.0


def test_a_wait_beyond_the_budget_is_not_begun():
    failure = Failure(SourceRateLimited("429"), 429, 7.0)
    assert wait(failure, remaining=7.1, random=0.0) == 7.0
    assert wait(failure, remaining=7.0, random=0.0) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:09 GMT"}, 9.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "0"}, None),
        ({"retry-after": "inf"}, None),
        ({"x-ratelimit-reset": str(int(NOW_MS) + 2500)}, 2.5),
        ({"x-ratelimit-auth-token-reset": str(int(NOW_MS) + 4000)}, 4.0),
        ({"x-ratelimit-reset": str(int(NOW_MS) - 2500)}, None),
        ({"x-ratelimit-reset": str(int(NOW_MS / 1000) + 5)}, None),  # seconds would be the long past
        ({"x-ratelimit-reset": "nonsense"}, None),
        (
            {
                "retry-after": "1",
                "x-ratelimit-reset": str(int(NOW_MS) + 2000),
                "x-ratelimit-auth-token-reset": str(int(NOW_MS) + 6000),
            },
            6.0,
        ),
    ],
)
def test_each_header_in_its_own_unit_and_the_longest_holds(headers, seconds):
    assert retry.hinted_wait(headers, NOW_MS) == seconds
    assert retry.hinted_wait({**headers, "date": DATE}, NOW_MS) == seconds


@pytest.mark.parametrize("skew_ms", [-3_600_000, 3_600_000])
def test_a_clock_that_is_wrong_here_does_not_change_the_wait(skew_ms):
    headers = {"x-ratelimit-reset": str(int(NOW_MS) + 5000), "date": DATE}
    assert retry.hinted_wait(headers, NOW_MS + skew_ms) == 5.0


def test_the_reset_of_a_limit_that_is_not_used_up_asks_for_nothing():
    headers = {"x-ratelimit-reset": str(int(NOW_MS) + 5000), "date": DATE}
    assert retry.hinted_wait(headers, NOW_MS, status=503) is None
    assert retry.hinted_wait({**headers, "retry-after": "3"}, NOW_MS, status=503) == 3.0
