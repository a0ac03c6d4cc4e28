"""The digests that there are: in a channel, and in the Home tab."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.domain.digests import Subscription
from bot.formatting import digest_buttons
from bot.formatting.blocks import rich_text, section
from bot.formatting.digest_results import Result, result_pieces
from bot.formatting.lines import Line, bold, code, line, to_plain
from bot.formatting.message import Message, check_message
from bot.formatting.subscriptions import asks, next_in_words, place, title_of, where
from bot.formatting.text import number

ON_A_PAGE, IN_HOME = 10, 20
"""Digests in one list, and in the Home tab."""

_MOST_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A digest in a list, with its last result where it has one."""

    subscription: Subscription
    last: Result | None = None


def format_list(
    entries: Sequence[Entry], now: datetime, *, channel_id: str, page: int = 1, notice: Message | None = None
) -> Message:
    """The channel's digests with their buttons; ``notice`` says above them what was just done."""
    pages = max(1, -(-len(entries) // ON_A_PAGE))
    page = min(max(page, 1), pages)
    first = (page - 1) * ON_A_PAGE
    shown = entries[first : first + ON_A_PAGE]
    here = place(channel_id)
    head = [line(bold(f"Digests of this {here}" if entries else f"This {here} has no digest yet"))]
    if not entries:
        head.append(line("Type ", code("/digest weekdays 09:30"), ", or fill in a form with the button below."))
    if pages > 1:
        numbers = f"{number(first + 1)}–{number(first + len(shown))} of {number(len(entries))}"
        head.append(line(f"{numbers} · page {page} of {pages}"))
    told = [*head, *(one for entry in shown for one in entry_lines(entry, now))]
    above = f"{notice.text}\n" if notice else ""
    text = above + to_plain(told, _MOST_TEXT - len(above))
    blocks = [section(head), *(block for entry in shown for block in _entry(entry, now))]
    dicts = [block.to_dict() for block in [*blocks, digest_buttons.turning(page, pages)]]
    return check_message(Message(text, (*(notice.blocks if notice else ()), *dicts)))


def home_digests(entries: Sequence[Entry], now: datetime) -> list[Block]:
    """The same in the Home tab, each with the channel that it goes to; nobody is notified by that."""
    lines = [line(bold("Your digests"))]
    if not entries:
        typed = code("/digest weekdays 09:30")
        lines.append(line("None yet. Fill in the form, or type ", typed, " in the channel that wants one."))
    if len(entries) > IN_HOME:
        lines.append(
            line(f"{IN_HOME} of {number(len(entries))}; type ", code("/digest"), " in a channel for the rest.")
        )
    blocks = [section(lines, digest_buttons.new(style=None))]  # the tab has its primary button above
    for entry in entries[:IN_HOME]:
        blocks += _entry(entry, now, above=where(entry.subscription.channel_id))
    return blocks


def entry_lines(entry: Entry, now: datetime) -> Iterator[Line]:
    """One digest in three or four lines."""
    one = entry.subscription
    empty = "says so when there is nothing" if one.say_when_empty else "does not come when there is nothing"
    yield line(bold(title_of(one)), f" · {one.schedule.words}")
    yield line(*asks(one), f" · {empty}")
    yield line("Next: ", next_in_words(one, now))
    if entry.last:
        yield line("Last: ", *result_pieces(entry.last, one, now, with_due=True))


def _entry(entry: Entry, now: datetime, above: Block | None = None) -> list[Block]:
    shown = [rich_text(entry_lines(entry, now)), digest_buttons.below(entry.subscription)]
    return [above, *shown] if above else shown
