"""A failure in words: what failed, whose move it is, what to type next."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.errors import (
    CommandError,
    SourceAuthError,
    SourceContractError,
    SourceError,
    SourceNotFound,
    SourceRateLimited,
    WhatShippedError,
)
from bot.formatting.blocks import Part, compose, rich_text
from bot.formatting.deployment import label
from bot.formatting.lines import Line, Piece, bold, code, line
from bot.formatting.message import Message
from bot.formatting.text import clean, plural, sentence

_WORDS = 600
_COMMAND = 150


def format_problem(error: WhatShippedError) -> Message:
    """The message for a failure; the error's own words first, as their author wrote them for people."""
    lines = [line(bold(_title(error))), line(sentence(clean(error.message, _WORDS) or "No reason was given"))]
    return compose([Part(rich_text, [*lines, *_next(error)])])


def _title(error: WhatShippedError) -> str:
    match error:
        case CommandError():
            return "Please ask that another way"
        case SourceNotFound():
            return "Not found"
        case SourceAuthError():
            return "LaunchDarkly does not let me read this"
        case SourceRateLimited():
            return "LaunchDarkly asks me to wait"
        case SourceContractError():
            return "I did not understand LaunchDarkly's answer"
        case SourceError():
            return "LaunchDarkly cannot be read right now"
        case _:
            return "That did not work"


def _next(error: WhatShippedError) -> Iterator[Line]:
    match error:
        case CommandError(example=example):
            yield line("Try: ", code(clean(example, _COMMAND)))
        case SourceNotFound(near=near) if near:
            pieces: list[Piece | str] = ["Did you mean "]
            for place, key in enumerate(near):
                pieces += [" or " if place else "", code(label(key))]
            yield line(*pieces, "? Ask again with that key.")
        case SourceNotFound():
            yield line("Check the spelling and ask again, or type ", code("/shipped help"), " for examples.")
        case SourceAuthError():
            yield line("Whoever runs this bot must act; ", code("whatshipped doctor"), " says what is wrong.")
        case SourceRateLimited(retry_after=float() | int() as seconds):
            wait = plural(max(1, round(seconds)), "second")
            yield line(f"Nobody needs to act. Ask again in {wait}.")
        case SourceContractError():
            yield line("Ask again once; if it stays, tell whoever runs this bot: the details are in its log.")
        case SourceError():
            yield line("Nobody needs to act yet. Ask again in a minute.")
        case _:
            yield line("Ask again; if it stays, tell whoever runs this bot: the details are in its log.")
