"""The answer to "where is it?": found once, found several times, or not found and how far the search went."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from slack_sdk.models.blocks import Block

from bot.domain.lookup import Lookup, Match, Searched, Sought
from bot.formatting.answer import freshness, gaps, stale
from bot.formatting.blocks import Detail, Part, compose, context, most_detailed, rich_text
from bot.formatting.deployment import Look, label, pull_request_pieces, status
from bot.formatting.found import found_release
from bot.formatting.found_names import found_application, found_flag
from bot.formatting.lines import Line, Piece, bold, bullet, code, line, sub_bullet
from bot.formatting.message import Message
from bot.formatting.mrkdwn import safe_url
from bot.formatting.offers import COMMAND, did_you_mean
from bot.formatting.text import clean, listed, number, plural
from bot.formatting.times import span

_SEVERAL = 10
_ENVIRONMENTS = 8
_TYPEABLE = re.compile(r"[\w.*/#:\[\]-]{1,120}")


def format_lookup(lookup: Lookup, *, base_url: str, controls: Sequence[Block] = ()) -> Message:
    """The answer to ``/release``; times in the zone of the searched window.

    ``base_url`` is where LaunchDarkly's web pages are; ``controls`` are put below.
    """
    return most_detailed(lambda detail: compose(_parts(lookup, base_url, detail), controls))


def _parts(lookup: Lookup, base_url: str, detail: Detail) -> Iterator[Part]:
    searched = lookup.searched
    look = Look(searched.window.zone, searched.as_of, base_url, detail)
    headline, *more = _answer(lookup, look)
    yield headline
    yield Part(rich_text, [*stale(searched.copy, searched.as_of, searched.window), *gaps(searched.completeness)])
    yield from more
    looked = [line(f"Looked through {_how_far(searched)}.")] if lookup.matches else []
    yield Part(context, [*looked, line(*freshness(searched.copy, searched.as_of, searched.window))])


def _answer(lookup: Lookup, look: Look) -> list[Part]:
    match lookup.matches:
        case ():
            return _not_found(lookup)
        case (only,):
            return _found(only, lookup.searched, look)
        case _:
            return _several(lookup, look)


def _found(match: Match, searched: Searched, look: Look) -> list[Part]:
    if match.sought is Sought.FLAG:
        return found_flag(match, searched, look)
    if match.sought is Sought.APPLICATION:
        return found_application(match, searched, look)
    return found_release(match, searched, look)


def _how_far(searched: Searched) -> str:
    environments = listed([label(key) for key in searched.environments], _ENVIRONMENTS) or "no environment"
    count = plural(searched.deployments, "deployment")
    project = label(searched.project)
    return f"{count} to {environments} of project {project}, {span(searched.window, searched.as_of)}"


# -- Not found --------------------------------------------------------------------------------------------------------


def _not_found(lookup: Lookup) -> list[Part]:
    searched = lookup.searched
    asked = label(lookup.asked)
    where = "" if searched.completeness.is_complete else " in what could be read"
    lines = [line(bold(f"Not found{where}: "), code(asked)), line(f"No match in {_how_far(searched)}.")]
    hints = []
    if lookup.near:
        hints.append(did_you_mean(lookup.near))
    elif lookup.further:
        hints.append(line("Look further back: ", code(clean(lookup.further, COMMAND))))
    return [Part(rich_text, lines), Part(rich_text, hints)]


def command(searched: Searched, target: str, application: str = "") -> str:
    """``/release`` with this target and what narrowed the question; "" where the target cannot be typed as it is."""
    if not _TYPEABLE.fullmatch(target) or not _TYPEABLE.fullmatch(application or "-"):
        return ""
    narrowing = f"app:{application}" if application and "app:" not in searched.scope else ""
    return " ".join(filter(None, ["/release", target, narrowing, searched.scope]))


# -- Several ----------------------------------------------------------------------------------------------------------


def _several(lookup: Lookup, look: Look) -> list[Part]:
    matches = lookup.matches
    asked = label(lookup.asked)
    head = line(bold(f"{number(len(matches))} things match "), code(asked), bold(" – which one?"))
    lines = [one for match in matches[:_SEVERAL] for one in _candidate(match, lookup.searched, look)]
    if more := len(matches[_SEVERAL:]):
        lines.append(line(f"{number(more)} more of {number(len(matches))} not listed: ask more exactly."))
    return [Part(rich_text, [head]), Part(rich_text, lines)]


def _candidate(match: Match, searched: Searched, look: Look) -> Iterator[Line]:
    newest = match.newest
    where: list[Piece | str] = [" – in no deployment that was read"]
    if newest is not None:
        where = [f" – {label(newest.environment)}: ", *status(newest, look)]
    yield bullet(f"{match.sought.value} ", *_name(match, look.detail.title), *where)
    if typed := narrowed(match, searched):
        yield sub_bullet(code(typed))


def _name(match: Match, title: int) -> tuple[Piece, ...]:
    if match.pull_request is not None:
        return pull_request_pieces(match.pull_request, title)
    name = bold(label(match.name))
    if match.sought in (Sought.VERSION, Sought.DEPLOYMENT) and match.application:
        return name, Piece(" of "), bold(label(match.application))
    return (name,)


def narrowed(match: Match, searched: Searched) -> str:
    """The command that means this match alone, or "" where its name cannot be typed."""
    newest = match.newest
    match match.sought:
        case Sought.PULL_REQUEST:
            return command(searched, safe_url(match.pull_request.url) if match.pull_request else "")
        case Sought.FLAG:
            return command(searched, f"flag:{match.name}")
        case Sought.APPLICATION:
            return command(searched, f"app:{match.name}")
        case Sought.VERSION:
            return command(searched, f"version:{match.name}", match.application)
        case Sought.DEPLOYMENT:
            return command(searched, newest.id if newest else "")
