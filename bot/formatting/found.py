"""A pull request, version or deployment that was found: is it there, since when, and with what."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.deployments import Deployment
from bot.domain.lookup import Match, Place, Searched, Sought
from bot.domain.people import is_robot
from bot.formatting.blocks import Part, rich_text
from bot.formatting.deployment import (
    AUTHOR,
    WORD,
    Look,
    application,
    carried_by,
    flag_lines,
    label,
    pull_request_lines,
    pull_request_number,
    pull_request_pieces,
    release,
    stages,
    status,
)
from bot.formatting.lines import BULLET, Line, Piece, bold, bullet, line, sub_bullet
from bot.formatting.text import clean, listed, plural
from bot.formatting.times import length, stamp

_ENVIRONMENTS = 8
_AUTHORS = 8
_ELSEWHERE = 3


def found_release(match: Match, searched: Searched, look: Look) -> list[Part]:
    """The answer's parts, the headline's first."""
    main = main_environment(match, searched)
    place = next((p for p in match.places if p.environment == main), None)
    headline = _headline(match, place, main, searched, look)
    where = [] if match.sought is Sought.DEPLOYMENT else _where(match, searched, look)
    parts = [Part(rich_text, [line(*headline)]), Part(rich_text, where)]
    if match.places:
        place = place or match.places[0]
        parts += carried(place.arrived or place.latest, look)
    return parts


def main_environment(match: Match, searched: Searched) -> str:
    """The environment that people mean when they ask "is it out?": the first one searched."""
    return next(iter(searched.environments), match.places[0].environment if match.places else "")


def carried(deployment: Deployment, look: Look) -> list[Part]:
    """What one deployment brought: its pull requests, flags, lead time and people."""
    lines = [
        *pull_request_lines(deployment, carried_by(deployment), look.detail),
        *flag_lines(deployment, look),
        *_lead_time(deployment),
    ]
    authors = sorted({clean(p.author, AUTHOR) for p in deployment.pull_requests if not is_robot(p.author)} - {""})
    if len(authors) > look.detail.pull_requests:
        lines.append(bullet(f"authors: {listed(authors, _AUTHORS)}"))
    head = line(bold("Carried by "), application(deployment), " ", *release(deployment))
    told = [Line(one.pieces, BULLET) for one in lines] or [bullet("no pull requests or flag references known")]
    return [
        Part(rich_text, [head, *told]),
    ]


def _lead_time(deployment: Deployment) -> Iterator[Line]:
    if deployment.lead_time:
        parts = stages(deployment.stages) if deployment.stages else ""
        yield bullet(f"lead time {length(deployment.lead_time)}", f": {parts}" if parts else "")


# -- The first line ---------------------------------------------------------------------------------------------------


def _headline(match: Match, place: Place | None, main: str, searched: Searched, look: Look) -> list[Piece | str]:
    environment = label(main)
    subject = _subject(match)
    if match.sought is Sought.DEPLOYMENT and match.newest:
        there = label(match.newest.environment)
        return [bold("Deployment"), " of ", *subject, f" to {there}: ", *status(match.newest, look)]
    if place is not None and (arrived := place.arrived):
        # Where production itself could not be read, "yes" about the next environment would mislead.
        if place.rollback is not None and place.again is None:
            reached = [bold(f"Reached {environment}: "), *subject, ", ", *_arrival(match, arrived, look)]
            return [*reached, "; ", *_rolled_back(place.rollback, arrived, look)]
        is_asked = searched.completeness.is_complete or main.lower().startswith("prod")
        answer = bold("Yes: " if is_asked else "Found: ")
        return [
            answer,
            *subject,
            f" reached {environment} ",
            *_arrival(match, arrived, look),
            *_again(place, arrived, look),
        ]
    answer = bold(f"{_not_there(match, environment, searched, look)}: ")
    if not match.places:
        return [answer, *subject, *_merged(match, look), "no deployment that was read carries it"]
    if place is not None:
        latest = place.latest
        return [answer, *subject, " – ", application(latest), " ", *release(latest), " ", *status(latest, look)]
    pieces: list[Piece | str] = [answer, *subject]
    arrivals = [(p.environment, p.arrived) for p in match.places if p.arrived]
    for index, (elsewhere, first) in enumerate(arrivals[:_ELSEWHERE]):
        pieces += [", and " if index else " reached ", f"{label(elsewhere)} ", *_arrival(match, first, look)]
    if not arrivals:
        nearest = match.places[0]
        pieces += [f" – {label(nearest.environment)}: ", *status(nearest.latest, look)]
    return pieces


def _arrival(match: Match, arrived: Deployment, look: Look) -> list[Piece | str]:
    with_what: list[Piece | str] = [" with ", application(arrived), " ", *release(arrived)]
    return [look.when(arrived.at), *(with_what if match.sought is Sought.PULL_REQUEST else [])]


def _rolled_back(rollback: Deployment, arrived: Deployment, look: Look) -> list[Piece | str]:
    """A later deployment of that kind is told as no more: LaunchDarkly does not say what it took away."""
    return [*_rollback(rollback, arrived), " followed ", look.when(rollback.at), ", so it may be out again"]


def _rollback(rollback: Deployment, arrived: Deployment) -> list[Piece | str]:
    of: list[Piece | str] = [] if rollback.application == arrived.application else [" of ", application(rollback)]
    version, *_ = release(rollback)
    return ["a rollback", *of, " (", version, ")"]


def _again(place: Place, arrived: Deployment, look: Look) -> list[Piece | str]:
    if place.rollback is None or place.again is None:
        return []
    again = place.again
    back: list[Piece | str] = ["; again ", look.when(again.at), " with ", application(again), " ", *release(again)]
    return [*back, ", after ", *_rollback(place.rollback, arrived), " ", look.when(place.rollback.at)]


def _subject(match: Match) -> tuple[Piece | str, ...]:
    if match.pull_request is not None:
        return "pull request ", pull_request_number(match.pull_request)
    newest = match.newest
    return (application(newest), " ", *release(newest)) if newest else (bold(label(match.name)),)


def _merged(match: Match, look: Look) -> list[Piece | str]:
    pull_request = match.pull_request
    if pull_request is None:
        return [" is known, but "]
    if pull_request.merged_at:
        return [" is merged (", look.when(pull_request.merged_at), "), but "]
    state = clean(pull_request.status, WORD)
    return [f" is not merged (status “{state}”), and " if state else " is not merged, and "]


def _not_there(match: Match, environment: str, searched: Searched, look: Look) -> str:
    """No stronger than the search allows: what is older than its window may have been there before."""
    if not searched.completeness.is_complete:
        return f"Not seen in {environment} in what could be read"
    pull_request = match.pull_request
    born = (pull_request.created_at or pull_request.merged_at) if pull_request else None
    if born is not None and born >= searched.window.start and searched.window.end is None:
        return f"Not in {environment} yet"
    return f"Not seen in {environment} since {stamp(searched.window.start, look.zone, look.now)}"


# -- Environment by environment ---------------------------------------------------------------------------------------


def _where(match: Match, searched: Searched, look: Look) -> list[Line]:
    lines = []
    if match.pull_request is not None:
        merged = match.pull_request.merged_at
        tail: tuple[Piece | str, ...] = (" · merged ", look.when(merged)) if merged and match.places else ()
        lines.append(line(*pull_request_pieces(match.pull_request, look.detail.title), *tail))
    places = {place.environment: place for place in match.places}
    environments = list(dict.fromkeys([*places, *searched.environments])) if places else []
    for environment in environments[:_ENVIRONMENTS]:
        lines += _place(environment, places.get(environment), look)
    if len(environments) > _ENVIRONMENTS:
        lines.append(bullet(f"and {plural(len(environments) - _ENVIRONMENTS, 'more environment')}"))
    return lines


def _place(environment: str, place: Place | None, look: Look) -> Iterator[Line]:
    name = bold(f"{label(environment)}: ")
    if place is None:
        yield bullet(name, "not seen")
        return
    told = place.arrived or place.latest
    yield bullet(name, application(told), " ", *release(told), " ", *status(told, look))
    index = place.deployments.index(told)
    later, earlier = place.deployments[:index], place.deployments[index + 1 :]
    if later:
        latest = later[0]
        count = plural(len(later), "later deployment")
        yield sub_bullet(f"{count} with it there, the latest: ", *release(latest), " ", *status(latest, look))
    if place.rollback is not None and place.again is None:
        yield sub_bullet(*_rolled_back(place.rollback, told, look))
    if earlier:
        yield sub_bullet(f"{plural(len(earlier), 'earlier attempt')} there")
