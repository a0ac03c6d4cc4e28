"""The text after ``/digest`` → what to do about digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time
from enum import Enum

from bot.commands import when
from bot.commands.days import Timetable, find_new_times, find_timetable, timetable_is_missing
from bot.commands.filters import SHIPPED, Filter, Given, Sorted, sort_words
from bot.commands.mistakes import Mistake, said
from bot.commands.negations import turned_round
from bot.commands.parser import LONGEST_TEXT
from bot.commands.questions import Asker, ShowShipped
from bot.commands.shipped import read_shipped
from bot.commands.words import UnclosedQuote, Word, quote, split
from bot.commands.zones import is_bare_zone, known_zone
from bot.domain.deployments import State, state_of
from bot.domain.errors import CommandError
from bot.domain.schedule import Weekday
from bot.domain.spelling import nearest

PREVIEWED_DAYS = 7
"""How far back the question of a new digest looks, to show what it would have sent."""

_LONGEST_NAME = 60
_LONGEST_EXAMPLE = 300
_REPAIRS = 4  # mistakes in one text that an example is corrected for
_EXAMPLE = "weekdays 09:30"
_STOCK = f"/digest {_EXAMPLE}"
_OWN = (
    Filter("tz", ("zone", "timezone")),
    Filter("empty"),
    Filter("name"),
)
_TIMES = ("since", "to")
_SAY, _SKIP = "say", "skip"


class DigestVerb(Enum):
    """What can be done with the digests that are there."""

    LIST = "list"
    PREVIEW = "preview"
    PAUSE = "pause"
    RESUME = "resume"
    EDIT = "edit"
    REMOVE = "remove"
    NOW = "now"
    WHY = "why"
    HELP = "help"


_VERBS = {verb.value: verb for verb in DigestVerb} | {
    "show": DigestVerb.LIST,
    "stop": DigestVerb.PAUSE,
    "start": DigestVerb.RESUME,
    "unpause": DigestVerb.RESUME,
    "change": DigestVerb.EDIT,
    "delete": DigestVerb.REMOVE,
    "rm": DigestVerb.REMOVE,
    "unsubscribe": DigestVerb.REMOVE,
    "?": DigestVerb.HELP,
}
_ADDING = frozenset({"add", "new", "create", "subscribe"})


@dataclass(frozen=True, slots=True)
class NewDigest:
    """`/digest weekdays 09:30 …`: a digest as it was typed, its keys unresolved; None is what was not typed.

    ``asked`` is the question that it asks; its window is the last ``PREVIEWED_DAYS`` days.
    """

    asked: ShowShipped
    days: frozenset[Weekday] | None = None
    at: time | None = None
    zone: str | None = None
    name: str | None = None
    say_when_empty: bool | None = None


@dataclass(frozen=True, slots=True)
class ManageDigest:
    """`/digest pause 2`: ``which`` is a digest's number or name as typed, or "".

    ``new`` is set where a whole digest was typed after ``preview`` (not subscribed yet), or after ``edit`` what is to
    be otherwise. After ``help``, ``which`` is its topic.
    """

    verb: DigestVerb
    which: str = ""
    new: NewDigest | None = None


DigestCommand = NewDigest | ManageDigest


def parse_digest(text: str, asker: Asker) -> DigestCommand:
    """What the text after ``/digest`` asks for; raises ``CommandError`` and nothing else."""
    outcome = _read(text, asker)
    if isinstance(outcome, _Misread):
        raise CommandError(outcome.message, _example(outcome, asker))
    return outcome


@dataclass(frozen=True, slots=True)
class _Misread:
    """What is wrong, and the text that was probably meant."""

    message: str
    text: str


def _read(text: str, asker: Asker) -> DigestCommand | _Misread:
    if len(text) > LONGEST_TEXT:
        return _Misread(f"A digest can have {LONGEST_TEXT:,} characters at most.", _EXAMPLE)
    words: list[Word] = []
    try:
        words = turned_round(split(text))
        return _command(words, asker)
    except UnclosedQuote as unclosed:
        return _Misread("A quotation mark is not closed.", unclosed.closed)
    except Mistake as mistake:
        # What belongs to another command is left out here, not sent there.
        kept = Mistake(mistake.message, mistake.at) if mistake.command else mistake
        return _Misread(mistake.message, kept.corrected(words))


def _example(misread: _Misread, asker: Asker) -> str:
    """What was typed, corrected as often as needed; a stock example where that leads nowhere."""
    for _ in range(_REPAIRS):
        outcome = _read(misread.text, asker)
        if isinstance(outcome, _Misread):
            misread = outcome
            continue
        example = f"/digest {misread.text}".strip()
        return example if len(example) <= _LONGEST_EXAMPLE else _STOCK
    return _STOCK


def _command(words: Sequence[Word], asker: Asker) -> DigestCommand:
    if not words:
        return ManageDigest(DigestVerb.LIST)
    first = "" if words[0].quoted or words[0].key or words[0].negated else words[0].text.lower()
    if first in _ADDING:
        return _new(words[1:], asker)
    if verb := _VERBS.get(first):
        return _manage(verb, words[1:], asker)
    if len(words) == 1 and words[0].key in _VERBS and not words[0].values:  # --help
        return ManageDigest(_VERBS[words[0].key])
    if len(first) > 2 and find_timetable(words) is None and (near := nearest(first, _VERBS, most=1)):
        raise Mistake(f"I do not know {said(words[0].text)}. Did you mean {near[0]}?", words[:1], near[0])
    return _new(words, asker)


def _manage(verb: DigestVerb, words: Sequence[Word], asker: Asker) -> ManageDigest:
    if verb is DigestVerb.LIST:
        return ManageDigest(verb)
    if verb is DigestVerb.EDIT:
        return _edit(words, asker)
    if verb is DigestVerb.PREVIEW and find_timetable(words):
        return ManageDigest(verb, new=_new(words, asker))
    if verb is not DigestVerb.HELP and (keyed := [word for word in words if word.key or word.negated]):
        raise _does_not_belong(verb, keyed)
    return ManageDigest(verb, _which(words))


def _edit(words: Sequence[Word], asker: Asker) -> ManageDigest:
    """ "edit 2 10:00 in:staging": which one, and after that what is to be otherwise."""
    timetable = find_timetable(words)
    begin = timetable.start if timetable else len(words)
    begin = min([begin, *(place for place, word in enumerate(words) if word.key or word.negated)])
    if begin and _which(words[:1]).isdecimal():
        begin = 1  # after a number, nothing else belongs to a name
    which, rest = _which(words[:begin]), words[begin:]
    return ManageDigest(DigestVerb.EDIT, which, _typed(rest, find_new_times(rest), asker) if rest else None)


def _which(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words).removeprefix("#")


def _does_not_belong(verb: DigestVerb, keyed: Sequence[Word]) -> Mistake:
    if verb is DigestVerb.PREVIEW:
        return Mistake(
            f"After {verb.value}, say the whole digest, days and time first.", keyed, f"{_EXAMPLE} {keyed[0].source}"
        )
    return Mistake(
        f"After {verb.value} comes the number or the name of a digest; {said(keyed[0].source)} is neither.", keyed
    )


def _new(words: Sequence[Word], asker: Asker) -> NewDigest:
    timetable = find_timetable(words)
    if timetable is None:
        raise timetable_is_missing(words)
    return _typed(words, timetable, asker)


def _typed(words: Sequence[Word], timetable: Timetable | None, asker: Asker) -> NewDigest:
    start, stop = (timetable.start, timetable.stop) if timetable else (0, 0)
    rest = [*words[:start], *words[stop:]]
    bare_zone = rest.pop(start) if start < len(rest) and is_bare_zone(rest[start]) else None
    given = sort_words(rest, (*SHIPPED, *_OWN), days=True)
    _check_window(given)
    own = [value for filter in _OWN for value in given.included.get(filter.key, ())]
    own_words = {id(word) for value in own for word in value.words}
    zone = _zone(given, bare_zone)
    asked = read_shipped([word for word in rest if id(word) not in own_words], asker)
    _check_status(given)
    return NewDigest(
        asked=replace(asked, window=when.last_days(PREVIEWED_DAYS, asker), public=False),
        days=timetable.days or None if timetable else None,
        at=timetable.at if timetable else None,
        zone=zone,
        name=_name(given),
        say_when_empty=_says_when_empty(given),
    )


def _check_window(given: Sorted) -> None:
    times = [value for key in _TIMES for value in given.included.get(key, ())]
    for value in (*given.windows, *times):
        raise Mistake(
            "A digest tells what came since the one before it, so it takes no window such as "
            f"{said(' '.join(word.source for word in value.words))}.",
            value.words,
        )


def _check_status(given: Sorted) -> None:
    status = given.one("status")
    if status and state_of(status.value) not in {State.FINISHED, State.FAILED}:
        raise Mistake(
            f"A digest tells what finished or failed; {said(status.value)} is neither.", status.words, "status:failed"
        )


def _name(given: Sorted) -> str | None:
    name = given.one("name")
    if name is None:
        return None
    if len(name.value) > _LONGEST_NAME:
        raise Mistake(
            f"A name can have {_LONGEST_NAME} characters at most.",
            name.words,
            f"name:{quote(name.value[:_LONGEST_NAME].strip())}",
        )
    if name.value.removeprefix("#").isdecimal():
        raise Mistake(
            f"{said(name.value)} would be mistaken for a digest's number; give it a name with a letter.",
            name.words,
            f'name:"digest {name.value.removeprefix("#")}"',
        )
    return name.value


def _says_when_empty(given: Sorted) -> bool | None:
    empty = given.one("empty")
    if empty is None:
        return None
    word = empty.value.lower()
    if word not in {_SAY, _SKIP}:
        near = (*nearest(word, (_SAY, _SKIP), most=1), _SKIP)[0]
        raise Mistake(
            "When there is nothing to tell, a digest can say so (empty:say) or not come (empty:skip); "
            f"{said(empty.value)} is neither.",
            empty.words,
            f"empty:{near}",
        )
    return word == _SAY


def _zone(given: Sorted, bare: Word | None) -> str | None:
    typed = given.one("tz")
    if bare and typed and bare.text.lower() != typed.value.lower():
        raise Mistake(f"A digest has one time zone; these are two: {bare.text} and {typed.value}.", [bare])
    if bare:
        return known_zone(Given(bare.text, (bare,)))
    return known_zone(typed) if typed else None
