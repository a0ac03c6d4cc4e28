"""The words of ``/release`` → ``FindRelease``, or help where nothing was named."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.commands import when
from bot.commands.fillers import is_filler
from bot.commands.filters import RELEASE, Given, Sorted, sort_words
from bot.commands.mistakes import Mistake, said
from bot.commands.questions import Asker, FindRelease, ShowHelp, Target, TargetKind
from bot.commands.shipped import pull_request_number
from bot.commands.words import Word, quote

SEARCHED_DAYS = 30
"""How far back ``/release`` looks when it is not told."""

VERSION = re.compile(r"v?\d+(?:\.\d+)+[\w.+-]*|(?=\w*\d)[0-9a-f]{7,40}", re.IGNORECASE | re.ASCII)
"""What a bare word looks like that can only be a version."""

# GitHub, GitLab and Bitbucket; what follows the number ("/files", "#discussion…") is one page of the same thing.
_PULL_REQUEST_URL = re.compile(
    r"(?:https?://)?([^/\s]+\.[^/\s]+/\S+?/(?:pull|merge_requests|pull-requests)/(\d+))(?:[/?#]\S*)?",
    re.IGNORECASE | re.ASCII,
)
_SHORT_ADDRESS = re.compile(r"([\w.-]+/[\w.-]+)#(\d+)", re.ASCII)  # GitHub's "acme/billing#406"
_NAME = re.compile(r"[a-z][\w.*-]*", re.IGNORECASE)
_PAIR = re.compile(rf"({_NAME.pattern})@([\w.+-]+)", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ENVIRONMENT = re.compile(r"[a-z][\w-]*", re.IGNORECASE)
_KINDS = {"pr": TargetKind.PULL_REQUEST, "flag": TargetKind.FLAG, "version": TargetKind.VERSION}


def read_release(words: Sequence[Word], asker: Asker) -> FindRelease | ShowHelp:
    """The question that the words ask; raises ``Mistake``."""
    given = sort_words(words, RELEASE, days=False)
    _take_pairs(given)
    _check_title(given)
    environment = given.one_value("in")
    narrowing = _free_environment(given) if environment is None else ()
    target, applications = _target(given)
    window = given.window(asker, when.last_days(SEARCHED_DAYS, asker))
    if target is None:
        if not words:
            return ShowHelp("/release")
        raise Mistake(
            "Name what to look for: a version, #406, a pull request's address, flag:key or an application.",
            words,
            " ".join(["#406", *(word.source for word in words)]),
        )
    return FindRelease(
        target=target,
        window=window,
        project=given.one_value("project"),
        environment=environment,
        applications=applications,
        narrowing=narrowing,
        public=given.public,
    )


def _take_pairs(given: Sorted) -> None:
    """Read "billing ca7d74e" (as answers name a version) and "billing@ca7d74e" as app:billing version:ca7d74e."""
    words = [word for word in given.free if word.quoted or not is_filler(word.text)]
    for at, word in enumerate(words):
        beside = words[at + 1 : at + 2]
        if word.quoted:
            continue
        if joined := _PAIR.fullmatch(word.text):
            _take_pair(given, joined[1], joined[2], [word])
        elif beside and _is_version(beside[0]) and _NAME.fullmatch(word.text) and not _is_version(word):
            _take_pair(given, word.text, beside[0].text, [word, *beside])


def _take_pair(given: Sorted, application: str, version: str, words: Sequence[Word]) -> None:
    for key, value in (("app", application), ("version", version)):
        given.included.setdefault(key, []).append(Given(value, tuple(words)))
    given.free = [word for word in given.free if word not in words]


def _is_version(word: Word) -> bool:
    return not word.quoted and bool(VERSION.fullmatch(word.text))


def _check_title(given: Sorted) -> None:
    """Three bare words and more can only be a title; a word that tells what it is makes them another mistake."""
    words = [word for word in given.free if word.quoted or not is_filler(word.text)]
    if len(words) < 3 or any(word.quoted or _is_telling(word.text) for word in words):
        return
    raise Mistake(
        "One thing at a time. To find a pull request by its title, ask /shipped with the title in quotes.",
        given.free,
        quote(" ".join(word.text for word in given.free)) + ("" if given.has_window else f" since:{SEARCHED_DAYS}d"),
        command="/shipped",
    )


def _free_environment(given: Sorted) -> tuple[str, ...]:
    """Take the last bare word away where another target stands before it: it can only name an environment."""
    words = [word for word in given.free if word.quoted or not is_filler(word.text)]
    keyed = any(given.included.get(key) for key in (*_KINDS, "app"))
    if words or keyed:
        given.free = words
    if len(words) + keyed < 2:
        return ()
    last = words[-1]
    if last.quoted or last.text in (word.text for word in words[:-1]) or _is_telling(last.text):
        return ()
    given.free = words[:-1]
    return (last.text,)


def _is_telling(text: str) -> bool:
    """Whether the word can be no environment's key: a number, an address, a person, a version."""
    return not _ENVIRONMENT.fullmatch(text) or bool(_UUID.fullmatch(text))


def _target(given: Sorted) -> tuple[Target | None, tuple[str, ...]]:
    """The one thing looked for, and the applications that narrow the search."""
    found = [(_free_target(word), Given(word.text, (word,))) for word in given.free]
    for key, kind in _KINDS.items():
        found += [(_keyed_target(kind, value), value) for value in given.included.get(key, ())]
    applications = given.several("app")
    if not found:
        found = [(Target(TargetKind.APPLICATION, g.value), g) for g in given.included.get("app", ())]
        applications = ()
    if not found:
        return None, ()
    first = found[0][0]
    others = [(other, where) for other, where in found[1:] if other != first]
    if others:
        raise Mistake(
            f"One thing at a time: {said(first.text)} or {said(others[0][0].text)}? “app:” narrows to an application.",
            [word for _, where in others for word in where.words],
        )
    return first, applications


def _free_target(word: Word) -> Target:
    text = word.text
    if address := _address(text):
        return address
    if re.match(r"https?://", text, re.IGNORECASE):
        raise Mistake(f"{said(text)} is not the address of a pull request, which ends in /pull/406.", [word], "#406")
    if text.startswith(("@", "<@", "<!")):
        raise Mistake("What a person shipped is a question for /shipped.", [word], "by:jane.doe", command="/shipped")
    if text.startswith(("#", "<#")) and not word.quoted:
        return _keyed_target(TargetKind.PULL_REQUEST, Given(text, (word,)))
    return Target(TargetKind.DEPLOYMENT if _UUID.fullmatch(text) else TargetKind.ANYTHING, text)


def _keyed_target(kind: TargetKind, given: Given) -> Target:
    if kind is not TargetKind.PULL_REQUEST:
        return Target(kind, given.value)
    if address := _address(given.value):
        return address
    return Target(kind, pull_request_number(given))


def _address(text: str) -> Target | None:
    """The pull request that an address or its short form names, else None."""
    if address := _PULL_REQUEST_URL.fullmatch(text):
        return Target(TargetKind.PULL_REQUEST, address[2].lstrip("0") or "0", url=f"https://{address[1]}")
    if short := _SHORT_ADDRESS.fullmatch(text):
        number = short[2].lstrip("0") or "0"
        return Target(TargetKind.PULL_REQUEST, number, url=f"{short[1]}/pull/{number}")
    return None
