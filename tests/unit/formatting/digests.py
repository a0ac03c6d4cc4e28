"""Digests to look at: each kind of message that a channel, or a digest's owner, can get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.domain.deployments import COMPLETE, Completeness, Deployment
from bot.domain.digests import Occurrence, Subscription
from bot.domain.filters import Filters
from bot.domain.summary import Summary
from bot.formatting.digest import format_digest, format_paused, format_unread
from bot.formatting.message import Message
from bot.formatting.refusals import in_words
from bot.services.digest_reading import Due, summary_of
from tests.builders import NOW, deployment, flag, pull_request, reading, subscription

BASE_URL = "https://app.launchdarkly.com"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = NOW - HOUR / 2  # Monday, 09:30 in New York's and 10:30 in Berlin's winter
FRIDAY = DUE - 3 * DAY
OCCURRENCE = Occurrence("s1", DUE, FRIDAY, DUE)
LATE = replace(OCCURRENCE, window_end=DUE + 4 * HOUR, late=True)
GAP = Completeness(("Only 3 of 5 deployments could be read: LaunchDarkly answered 503",))


def at(id: str, hours: float, **changes) -> Deployment:
    """Ended so many hours before the digest was due."""
    return deployment(id, started_at=DUE - timedelta(hours=hours, minutes=4), **changes)


WEEKEND = [
    at(
        "d1",
        2,
        pull_requests=[pull_request(406), pull_request(407, author="dependabot[bot]")],
        flag_references=[flag()],
    ),
    at("d2", 26, pull_requests=[pull_request(401, author="sam.lee")], flag_references=[flag("new-checkout", 0, 1)]),
    at("d3", 5, application="checkout-web", status="failed", pull_requests=[pull_request(88, author="jo.park")]),
    at("d4", 4, application="checkout-web", version="3f9ac01", pull_requests=[pull_request(89, author="jo.park")]),
    at("d5", 70, application="search-api", flag_references=[flag("old-ranking", 0, 9)]),
    at("learned-of-late", 80, application="search-api"),
]


def busy(count: int = 400) -> list[Deployment]:
    names = ("billing-service", "checkout-web", "search-api", "ledger", *(f"service-{n}" for n in range(20)))
    return [
        at(
            f"d{index}",
            index / 8,
            application=names[index % len(names)],
            status="failed" if index % 23 == 0 else "finished",
            pull_requests=[pull_request(index * 10 + n, author=f"person.{index % 31}") for n in range(index % 6)],
            flag_references=[flag(f"flag-{index % 40}", index % 7, 1)],
        )
        for index in range(count)
    ]


def told(*deployments, due: Occurrence = OCCURRENCE, completeness=COMPLETE, **changes) -> Summary:
    return summary_of(Due(subscription(**changes), due), reading(*deployments, completeness=completeness), ())


def digest(*deployments, due: Occurrence = OCCURRENCE, name: str = "", **changes) -> Message:
    return format_digest(told(*deployments, due=due, **changes), due, name=name, base_url=BASE_URL)


def unread(**changes) -> Message:
    reason = "LaunchDarkly answered 503 four times."
    return format_unread(subscription(**changes), OCCURRENCE, reason, next_at=DUE + DAY, now=NOW)


def paused(code: str, **changes) -> Message:
    one: Subscription = subscription(number=2, **changes)
    return format_paused(one.paused(in_words(code)))


MESSAGES: dict[str, Callable[[], Message]] = {
    "digest": lambda: digest(*WEEKEND),
    "digest_late_and_named": lambda: digest(*WEEKEND, due=LATE, name="Payments"),
    "digest_of_a_busy_week": lambda: digest(*busy()),
    "digest_of_nothing": lambda: digest(),
    "digest_of_nothing_that_matches": lambda: digest(*WEEKEND, filters=Filters(applications=("ledger-*",))),
    "digest_filtered": lambda: digest(
        *WEEKEND, filters=Filters(excluded_authors=("dependabot[bot]",), status="finished")
    ),
    "digest_with_a_gap": lambda: digest(*WEEKEND[:3], completeness=GAP),
    "digest_of_a_gap": lambda: digest(completeness=GAP),
    "digest_unread": unread,
    "digest_paused_archived": lambda: paused("is_archived"),
    "digest_paused_for_another_reason": lambda: paused("restricted_action", name="Payments <!here>"),
}
