"""A failure in words: what failed, whose move it is, what to type next."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from bot.domain.errors import (
    CommandError,
    ProjectNotShown,
    SourceAuthError,
    SourceContractError,
    SourceError,
    SourceNotFound,
    SourceRateLimited,
    SourceRefused,
    StorageError,
    WhatShippedError,
)
from bot.formatting.blocks import Part, compose, rich_text
from bot.formatting.deployment import label
from bot.formatting.lines import Line, Piece, bold, code, line
from bot.formatting.message import Message
from bot.formatting.offers import did_you_mean, either
from bot.formatting.text import clean, plural, sentence

_WORDS = 600
_MINUTES = 90  # seconds, from which on a wait is told in minutes


def format_problem(error: WhatShippedError, help: str = "/shipped help") -> Message:
    """The message for a failure; the error's own words first, as their author wrote them for people.

    ``help`` is what to type for examples. What is wrong with the database is for the log: here people read.
    """
    words = "Nothing was changed" if isinstance(error, StorageError) else clean(error.message, _WORDS)
    lines = [line(bold(_title(error))), line(sentence(words or "No reason was given"))]
    return compose([Part(rich_text, [*lines, *_next(error, help)])])


def _title(error: WhatShippedError) -> str:
    match error:
        case CommandError():
            return "Please ask that another way"
        case ProjectNotShown():
            return "That project is not shown here"
        case SourceNotFound():
            return "Not found"
        case SourceAuthError():
            return "LaunchDarkly does not let me read this"
        case SourceRateLimited():
            return "LaunchDarkly asks me to wait"
        case SourceRefused():
            return "LaunchDarkly refused this question"
        case SourceContractError():
            return "I did not understand LaunchDarkly's answer"
        case SourceError():
            return "LaunchDarkly cannot be read right now"
        case StorageError():
            return "My database cannot be used"
        case _:
            return "That did not work"


def _wait(seconds: float) -> str:
    return plural(max(1, round(seconds)), "second") if seconds < _MINUTES else plural(ceil(seconds / 60), "minute")


def _next(error: WhatShippedError, help: str) -> Iterator[Line]:
    match error:
        case CommandError(example=example, others=others):
            yield line("Try: ", *either([example, *others]))
        case ProjectNotShown():
            yield line("You need not act. Whoever runs this bot: ", code("ALLOWED_PROJECTS"), " decides that.")
        case SourceNotFound(setting=setting, near=near) if setting:
            right: list[Piece | str] = [" to ", code(label(near[0]))] if near else []
            yield line("You need not act. Whoever runs this bot: correct ", code(setting), *right, ".")
        case SourceNotFound(commands=commands) if commands:
            yield did_you_mean(commands)
        case SourceNotFound(near=near) if near:
            yield line(*did_you_mean([label(key) for key in near]).pieces, " Ask again with that key.")
        case SourceNotFound():
            yield line("Check the spelling and ask again, or type ", code(help), " for examples.")
        case SourceAuthError():
            yield line("Whoever runs this bot must act; ", code("whatshipped doctor"), " says what is wrong.")
        case SourceRateLimited(retry_after=float() | int() as seconds):
            yield line(f"Nobody needs to act. Ask again in {_wait(seconds)}.")
        case SourceRefused():
            yield line("Ask about a shorter time, or with fewer filters; if it stays, tell whoever runs this bot.")
        case SourceContractError():
            yield line("Ask again once; if it stays, tell whoever runs this bot: the details are in its log.")
        case SourceError():
            yield line("Nobody needs to act yet. Ask again in a minute.")
        case StorageError():
            yield line("Whoever runs this bot must act: the details are in its log.")
        case _:
            yield line("Ask again; if it stays, tell whoever runs this bot: the details are in its log.")
