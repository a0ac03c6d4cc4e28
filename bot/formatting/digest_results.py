"""What became of the last occurrences of a digest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.domain.digests import Subscription
from bot.formatting.blocks import Part, compose, context, rich_text, section
from bot.formatting.lines import Piece, bold, bullet, code, line
from bot.formatting.message import Message
from bot.formatting.refusals import in_words
from bot.formatting.subscriptions import next_in_words, title_of
from bot.formatting.text import clean, plural, sentence
from bot.formatting.times import stamp

_REASON = 200
_UNKNOWN_DELIVERY = (
    "⚠️ Where I cannot look whether Slack posted a message, the setting ",
    code("UNKNOWN_DELIVERY"),
    " decided. With the scope ",
    code("channels:history"),
    " (in a private channel ",
    code("groups:history"),
    ") I look, and send again what is not there.",
)


class Ended(Enum):
    """How an occurrence ended, as far as it has."""

    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    RETRYING = "retrying"
    LEFT_TO_NEXT = "left to the next digest"
    """No more attempts, for its schedule was changed; nothing of it is lost."""
    UNKNOWN = "unknown"
    NEVER_KNOWN = "never known"
    """Unknown for good: nobody could look, and it is not sent again."""
    UNDER_WAY = "under way"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one occurrence: ``at`` is when, ``deployments`` how many it told."""

    due_at: datetime
    ended: Ended
    at: datetime
    deployments: int = 0
    reason: str = ""
    retry_at: datetime | None = None


def format_why(subscription: Subscription, results: Sequence[Result], now: datetime) -> Message:
    """What became of the last occurrences, newest first."""
    lines = [
        bullet(
            f"due {_stamp(result.due_at, subscription, now)}: ",
            *result_pieces(result, subscription, now, with_due=False),
        )
        for result in results
    ]
    none = [] if lines else [line("It has not been due yet.")]
    never_known = any(result.ended is Ended.NEVER_KNOWN for result in results)
    made = stamp(subscription.created_at, subscription.schedule.tzinfo, now)
    return compose(
        [
            Part(section, [line(bold(f"What became of {title_of(subscription)}")), line(subscription.schedule.words)]),
            Part(rich_text, [*none, *lines]),
            Part(rich_text, [line("Next: ", next_in_words(subscription, now))]),
            Part(context, [line(*_UNKNOWN_DELIVERY)] if never_known else []),
            Part(context, [line(f"Subscribed {made}")]),
        ]
    )


def result_pieces(result: Result, subscription: Subscription, now: datetime, *, with_due: bool) -> Iterator[Piece]:
    """What became of an occurrence; with when it was due."""
    at = _stamp(result.at, subscription, now)
    reason = in_words(clean(result.reason, _REASON))
    because = reason or "no reason was kept"
    count = plural(result.deployments, "deployment")
    if with_due:
        yield Piece(f"{_stamp(result.due_at, subscription, now)} – ")
    match result.ended:
        case Ended.SENT:
            yield Piece(f"sent {at}, {count}")
            yield Piece(f" ({reason})" if reason else "")
        case Ended.SKIPPED:
            yield Piece(f"not sent: {reason or 'nothing to tell'}")
        case Ended.FAILED:
            yield Piece(f"❌ not sent: {because}")
        case Ended.RETRYING:
            again = f" Next attempt: {_stamp(result.retry_at, subscription, now)}" if result.retry_at else ""
            yield Piece(f"not sent yet: {sentence(because)}{again}")
        case Ended.LEFT_TO_NEXT:
            yield Piece(f"not sent: {sentence(because)} Its deployments come with the next digest")
        case Ended.UNKNOWN:
            yield Piece(f"⚠️ perhaps sent {at}, {count}: {sentence(because)} I am still finding out")
        case Ended.NEVER_KNOWN:
            yield Piece(f"⚠️ perhaps sent {at}, {count}: {sentence(because)} It is not sent again")
        case Ended.UNDER_WAY:
            yield Piece("under way")


def _stamp(at: datetime, subscription: Subscription, now: datetime) -> str:
    return stamp(at, subscription.schedule.tzinfo, now)
