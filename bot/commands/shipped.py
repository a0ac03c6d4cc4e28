"""The words of ``/shipped`` → ``ShowShipped``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.commands import when
from bot.commands.filters import SHIPPED, Given, distinct, sort_words
from bot.commands.mistakes import Mistake, said
from bot.commands.questions import Asker, ShowShipped
from bot.commands.words import Word
from bot.domain.filters import Filters

_PULL_REQUEST = re.compile(r"#?0*(\d+)", re.ASCII)
_ADDRESS = re.compile(r"https?://|[\w.-]+/[\w.-]+#\d+$", re.IGNORECASE)


def read_shipped(words: Sequence[Word], asker: Asker) -> ShowShipped:
    """The question that the words ask; raises ``Mistake``."""
    given = sort_words(words, SHIPPED, days=True)
    names, quoted = [], []
    for word in given.free:
        if word.quoted:
            quoted.append(word.text)
        elif word.text.startswith(("@", "<@", "<!")):
            side = given.excluded if word.negated else given.included
            side.setdefault("by", []).append(Given(word.text, (word,)))
        elif word.text.startswith(("#", "<#")):
            given.included.setdefault("pr", []).append(Given(word.text, (word,)))
        elif _ADDRESS.match(word.text):
            raise Mistake("An address is a question for /release.", words, word.source, command="/release")
        else:
            names.append(word.text)
    return ShowShipped(
        window=given.window(asker, when.today_and_yesterday(asker)),
        project=given.one_value("project"),
        environment=given.one_value("in"),
        names=distinct(names),
        filters=Filters(
            applications=given.several("app"),
            kind=given.one_value("kind"),
            status=given.one_value("status"),
            authors=_authors(given.included.get("by", ())),
            excluded_authors=_authors(given.excluded.get("by", ())),
            flags=given.several("flag"),
            pull_requests=distinct(pull_request_number(number) for number in given.included.get("pr", ())),
            words=distinct(quoted),
        ),
        public=given.public,
    )


def pull_request_number(given: Given) -> str:
    """The digits of "#406" or "406"; raises ``Mistake``."""
    number = _PULL_REQUEST.fullmatch(given.value)
    if number is None:
        raise Mistake(
            f"{said(given.value)} is not the number of a pull request: pr: takes a number, as in pr:406.",
            given.words,
            _instead_of_number(given),
        )
    return number[1]


def _instead_of_number(given: Given) -> str:
    """For "#406–#410", both numbers; for "#billing", the word; for "pr:billing", any number."""
    numbers = re.findall(r"\d+", given.value) if re.match(r"#?\d", given.value, re.ASCII) else []
    if numbers:
        return " ".join(f"#{number}" for number in distinct(numbers))
    is_bare = given.words[0].text == given.value and not given.words[0].key
    return given.value.strip("#<>|") if is_bare else "pr:406"


def _authors(givens: Sequence[Given]) -> tuple[str, ...]:
    return distinct(_author(given) for given in givens)


def _author(given: Given) -> str:
    login = given.value.removeprefix("@")
    if login.startswith(("<", "!")) or login.lower() == "me" or not login:
        raise Mistake(
            "I cannot tell which pull requests a person in Slack wrote: type the login of their code host, "
            "as in by:jane.doe.",
            given.words,
            "by:jane.doe",
        )
    return login
