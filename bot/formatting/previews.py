"""A digest before it comes: what it would have sent, and what it would send now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slack_sdk.models.blocks import Block, DividerBlock

from bot.domain.previews import Draft, Overlap, Preview, Told
from bot.domain.query import TimeWindow
from bot.formatting import digest_buttons
from bot.formatting.answer import gaps, stale
from bot.formatting.blocks import Part, compose, context, rich_text, section
from bot.formatting.lines import Line, bold, bullet, line
from bot.formatting.message import InvalidMessage, Message, check_message
from bot.formatting.offers import either
from bot.formatting.subscriptions import asks, differences, place, title_of, when_empty
from bot.formatting.text import clean, number, plural
from bot.formatting.times import stamp

_NAME = 60
_OVERLAPS = 2
_MOST_TEXT = 4_000


def format_preview(
    preview: Preview,
    example: Message | None,
    *,
    draft: Draft | None = None,
    decision: str = "",
    value: str = "",
    first: bool = False,
) -> Message:
    """What the digest would have sent in the last days: counts, then the last digest with something in it.

    ``draft`` is what was previewed. ``decision`` is the button ``SUBSCRIBE`` or ``SAVE``, with what it carries; "" for
    a digest that is there already.
    It stands at the end, where a new message is looked at; ``first``: above the example, as a modal begins at its top.
    """
    subscription, draft = preview.subscription, draft or Draft(preview.subscription)
    buttons = [digest_buttons.decide(decision, value)] if decision else []
    head = compose(
        [
            Part(section, [line(bold(f"Preview · {title_of(subscription)}"))]),
            Part(rich_text, [*_wish(draft)]),
            Part(rich_text, [*_warnings(preview, draft)]),
            Part(rich_text, [*_told(preview)]),
        ],
        buttons if first else [],
    )
    buttons = [] if first else buttons
    shown = preview.example
    if example is None or shown is None:
        return _together(head, None, buttons)
    intro = compose([Part(context, [line(f"For example, the one of {_at(shown, preview)}:")])])
    between = (DividerBlock().to_dict(), *intro.blocks)
    return _together(Message(f"{head.text}\n{intro.text}", (*head.blocks, *between)), example, buttons)


def format_now(digest: Message, actor: str) -> Message:
    """A digest that somebody wanted at once, marked so that nobody takes it for the one that is due."""
    note = line(
        bold("now – not counted"),
        f" · asked for by {clean(actor, _NAME) or 'somebody'}; the next digest ",
        "tells the same once more.",
    )
    marked = compose([Part(context, [note])])
    return _together(marked, digest, [])


def _wish(draft: Draft) -> Iterator[Line]:
    subscription = draft.subscription
    yield line(subscription.schedule.words, f" · {when_empty(subscription)}")
    yield line(*asks(subscription))

    if draft.before and (was := differences(draft.before, subscription)):
        yield line(bold("Until now: "), *was)


def _warnings(preview: Preview, draft: Draft) -> Iterator[Line]:
    if draft.title_words:
        told = "so only deployments with that in a pull request's title are told."
        yield line("⚠️ No application is called ", *either(draft.title_words), f", {told}")
    if other := preview.namesake:
        name = clean(other.name, _NAME)
        yield line(f"⚠️ #{other.number} is called {name}, too: say its number to pause, edit or remove it.")
    yield from stale(preview.copy, preview.as_of, _window(preview))
    yield from gaps(preview.completeness)
    for overlap in preview.overlaps[:_OVERLAPS]:
        yield line("⚠️ ", *_overlap(overlap, preview))
    if (more := len(preview.overlaps) - _OVERLAPS) > 0:
        yield line(f"⚠️ … and {plural(more, 'more digest')} there")


def _window(preview: Preview) -> TimeWindow:
    first, last = preview.told[0].occurrence, preview.told[-1].occurrence
    return TimeWindow(first.window_start, last.window_end, preview.subscription.schedule.tzinfo)


def _overlap(overlap: Overlap, preview: Preview) -> Iterator[str]:
    other, every = overlap.subscription, plural(preview.deployments, "deployment")
    yield f"{title_of(other)} ({other.schedule.words}) is in the same {place(other.channel_id)} already and "
    if not overlap.shared:
        yield "may tell the same."
    elif overlap.shared < preview.deployments:
        yield f"tells {number(overlap.shared)} of these {every}, too."
    else:
        yield f"tells {'this one deployment' if preview.deployments == 1 else f'all of these {every}'}, too."


def _told(preview: Preview) -> Iterator[Line]:
    count, failed = preview.deployments, sum(one.failed for one in preview.told)
    came = sum(bool(one.deployments) or preview.subscription.say_when_empty for one in preview.told)
    at_least = "" if preview.completeness.is_complete else "at least "
    broken = f", {failed} of them failed" if failed else ""
    yield line(
        bold("In the last 7 days: "),
        f"{plural(came, 'digest')} with {at_least}{plural(count, 'deployment')}{broken}",
    )
    for one in preview.told:
        yield bullet(f"{_at(one, preview)}: {_count(one, preview)}")


def _count(one: Told, preview: Preview) -> str:
    if not one.deployments and not preview.completeness.is_complete:
        return "nothing found in what could be read"
    if not one.deployments:
        return "nothing, and says so" if preview.subscription.say_when_empty else "nothing, so it would not have come"
    broken = f", {one.failed} failed" if one.failed else ""
    return f"{plural(len(one.deployments), 'deployment')}{broken}"


def _at(one: Told, preview: Preview) -> str:
    return stamp(one.occurrence.due_at, preview.subscription.schedule.tzinfo, preview.as_of)


def _together(head: Message, example: Message | None, below: Sequence[Block]) -> Message:
    """One message of parts; of the example as many blocks as Slack has room for, and said where it is not all."""
    shown = [*example.blocks] if example else []
    text = head.text + (f"\n{example.text}" if example else "")
    if len(text) > _MOST_TEXT:
        text = head.text
    whole = len(shown)
    while True:
        cut = [context([line(f"{len(shown)} of {whole} parts of it shown")])] if len(shown) < whole else []
        last = [block.to_dict() for block in [*cut, *below]]
        try:
            return check_message(Message(text, (*head.blocks, *shown, *last)))
        except InvalidMessage:
            if not shown:
                raise
            shown.pop()
