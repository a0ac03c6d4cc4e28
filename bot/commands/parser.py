"""The text of a command → a ``Question``, or a ``CommandError`` with one whole command that works in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.commands.fillers import WHERE, WHETHER, is_filler
from bot.commands.mistakes import Mistake, said
from bot.commands.negations import turned_round
from bot.commands.questions import Asker, FindRelease, Question, ShowHelp, TargetKind
from bot.commands.release import read_release
from bot.commands.shipped import read_shipped
from bot.commands.words import UnclosedQuote, Word, split
from bot.domain.errors import CommandError
from bot.domain.spelling import nearest

LONGEST_TEXT = 2_000
"""In characters; more than any question needs."""

_READERS: dict[str, Callable[[Sequence[Word], Asker], Question]] = {"/shipped": read_shipped, "/release": read_release}
_EXAMPLES = {"/shipped": "/shipped since:2d", "/release": "/release #406"}
_LONGEST_EXAMPLE = 300
_REPAIRS = 4  # mistakes in one text that an example is corrected for

COMMANDS = tuple(_READERS)
"""The commands that can be asked."""


def parse(text: str, asker: Asker) -> Question:
    """The question in a whole line: "/release #406", "release #406", "billing since:2d" (then it is ``/shipped``).

    Raises ``CommandError`` and nothing else.
    """
    first, rest = (*text.split(maxsplit=1), "", "")[:2]
    if first.startswith("/"):
        return parse_command(first, rest, asker)
    command = f"/{first.lower()}"
    if command in _READERS:
        return parse_command(command, rest, asker)
    return _where_is(first.lower(), rest, asker) or parse_command("/shipped", text, asker)


def _where_is(first: str, rest: str, asker: Asker) -> FindRelease | None:
    """ "did #406 ship?", "where is billing?": a sentence that is a question for ``/release``."""
    if first not in WHERE | WHETHER:
        return None
    question = _read("/release", rest, asker)
    if not isinstance(question, FindRelease) or is_filler(question.target.text):
        return None
    is_clear = question.target.kind not in (TargetKind.ANYTHING, TargetKind.APPLICATION)
    return question if is_clear or first in WHERE else None


def parse_command(command: str, text: str, asker: Asker) -> Question:
    """The question in a slash command and the text after it, as Slack passes them.

    Raises ``CommandError`` and nothing else.
    """
    known = command.lower()
    if known not in _READERS:
        near = (*nearest(known, COMMANDS, most=1), "/shipped")[0]
        told = f"I do not know the command {said(command)}. Did you mean {near}?"
        raise CommandError(told, _example(_Misread(told, near, text), asker))
    outcome = _read(known, text, asker)
    if isinstance(outcome, _Misread):
        raise CommandError(outcome.message, _example(outcome, asker))
    return outcome


@dataclass(frozen=True, slots=True)
class _Misread:
    """What is wrong, and the command and text that were probably meant."""

    message: str
    command: str
    text: str


def _read(command: str, text: str, asker: Asker) -> Question | _Misread:
    if len(text) > LONGEST_TEXT:
        return _Misread(f"A question can have {LONGEST_TEXT:,} characters at most.", command, "")
    words: list[Word] = []
    try:
        words = turned_round(split(text))
        return _help(command, words) or _READERS[command](words, asker)
    except UnclosedQuote as unclosed:
        return _Misread("A quotation mark is not closed.", command, unclosed.closed)
    except Mistake as mistake:
        return _Misread(mistake.message, mistake.command or command, mistake.corrected(words))
    except OverflowError:
        return _Misread("That time is out of the calendar.", command, "")


def _help(command: str, words: Sequence[Word]) -> ShowHelp | None:
    if any(word.key == "help" and not word.values for word in words):
        return ShowHelp(command)
    if words and words[0].text.lower() in {"help", "?"} and not (words[0].key or words[0].quoted or words[0].negated):
        return ShowHelp(command, " ".join(word.text or word.key for word in words[1:]).lower())
    return None


def _example(misread: _Misread, asker: Asker) -> str:
    """What was typed, corrected as often as needed; a stock example where that leads nowhere."""
    stock = _EXAMPLES[misread.command]
    for _ in range(_REPAIRS):
        outcome = _read(misread.command, misread.text, asker)
        if isinstance(outcome, _Misread):
            misread = outcome
            continue
        example = f"{misread.command} {misread.text}".strip()
        says_nothing = not misread.text or isinstance(outcome, ShowHelp)
        return stock if says_nothing or len(example) > _LONGEST_EXAMPLE else example
    return stock
