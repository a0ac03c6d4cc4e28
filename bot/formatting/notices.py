"""Short messages beside the answers: that it takes longer, that a button is too old, that the bot is about to stop."""

from __future__ import annotations

from datetime import datetime
from html import unescape

from slack_sdk.models.blocks import ContextBlock, PlainTextObject

from bot.domain.query import TimeWindow
from bot.formatting.blocks import Part, compose, section
from bot.formatting.lines import Line, Piece, code, line
from bot.formatting.message import Message, check_message
from bot.formatting.mrkdwn import escape
from bot.formatting.text import clean
from bot.formatting.times import span

_MOST_TEXT = 4_000
_COMMAND = 150
_NAME = 60


def reading(window: TimeWindow, now: datetime) -> Message:
    """What is said while a read takes longer than people wait without wondering."""
    return _said(line(f"Reading deployments {span(window, now)} …"))


def previewing() -> Message:
    """The same for the preview of a digest."""
    return _said(line("Reading what the digest would have told …"))


def unconfirmed() -> Message:
    """For a public answer whose posting Slack did not confirm: it is not posted again, it may be there."""
    return _said(line("Slack did not confirm my answer. If you do not see it above, ask again."))


def no_time() -> Message:
    """For a question that comes while the process is about to stop, or has too much to do."""
    return _said(line("I cannot take this question now: I am restarting, or too many people ask at once. "), _again())


def cut_off() -> Message:
    """For a question whose answer the end of the process cuts off."""
    return _said(line("I was stopped before I had your answer. "), _again())


def failed() -> Message:
    """For a fault of ours."""
    return _said(
        line("Something went wrong on my side, so there is no answer. Ask again; if it stays, tell whoever runs me: "),
        line("the reason is in my log."),
    )


def old_button(asked: str) -> Message:
    """For a button that this version does not understand. ``asked`` is what to type instead."""
    return _said(line("This button is from another version of me. Type ", code(clean(asked, _COMMAND)), " instead."))


def not_opened() -> Message:
    """For a view that came too late: what opens it lasts three seconds."""
    return _said(line("Slack did not let me open that in time. Press it once more."))


def signed(message: Message, verb: str, name: str, asked: str) -> Message:
    """A public answer with who brought it and what was typed: "Shared by jane.doe: /shipped billing".

    Nobody is notified by it: the name and the words are plain text.
    """
    words = f"{verb} {clean(name, _NAME) or 'somebody'}: {clean(unescape(asked), _COMMAND)}"
    block = ContextBlock(block_id="signature", elements=[PlainTextObject(text=words, emoji=False)])
    note = escape(words)
    lines = message.text.split("\n")
    while len("\n".join([*lines, note])) > _MOST_TEXT:
        lines.pop()
    return check_message(Message("\n".join([*lines, note]), (*message.blocks, block.to_dict())))


def _again() -> Line:
    return line("Ask again in a minute.")


def _said(*lines: Line) -> Message:
    pieces: list[Piece] = [piece for one in lines for piece in one.pieces]
    return compose([Part(section, [line(*pieces)])])
