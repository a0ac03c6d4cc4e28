"""What is said about digests themselves: what they are, who changed what, when the next one comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum

from slack_sdk.models.blocks import Block, ContextBlock, MarkdownTextObject

from bot.domain.digests import Subscription
from bot.domain.filters import Filters
from bot.domain.query import TimeWindow
from bot.domain.schedule import Schedule, next_due
from bot.formatting import digest_buttons
from bot.formatting.answer import filters
from bot.formatting.blocks import Part, compose, context, rich_text, section
from bot.formatting.deployment import label
from bot.formatting.lines import Line, Piece, bold, code, line
from bot.formatting.message import Message, check_message
from bot.formatting.refusals import in_words
from bot.formatting.text import clean, sentence
from bot.formatting.times import length, stamp

_NAME, _REASON = 60, 200


class Change(Enum):
    """What somebody did to a digest."""

    SUBSCRIBED = "subscribed"
    EDITED = "changed"
    PAUSED = "paused"
    RESUMED = "resumed"
    REMOVED = "removed"
    RESTORED = "brought back"


def announcement(
    change: Change, subscription: Subscription, actor: str, now: datetime, before: Subscription | None = None
) -> Message:
    """The one line for everybody in the channel. ``actor`` is a name; nobody is notified.

    ``before`` is what the subscription was before it was changed.
    """
    return compose([Part(rich_text, [line(*_announced(change, subscription, actor, now, before))])])


def confirmation(change: Change, subscription: Subscription, now: datetime, undo: str = "") -> Message:
    """What the actor is told; ``undo`` is what its button carries."""
    words = {
        Change.SUBSCRIBED: f"This {place(subscription.channel_id)} is subscribed to",
        Change.EDITED: "Changed:",
        Change.PAUSED: "Paused:",
        Change.RESUMED: "Resumed:",
        Change.REMOVED: "Removed:",
        Change.RESTORED: "Brought back:",
    }[change]
    lines = [line(f"{words} ", bold(title_of(subscription)), f" · {subscription.schedule.words}")]
    if change is not Change.REMOVED:
        lines += [line(*asks(subscription)), line("Next: ", next_in_words(subscription, now))]
    return compose([Part(rich_text, lines)], [digest_buttons.undo(subscription.number, undo)] if undo else [])


def unchanged(subscription: Subscription, now: datetime) -> Message:
    """For what was so already."""
    words = "is like that already" if subscription.is_active else "is paused already"
    return _said(line(bold(title_of(subscription)), f" {words}. Next: ", next_in_words(subscription, now)))


def cancelled() -> Message:
    """For a preview that was thrown away."""
    return _said(line("Nothing was changed. A new one: ", code("/digest weekdays 09:30")))


def cannot_post(undone: str, *, direct: bool) -> Message:
    """For a conversation in which the bot may not post; ``direct``: one of people, to which it cannot be invited.

    ``undone`` is what was not done: "subscribed".
    """
    if direct:
        return _said(
            line(bold(f"Nothing was {undone}: I cannot post in this conversation. ")),
            line("Type the same in a channel, or in your messages with me."),
        )
    return _said(
        line(bold(f"Nothing was {undone}: I cannot post in this channel. ")),
        line("Type ", code("/invite @What Shipped"), " in it, then do the same once more."),
    )


def posted_now(subscription: Subscription, now: datetime) -> Message:
    """For a digest that was wanted at once."""
    head = line("Posted: ", bold(title_of(subscription)), ", as of now. ")
    return _said(head, line(f"It does not count; next: {sentence(next_in_words(subscription, now))}"))


def not_announced(told: Message, reason: str) -> Message:
    """A confirmation of what is done, although the channel could not be told."""
    added = compose([Part(context, [line(f"⚠️ I could not announce it: {in_words(clean(reason, _NAME))}.")])])
    return check_message(Message(f"{told.text}\n{added.text}", (*told.blocks, *added.blocks)))


def not_a_manager(names: Sequence[str]) -> Message:
    """For somebody who may not change digests; ``names`` are of those who may."""
    told = [clean(name, _NAME) for name in names if name] or ["nobody whose name I can read"]
    return _said(
        line(bold("Only some people may change digests here. ")),
        line(f"Ask {' or '.join(told)}; looking and previewing is for everybody: ", code("/digest list")),
    )


def where(channel_id: str) -> Block:
    """The channel of a digest, named to somebody who may not be looking at it."""
    return ContextBlock(elements=[MarkdownTextObject(text=_where(channel_id), verbatim=True)])


def in_modal(message: Message, channel_id: str) -> Message:
    """What is said about a digest, for a modal: it covers the channel, or lies upon the Home tab.

    It is not a message any more: it may have one block more than Slack takes in one.
    """
    return Message(f"{_where(channel_id)}\n{message.text}", (where(channel_id).to_dict(), *message.blocks))


# -- Parts that other messages use -------------------------------------------------------------------------------------


def title_of(subscription: Subscription) -> str:
    """ "#2 Billing", or "#2 Digest" where it has no name; "New digest" where it has no number yet."""
    name = clean(subscription.name, _NAME)
    if not subscription.number:
        return f"New digest “{name}”" if name else "New digest"
    return f"#{subscription.number} {name or 'Digest'}"


def asks(subscription: Subscription) -> list[Piece]:
    """What it tells: environment, project and filters."""
    query = subscription.query(TimeWindow(subscription.counts_from))
    return [Piece("Deployments to "), code(label(subscription.environment)), *filters(query)]


def differences(before: Subscription, after: Subscription) -> list[Piece]:
    """What a digest was, as far as it is not so afterwards; nothing where it is the same."""
    told: list[list[Piece]] = []
    if before.name != after.name:
        told.append([Piece(f"called {clean(before.name, _NAME)}" if before.name else "without a name")])
    if before.schedule != after.schedule:
        told.append([Piece(before.schedule.words)])
    if _asked(before) != _asked(after):
        told.append(asks(before))
    if before.say_when_empty != after.say_when_empty:
        told.append([Piece(when_empty(before))])
    return [piece for place, pieces in enumerate(told) for piece in ([Piece(" · ")] if place else []) + pieces]


def when_empty(subscription: Subscription) -> str:
    """What it does where there is nothing to tell."""
    return f"where there is nothing to tell, it {'says so' if subscription.say_when_empty else 'does not come'}"


def _asked(subscription: Subscription) -> tuple[str, str, Filters]:
    return subscription.project, subscription.environment, subscription.filters


def next_in_words(subscription: Subscription, now: datetime) -> str:
    """ "tomorrow, Tue 24 Nov 09:30 CET (in 23 h)", or that it is paused."""
    if not subscription.is_active:
        return _paused(subscription)
    return due_in_words(subscription.schedule, max(now, subscription.due_after), now)


def due_in_words(schedule: Schedule, after: datetime, now: datetime | None = None) -> str:
    """The first due time after an instant: "tomorrow, Tue 24 Nov 09:30 CET (in 23 h)"; ``now`` is that instant."""
    now = now or after
    zone, due = schedule.tzinfo, next_due(schedule, after)
    days = (due.astimezone(zone).date() - now.astimezone(zone).date()).days
    day = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
    return f"{day}, {stamp(due, zone, now)} (in {length(due - now)})"


def place(channel_id: str) -> str:
    """What to call it: "channel", or "conversation" for direct messages."""
    return "conversation" if channel_id.startswith("D") else "channel"


def _next_date(subscription: Subscription, now: datetime) -> str:
    """The same, in words that are as true tomorrow."""
    if not subscription.is_active:
        return _paused(subscription)
    due = next_due(subscription.schedule, max(now, subscription.due_after))
    return stamp(due, subscription.schedule.tzinfo, now)


def _paused(subscription: Subscription) -> str:
    reason = clean(subscription.reason, _REASON)
    return f"none while it is paused{f' ({reason})' if reason else ''}"


def _where(channel_id: str) -> str:
    # Slack shows a channel's name to those alone who may know it.
    return "In a direct message" if channel_id.startswith("D") else f"In <#{channel_id}>"


def _announced(
    change: Change, subscription: Subscription, actor: str, now: datetime, before: Subscription | None
) -> Iterator[Piece | str]:
    what = f" this {place(subscription.channel_id)} to" if change is Change.SUBSCRIBED else ""
    yield f"{clean(actor, _NAME) or 'Somebody'} {change.value}{what} "
    yield bold(title_of(subscription))
    at = f"/digest {{}} {subscription.number}"
    match change:
        case Change.PAUSED:
            yield f" ({subscription.schedule.words}). To have it back: "
            yield code(at.format("resume"))
        case Change.REMOVED:
            yield f" ({subscription.schedule.words}); it does not come any more."
        case Change.RESUMED:
            yield f": it tells what ships from now on. Next: {sentence(_next_date(subscription, now))}"
        case _:
            yield ": "
            yield from asks(subscription)
            yield f", {subscription.schedule.words}. "
            if before and (was := differences(before, subscription)):
                yield "Until now: "
                yield from was
                yield ". "
            yield f"Next: {sentence(_next_date(subscription, now))} Change it: "
            yield code(at.format("edit"))
            yield ", stop it: "
            yield code(at.format("remove"))


def _said(*lines: Line) -> Message:
    return compose([Part(section, [line(*(piece for one in lines for piece in one.pieces))])])
