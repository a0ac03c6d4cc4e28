"""One deployment in a few lines: version, status, time, lead time, pull requests, flags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bot.domain.deployments import Deployment, FlagReference, LeadTimeStages, PullRequest, State
from bot.domain.people import is_robot
from bot.formatting.blocks import Detail
from bot.formatting.lines import Line, Piece, bold, bullet, code, link, sub_bullet, when
from bot.formatting.mrkdwn import flag_url
from bot.formatting.text import clean, listed, number, plural
from bot.formatting.times import length

AUTHOR, VERSION, KEY, WORD = 40, 40, 60, 40
"""How many characters are shown of authors, versions, keys and free words such as status and kind."""

NO_APPLICATION = "unnamed application"

_ROBOTS = 3


def label(text: str) -> str:
    """A key fit to be shown; a dash for an empty one."""
    return clean(text, KEY) or "–"


@dataclass(frozen=True, slots=True)
class Look:
    """For whom a deployment is told: their zone, the moment of the reading, links to ``base_url``, how much of it."""

    zone: tzinfo
    now: datetime
    base_url: str
    detail: Detail

    def when(self, at: datetime) -> Piece:
        return when(at, self.zone, self.now)


@dataclass(frozen=True, slots=True)
class Carried:
    """The pull requests of a deployment as an answer tells them.

    ``left_out`` are listed but not asked for, ``unread`` are counted by LaunchDarkly but not listed.
    """

    people: Sequence[PullRequest]
    robots: Sequence[PullRequest]
    left_out: int = 0
    unread: int = 0


def carried_by(deployment: Deployment) -> Carried:
    """All that a deployment carried."""
    listed_ones = deployment.pull_requests
    return Carried(
        people=[p for p in listed_ones if not is_robot(p.author)],
        robots=[p for p in listed_ones if is_robot(p.author)],
        unread=deployment.unread_pull_requests,
    )


def deployment_lines(
    deployment: Deployment,
    look: Look,
    *,
    lead: Sequence[Piece | str] = (),
    carried: Carried | None = None,
    lacks_end_event: bool | None = None,
) -> list[Line]:
    """The deployment as a bullet that begins with ``lead``, and what it carried as bullets below it."""
    state = status(deployment, look, lacks_end_event=lacks_end_event)
    return [
        bullet(*lead, *release(deployment), " " if deployment.version else ", ", *state, *_measures(deployment)),
        *pull_request_lines(deployment, carried or carried_by(deployment), look.detail),
        *flag_lines(deployment, look),
    ]


def application(deployment: Deployment) -> Piece:
    return bold(clean(deployment.application, KEY) or NO_APPLICATION)


def release(deployment: Deployment) -> tuple[Piece, ...]:
    """Its version, and its kind where that is not the ordinary one."""
    version = code(clean(deployment.short_version, VERSION) or "no version")
    kind = clean(deployment.kind, WORD)
    return (version,) if kind.lower() in ("", "deployment") else (version, Piece(f" ({kind})"))


def status(deployment: Deployment, look: Look, *, lacks_end_event: bool | None = None) -> list[Piece]:
    """The status word and when: never more than LaunchDarkly said.

    ``lacks_end_event`` is given where that has been decided, for another moment than the look's.
    """
    started, ended = look.when(deployment.started_at), deployment.ended_at
    dead = deployment.lacks_end_event(look.now) if lacks_end_event is None else lacks_end_event
    if dead:
        age = length(look.now - deployment.started_at)
        return [Piece(f"no end event (started {age} ago, "), started, Piece(")")]
    if deployment.state in (State.FINISHED, State.FAILED):
        word = deployment.state.value
        return [Piece(f"{word} "), look.when(ended)] if ended else [Piece(f"{word}, started "), started]
    if deployment.state is State.RUNNING and ended is None:
        return [Piece("running, started "), started]
    word = clean(deployment.status, WORD)
    said = f"status “{word}”" if word else "no status"
    return [Piece(f"{said}, ended "), look.when(ended)] if ended else [Piece(f"{said}, started "), started]


def _measures(deployment: Deployment) -> Iterator[str]:
    if deployment.duration:
        yield f", took {length(deployment.duration)}"
    if deployment.lead_time:
        slowest = deployment.stages.slowest() if deployment.stages else None
        where = f", slowest: {slowest[0]} {length(slowest[1])}" if slowest else ""
        yield f" · lead time {length(deployment.lead_time)}{where}"


def stages(lead_time: LeadTimeStages) -> str:
    """``coding 3 h · review 1 d 2 h · wait 5 min``: the known stages in the order in which they happen."""
    known = (
        ("coding", lead_time.coding),
        ("review", lead_time.review),
        ("wait", lead_time.wait),
        ("deploy", lead_time.deploy),
    )
    return " · ".join(f"{name} {length(took)}" for name, took in known if took is not None)


def pull_request_lines(deployment: Deployment, carried: Carried, detail: Detail) -> Iterator[Line]:
    """Those of people one by one, up to the detail's number; every other one is counted."""
    shown = carried.people[: detail.pull_requests]
    for pull_request in shown:
        yield sub_bullet(*pull_request_pieces(pull_request, detail.title))
    if more := len(carried.people) - len(shown):
        of = f"{number(more)} more of " if shown else ""
        yield sub_bullet(f"{of}{plural(len(carried.people), 'pull request')}")
    if carried.robots:
        names = sorted({clean(p.author, AUTHOR) for p in carried.robots})
        yield sub_bullet(f"+{number(len(carried.robots))} by robots ({listed(names, _ROBOTS)})")
    if carried.left_out:
        yield sub_bullet(f"{plural(carried.left_out, 'other pull request')} outside the filters")
    if carried.unread:
        have, count = len(deployment.pull_requests), deployment.pull_request_count
        yield sub_bullet(f"{number(have)} of {plural(count, 'pull request')} listed by LaunchDarkly")


