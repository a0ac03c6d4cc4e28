"""The filters that each command knows, and the sorting of typed words into them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.commands import when
from bot.commands.mistakes import Mistake, said
from bot.commands.questions import Asker
from bot.commands.words import Word, quote
from bot.domain.query import TimeWindow
from bot.domain.spelling import nearest

_DASHES = "-–—"
_LONGEST_PHRASE = 5  # words, as in "2026-11-01 09:00 to 2026-11-01 10:00"


@dataclass(frozen=True, slots=True)
class Filter:
    """``key:value``, its other spellings, and what may be done with it.

    ``several``: may be given more than once. ``excludes``: may be turned round, ``-key:value``. ``after_space``: what
    a value looks like that may follow the bare key after a space ("pr 406"); None: it may not.
    """

    key: str
    also: tuple[str, ...] = ()
    several: bool = False
    excludes: bool = False
    after_space: re.Pattern[str] | None = None

    @property
    def spellings(self) -> tuple[str, ...]:
        return (self.key, *self.also)


_PERSON = re.compile(r"<?@.+|[^\W\d][\w.\[\]-]*")
_NUMBER = re.compile(r"#?\d+")
_ANYTHING = re.compile(r".+")

_WHERE = (Filter("in", ("env", "environment")), Filter("project"))
_TIMES = (Filter("since", ("from",)), Filter("to", ("until",)))
_APPLICATION = Filter("app", ("application", "service"), several=True)

SHIPPED = (
    *_TIMES,
    _APPLICATION,
    *_WHERE,
    Filter("by", ("author",), several=True, excludes=True, after_space=_PERSON),
    Filter("status"),
    Filter("kind"),
    Filter("flag", several=True),
    Filter("pr", several=True, after_space=_NUMBER),
)
"""The filters of ``/shipped``."""

RELEASE = (
    *_TIMES,
    _APPLICATION,
    *_WHERE,
    Filter("pr", after_space=_NUMBER),
    Filter("flag", after_space=_ANYTHING),
    Filter("version", after_space=_ANYTHING),
)
"""The filters of ``/release``."""

PUBLIC = "public"
"""The one word that is neither a filter nor a name; also ``--public``."""


@dataclass(frozen=True, slots=True)
class Given:
    """One value and the words that gave it."""

    value: str
    words: tuple[Word, ...]


@dataclass(slots=True)
class Sorted:
    """``included`` and ``excluded`` are by ``Filter.key``; ``windows`` are phrases such as "last week"."""

    free: list[Word] = field(default_factory=list)
    included: dict[str, list[Given]] = field(default_factory=dict)
    excluded: dict[str, list[Given]] = field(default_factory=dict)
    windows: list[Given] = field(default_factory=list)
    public: bool = False

    @property
    def has_window(self) -> bool:
        return bool(self.windows or self.included.get("since") or self.included.get("to"))

    def several(self, key: str) -> tuple[str, ...]:
        """All values of a filter, each once."""
        return distinct(given.value for given in self.included.get(key, ()))

    def one(self, key: str) -> Given | None:
        """The only value of a filter; two different ones are a ``Mistake``."""
        givens = self.included.get(key, [])
        return _only(givens, f"“{key}:” can have one value") if givens else None

    def one_value(self, key: str) -> str | None:
        given = self.one(key)
        return given.value if given else None

    def window(self, asker: Asker, default: TimeWindow) -> TimeWindow:
        """The one window that was said, else the default."""
        since, until = self.one("since"), self.one("to")
        phrase = _only(self.windows, "A question has one window") if self.windows else None
        said_times = [given for given in (phrase, since, until) if given]
        try:
            found = self._window(phrase, since, until, asker)
            typed = dict.fromkeys(word for given in said_times for word in given.words)
            return replace(found or default, typed=_typed(list(typed)))
        except Mistake as mistake:
            words = tuple(word for given in said_times for word in given.words)
            raise Mistake(mistake.message, words, mistake.instead) from None

    def _window(
        self, phrase: Given | None, since: Given | None, until: Given | None, asker: Asker
    ) -> TimeWindow | None:
        said_times = [given for given in (phrase, since, until) if given]
        if phrase and len(said_times) > 1:
            raise Mistake(
                f"A question has one window; these are two: {said(phrase.value)} and {said(said_times[1].value)}.",
                instead=_typed(phrase.words),
            )
        if phrase:
            return when.named_window(phrase.value, asker)
        if since and until:
            return when.window_between(since.value, until.value, asker)
        if since:
            return when.window_since(since.value, asker)
        if until:
            raise when.start_is_missing(until.value, asker)
        return None


def sort_words(words: Sequence[Word], filters: Sequence[Filter], *, days: bool) -> Sorted:
    """Sort the words into filters, windows and free words; raises ``Mistake``.

    ``days``: a date or a weekday's name alone is a window.
    """
    return _Sorting(words, filters, days).result()


def distinct(values: Iterable[str]) -> tuple[str, ...]:
    """Each value once, whatever its case, in the order given."""
    kept: dict[str, str] = {}
    for value in values:
        kept.setdefault(value.casefold(), value)
    return tuple(kept.values())


class _Sorting:
    def __init__(self, words: Sequence[Word], filters: Sequence[Filter], days: bool) -> None:
        self._words = words
        self._filters = {spelling: filter for filter in filters for spelling in filter.spellings}
        self._days = days
        self._sorted = Sorted()

    def result(self) -> Sorted:
        at = 0
        while at < len(self._words):
            at = self._take(at)
        return self._sorted

    def _take(self, at: int) -> int:
        """Sort the word at this place with those that belong to it; the place of the next."""
        word = self._words[at]
        if word.key:
            return self._take_filter(at)
        if word.quoted:
            return self._take_free(at)
        if word.negated:
            return self._take_filter(at) if self._is_bare_key(at) else self._take_free(at)
        if word.text.lower() == PUBLIC:
            self._sorted.public = True
            return at + 1
        if word.text == "-":
            return at + 1
        if length := self._longest(at, lambda text: when.is_window(text, days=self._days)):
            taken = tuple(self._words[at : at + length])
            self._sorted.windows.append(Given(" ".join(one.text for one in taken), taken))
            return at + length
        if self._is_bare_key(at):
            return self._take_filter(at)
        return self._take_free(at)

    def _take_free(self, at: int) -> int:
        word = self._words[at]
        if word.negated and not word.text.startswith(("@", "<@")):
            raise Mistake(
                f"Only people can be left out, as in -by:dependabot; {said(word.source)} cannot. "
                "To look for words of a title, put them in quotes.",
                [word],
            )
        self._sorted.free.append(word)
        return at + 1

    def _is_bare_key(self, at: int) -> bool:
        word = self._words[at]
        filter = self._filters.get(word.text.lower())
        following = self._free_text(at + 1)
        if filter is None or not following:
            return False
        if following[0] in ":：=":
            raise self._spaced(at)
        if filter.key in {"since", "to"}:
            # "move to march" is no window, but "from 20 nov to 22 nov" can only be meant as one.
            return word.text.lower() == "since" or bool(
                self._longest(
                    at + 1, lambda text: when.is_moment(text) or (when.is_other_form(text) and text[0].isdigit())
                )
            )
        if filter.key == "by" and when.is_window(following, days=True):
            return False
        return filter.after_space is not None and filter.after_space.fullmatch(following) is not None

    def _spaced(self, at: int) -> Mistake:
        """ "since : 2d": the colon belongs to the key."""
        key, mark = self._words[at], self._words[at + 1]
        value = mark.text[1:]
        taken = [key, mark]
        if not value and (value := self._free_text(at + 2)):
            taken.append(self._words[at + 2])
        right = f"{key.text.lower()}:{quote(value)}" if value else ""
        return Mistake(f"No space before the colon: {right or key.text.lower() + ':'}", taken, right)

    def _take_filter(self, at: int) -> int:
        word = self._words[at]
        key = word.key or word.text.lower()
        if key == PUBLIC:
            if word.values or word.negated:
                raise Mistake(f"“{PUBLIC}” stands alone; without it the answer is for you only.", [word])
            self._sorted.public = True
            return at + 1
        filter = self._filters.get(key)
        if filter is None:
            raise self._unknown(word)
        values, after = self._values(filter, at)
        taken = tuple(self._words[at:after])
        if not values:
            raise Mistake(f"“{key}:” needs a value.", taken)
        for value in values:
            side = self._sorted.excluded if self._is_excluded(filter, taken, value) else self._sorted.included
            kept = value if word.quoted or not filter.excludes else value.lstrip(_DASHES)
            if not kept:
                raise Mistake(f"“{key}:” needs a value.", taken)
            side.setdefault(filter.key, []).append(Given(kept, taken))
        return after

    def _is_excluded(self, filter: Filter, taken: tuple[Word, ...], value: str) -> bool:
        """Whether "-by:jane", "—by:jane" or "by:-jane" leaves out; ``Mistake`` where that cannot be told or done."""
        word = taken[0]
        if not filter.excludes:
            if word.negated:
                raise Mistake(f"“{filter.key}:” cannot be turned round; only “by:” can, as in -by:dependabot.", taken)
            return False
        if (word.dash == "--" and word.colon) or (word.dash == "—" and not word.colon):
            plain = f"{filter.key}:{quote(value)}"
            raise Mistake(
                f"{said(_typed(taken))} can mean {plain} or, without that person, -{plain}: type one of them.",
                taken,
                f"-{plain}",
            )
        return bool(word.dash and word.dash != "--") or (not word.quoted and value[0] in _DASHES)

    def _values(self, filter: Filter, at: int) -> tuple[tuple[str, ...], int]:
        """The filter's values and the place after them: in the word, after a space, or, for times, both."""
        values, after = (self._words[at].values, at + 1) if self._words[at].key else ((), at + 1)
        if filter.key in {"since", "to"} and len(values) < 2:
            begin = after - 1 if values else after
            if length := self._longest(begin, _may_be_time):
                return (" ".join(self._text_in(place) for place in range(begin, begin + length)),), begin + length
        if not values and not self._words[at].quoted and (following := self._free_text(after)):
            return (following,), after + 1
        return values, after

    def _longest(self, at: int, fits: Callable[[str], bool]) -> int:
        """How many words from this place on make the longest text that fits; 0: none does."""
        texts: list[str] = []
        longest = 0
        for place in range(at, min(at + _LONGEST_PHRASE, len(self._words))):
            text = self._text_in(place) if place == at else self._free_text(place)
            if not text:
                break
            texts.append(text)
            if fits(" ".join(texts)):
                longest = len(texts)
        return longest

    def _text_in(self, at: int) -> str:
        return self._words[at].text if at < len(self._words) else ""

    def _free_text(self, at: int) -> str:
        if at >= len(self._words) or self._words[at].key or self._words[at].negated:
            return ""
        return self._words[at].text

    def _unknown(self, word: Word) -> Mistake:
        value = ",".join(quote(value) for value in word.values)
        elsewhere = {spelling for filter in (*SHIPPED, *RELEASE) for spelling in filter.spellings}
        if word.key in elsewhere:
            command = "/release" if "by" in self._filters else "/shipped"
            return Mistake(f"“{word.key}:” is a filter of {command}.", [word], word.source, command)
        near = nearest(word.key, [*self._filters, PUBLIC], most=1)
        if near:
            meant = self._filters.get(near[0])
            dash = word.dash if word.negated or (meant and meant.excludes) else ""
            right = f"{dash}{near[0]}:{value}" if meant else "--public"
            return Mistake(f"I do not know the filter “{word.key}:”. Did you mean “{near[0]}:”?", [word], right)
        typed = f"{word.key}:" if word.values or not word.dash else f"{word.dash}{word.key}"
        return Mistake(
            f"I do not know the filter “{typed}”; “help filters” lists those that I know. "
            "To look for words of a title, put them in quotes.",
            [word],
            f'"{word.key}:{word.text}"' if word.values else "",
        )


def _may_be_time(text: str) -> bool:
    return when.is_moment(text) or when.is_window(text, days=True) or when.is_other_form(text)


def _only(givens: Sequence[Given], rule: str) -> Given:
    first = givens[0]
    for other in givens[1:]:
        if other.value.casefold() != first.value.casefold():
            raise Mistake(
                f"{rule}; these are two: {said(first.value)} and {said(other.value)}.",
                tuple(dict.fromkeys(word for given in givens for word in given.words)),
                _first_alone(first),
            )
    return first


def _first_alone(given: Given) -> str:
    word = given.words[0]
    return f"{word.key}:{quote(given.value)}" if word.key else _typed(given.words)


def _typed(words: Sequence[Word]) -> str:
    return " ".join(word.source for word in words)
