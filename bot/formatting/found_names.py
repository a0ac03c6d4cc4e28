"""A flag or an application that was found: which deployments touched it, what its latest release is."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.deployments import Deployment, FlagReference, State
from bot.domain.lookup import Match, Place, Searched
from bot.formatting.blocks import Part, context, rich_text
from bot.formatting.deployment import Look, application, flag_pieces, label, release, status
from bot.formatting.found import carried, main_environment
from bot.formatting.lines import Line, Piece, bold, bullet, line, sub_bullet
from bot.formatting.text import listed, number, plural

_ENVIRONMENTS = 6
_TOUCHING = 5
_UNFINISHED = 2


def found_flag(match: Match, searched: Searched, look: Look) -> list[Part]:
    """Deployments that changed references to the flag; never whether the flag is on, or gone."""
    main = main_environment(match, searched)
    place = next((p for p in match.places if p.environment == main), match.places[0])
    newest = place.latest
    reference = _reference(newest, match.name)
    where: list[Piece | str] = [f"{label(place.environment)} with ", application(newest), " ", *release(newest), ", "]
    missing = "" if place.environment == main else f"No change seen in {label(main)}. "
    shown = match.places[:_ENVIRONMENTS]
    key, _ = flag_pieces(reference, newest.project, look.base_url)
    headline = line(
        missing, bold("Flag "), key, f": references {_change(reference)} in ", *where, *status(newest, look)
    )
    return [
        Part(rich_text, [headline]),
        Part(rich_text, [*(one for p in shown for one in _touching(p, match.name, look)), *_more_environments(match)]),
        Part(context, [line("References are counted in code. They do not say whether the flag is on, or gone.")]),
    ]


def _touching(place: Place, key: str, look: Look) -> Iterator[Line]:
    yield line(bold(label(place.environment)))
    for deployment in place.deployments[:_TOUCHING]:
        reference = _reference(deployment, key)
        change = f" · +{number(reference.added)} −{number(reference.removed)} ({_change(reference)})"
        yield bullet(application(deployment), " ", *release(deployment), " ", *status(deployment, look), change)
    if more := len(place.deployments[_TOUCHING:]):
        yield bullet(f"{number(more)} more of {plural(len(place.deployments), 'deployment')}")


def _reference(deployment: Deployment, key: str) -> FlagReference:
    return next(ref for ref in deployment.flag_references if ref.key == key)


def _change(reference: FlagReference) -> str:
    if reference.added and reference.removed:
        return "added and removed"
    if reference.added or reference.removed:
        return "added" if reference.added else "removed"
    return "listed"


def found_application(match: Match, searched: Searched, look: Look) -> list[Part]:
    """The latest finished deployment in each environment, and what came after it."""
    main = main_environment(match, searched)
    place = next((p for p in match.places if p.environment == main), None)
    name, environment = bold(label(match.name)), label(main)
    told = _latest_finished(place) if place else None
    if told:
        found = "" if searched.completeness.is_complete else "found "
        headline: list[Piece | str] = [f"Latest release {found}of ", name, f" to {environment}: "]
        headline += [*release(told), " ", *status(told, look)]
    elif place:
        latest = place.latest
        headline = ["No finished deployment of ", name, f" to {environment} found; the latest: "]
        headline += [*release(latest), " ", *status(latest, look)]
    else:
        headline = ["No deployment of ", name, f" to {environment} found"]
    lines = [one for p in match.places[:_ENVIRONMENTS] for one in _latest(p, look)]
    there = {p.environment for p in match.places}
    if absent := [label(name) for name in searched.environments if name not in there]:
        lines.append(bullet(f"not seen in {listed(absent, _ENVIRONMENTS)}"))
    lines += _more_environments(match)
    return [Part(rich_text, [line(*headline)]), Part(rich_text, lines), *carried(told or match.places[0].latest, look)]


def _more_environments(match: Match) -> Iterator[Line]:
    if more := len(match.places[_ENVIRONMENTS:]):
        yield bullet(f"and {plural(more, 'more environment')}")


def _latest(place: Place, look: Look) -> Iterator[Line]:
    name = bold(f"{label(place.environment)}: ")
    told = _latest_finished(place)
    newer = place.deployments[: place.deployments.index(told)] if told else place.deployments
    if told:
        yield bullet(name, *release(told), " ", *status(told, look))
    else:
        yield bullet(name, "no finished deployment")
    for deployment in newer[:_UNFINISHED]:
        yield sub_bullet("later: " if told else "", *release(deployment), " ", *status(deployment, look))
    if more := len(newer[_UNFINISHED:]):
        yield sub_bullet(f"{number(more)} more of {number(len(newer))} not known to be finished")


def _latest_finished(place: Place) -> Deployment | None:
    return next((d for d in place.deployments if d.state is State.FINISHED), None)