def pull_request_pieces(pull_request: PullRequest, title: int) -> tuple[Piece, ...]:
    """``#406 Round half up – jane.doe``, the number linked."""
    author = clean(pull_request.author, AUTHOR)
    words = clean(pull_request.title, title) or "(no title)"
    return (pull_request_number(pull_request), Piece(f" {words}"), Piece(f" – {author}" if author else ""))


def pull_request_number(pull_request: PullRequest) -> Piece:
    digits = clean(pull_request.number, 20)
    return link(f"#{digits}" if digits else "pull request", pull_request.url)


def flag_lines(deployment: Deployment, look: Look) -> Iterator[Line]:
    """The flags whose references changed, most changed first."""
    flags = sorted(deployment.flag_references, key=lambda f: (-(f.added + f.removed), f.key))
    shown = flags[: look.detail.flags]
    if shown:
        pieces: list[Piece | str] = ["flags: "]
        for place, reference in enumerate(shown):
            pieces += [", " if place else "", *flag_pieces(reference, deployment.project, look.base_url)]
        if more := len(flags) - len(shown):
            pieces.append(f", {number(more)} more of {number(len(flags))}")
        yield sub_bullet(*pieces)
    elif flags:
        yield sub_bullet(f"references to {plural(len(flags), 'flag')} changed")
    if deployment.unread_flag_references:
        count = plural(deployment.flag_reference_count, "flag reference")
        yield sub_bullet(f"{number(len(flags))} of {count} listed by LaunchDarkly")


def flag_pieces(reference: FlagReference, project: str, base_url: str) -> tuple[Piece, ...]:
    """``new-checkout +2 −0``, the key linked; with its project where that is another one."""
    name = link(clean(reference.key, KEY) or "unnamed flag", flag_url(base_url, reference.project, reference.key))
    elsewhere = "" if reference.project == project else f" (project {label(reference.project)})"
    return name, Piece(f" +{number(reference.added)} −{number(reference.removed)}{elsewhere}")
