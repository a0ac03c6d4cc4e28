"""Every message about digests themselves, for the snapshots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from bot.domain.deployments import Completeness
from bot.domain.digests import Subscription
from bot.domain.filters import Filters
from bot.domain.previews import Draft, Preview, preview
from bot.domain.summary import Copy, summarize
from bot.formatting import subscriptions as told
from bot.formatting.digest import format_digest
from bot.formatting.digest_buttons import SAVE, SUBSCRIBE
from bot.formatting.digest_list import Entry, format_list
from bot.formatting.digest_results import Ended, Result, format_why
from bot.formatting.message import Message
from bot.formatting.previews import format_now, format_preview
from bot.formatting.subscriptions import Change
from tests.builders import NOW, deployment, flag, pull_request, query, reading, subscription

BASE_URL = "https://app.launchdarkly.com"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOSTILE = "<!channel> *bold* `code` <https://evil.example|x>"

BILLS = subscription(
    "s1",
    number=1,
    name="Bills",
    filters=Filters(applications=("billing-*",), excluded_authors=("dependabot[bot]",)),
    say_when_empty=False,
)
STAGING = subscription("s2", number=2, environment="staging").paused("by sam.poe")
BEFORE = replace(
    BILLS, name="", schedule=replace(BILLS.schedule, zone="Asia/Tokyo"), filters=Filters(), say_when_empty=True
)
STRANGE = subscription("s3", number=3, name=HOSTILE, filters=Filters(words=(HOSTILE,)))
DUE = NOW - 90 * timedelta(minutes=1)
SENT = Result(DUE, Ended.SENT, DUE + timedelta(seconds=4), deployments=12)
RESULTS = (
    SENT,
    Result(DUE - DAY, Ended.SKIPPED, DUE - DAY, reason="nothing to say"),
    Result(DUE - 2 * DAY, Ended.FAILED, DUE - 2 * DAY, reason="LaunchDarkly answered 503 four times."),
    Result(DUE - 3 * DAY, Ended.RETRYING, DUE, reason="no connection", retry_at=NOW),
    Result(DUE - 3 * DAY, Ended.LEFT_TO_NEXT, DUE, reason="LaunchDarkly answered that it cannot (503)."),
    Result(DUE - 4 * DAY, Ended.UNKNOWN, DUE - 4 * DAY, deployments=3, reason="no answer"),
    Result(DUE - 4 * DAY, Ended.NEVER_KNOWN, DUE - 4 * DAY, deployments=3, reason="no answer"),
    Result(DUE - 4 * DAY, Ended.FAILED, DUE - 4 * DAY, reason="not_in_channel"),
    Result(DUE - 4 * DAY, Ended.FAILED, DUE - 4 * DAY, reason="msg_blocks_too_long"),
    Result(DUE - 5 * DAY, Ended.UNDER_WAY, DUE - 5 * DAY),
)


def seen(one: Subscription, *others: Subscription, **changes: Any) -> Preview:
    shipments = [
        deployment(
            f"d{day}",
            started_at=NOW - day * DAY,
            status="failed" if day == 3 else "finished",
            pull_requests=[pull_request(day)],
            flag_references=[flag()],
        )
        for day in (1, 3, 4)
    ]
    return preview(one, reading(*shipments, **changes), others, NOW)


def previewed(
    one: Subscription,
    *others: Subscription,
    decision: str = SUBSCRIBE,
    before: Subscription | None = None,
    title_words: tuple[str, ...] = (),
    **changes: Any,
) -> Message:
    shown = seen(one, *others, **changes)
    example = None
    if shown.example:
        summary = summarize(query(), reading(*shown.example.deployments), NOW)
        example = format_digest(summary, shown.example.occurrence, name=one.name, base_url=BASE_URL)
    draft = Draft(one, before, title_words)
    return format_preview(shown, example, draft=draft, decision=decision, value="drafted" if decision else "")


def now_digest() -> Message:
    summary = summarize(query(), reading(deployment()), NOW)
    occurrence = seen(BILLS).told[-1].occurrence
    return format_now(format_digest(summary, occurrence, name="Bills", base_url=BASE_URL), "jane.doe")


def announced(change: Change) -> Message:
    before = BEFORE if change is Change.EDITED else None
    return told.announcement(change, STAGING if change is Change.PAUSED else BILLS, "jane.doe", NOW, before)


MESSAGES: dict[str, Callable[[], Message]] = {
    "digests_of_a_channel": lambda: format_list(
        [Entry(BILLS, SENT), Entry(STAGING), Entry(STRANGE)], NOW, channel_id="C1"
    ),
    "digests_of_a_channel_without_any": lambda: format_list([], NOW, channel_id="C1"),
    "digests_of_a_channel_second_page": lambda: format_list(
        [Entry(replace(BILLS, id=f"s{number}", number=number), SENT) for number in range(1, 13)],
        NOW,
        channel_id="C1",
        page=2,
    ),
    "digests_of_a_channel_after_a_removal": lambda: format_list(
        [Entry(STAGING)], NOW, channel_id="C1", notice=told.confirmation(Change.REMOVED, BILLS, NOW, "undo")
    ),
    "digest_preview": lambda: previewed(replace(BILLS, number=0, name="")),
    "digest_preview_of_a_change": lambda: previewed(BILLS, decision=SAVE, before=BEFORE),
    "digest_preview_of_one_that_is_there": lambda: previewed(BILLS, decision=""),
    "digest_preview_of_nothing": lambda: previewed(replace(BILLS, filters=Filters(applications=("search-api",)))),
    "digest_preview_with_overlaps": lambda: previewed(replace(BILLS, id="s9", number=0), BILLS, STAGING, STRANGE),
    "digest_preview_of_a_namesake_with_title_words": lambda: previewed(
        replace(BILLS, id="s9", number=0), replace(BILLS, environment="staging"), title_words=("xyzzy", HOSTILE)
    ),
    "digest_preview_of_a_partial_reading": lambda: previewed(
        replace(BILLS, number=0),
        completeness=Completeness(("Page 3 of 5 did not come.",)),
        copy=Copy("LaunchDarkly did not answer (503)."),
    ),
    "digest_now": now_digest,
    "digest_why": lambda: format_why(BILLS, RESULTS, NOW),
    "digest_why_not_yet": lambda: format_why(STAGING, (), NOW),
    "digest_unchanged": lambda: told.unchanged(STAGING, NOW),
    "digest_cancelled": told.cancelled,
    "digest_cannot_post": lambda: told.cannot_post("subscribed", direct=False),
    "digest_cannot_post_between_people": lambda: told.cannot_post("subscribed", direct=True),
    "digest_not_a_manager": lambda: told.not_a_manager(["sam.poe", "kim.roe"]),
    "digest_posted_now": lambda: told.posted_now(BILLS, NOW),
    "digest_not_announced": lambda: told.not_announced(
        told.confirmation(Change.SUBSCRIBED, BILLS, NOW), "no connection"
    ),
    "digest_announced_hostile": lambda: told.announcement(Change.SUBSCRIBED, STRANGE, "<!here>", NOW),
    **{f"digest_announced_{change.name.lower()}": partial(announced, change) for change in Change},
    **{f"digest_confirmed_{change.name.lower()}": partial(told.confirmation, change, BILLS, NOW) for change in Change},
}
