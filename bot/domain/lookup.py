"""Where is version, pull request, flag, application or deployment X, in every environment that was read?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.domain.deployments import Completeness, Deployment, PullRequest, State
from bot.domain.query import TimeWindow
from bot.domain.rollbacks import rolled_back
from bot.domain.spelling import called, like
from bot.domain.summary import Copy, Reading


class Sought(Enum):
    """What a person may look for."""

    PULL_REQUEST = "pull request"
    FLAG = "flag"
    VERSION = "version"
    APPLICATION = "application"
    DEPLOYMENT = "deployment"


@dataclass(frozen=True, slots=True)
class Place:
    """One environment that has it: its deployments, newest first (never empty).

    ``rollback`` is the last finished one of an application that had brought it there, to a version not known to have
    it; ``again`` is the finished deployment that brought it back after that, None where none did.
    """

    environment: str
    deployments: tuple[Deployment, ...]
    rollback: Deployment | None = None
    again: Deployment | None = None

    @property
    def arrived(self) -> Deployment | None:
        """The first finished deployment: when it got there. None where it only failed or is still on its way."""
        return next((d for d in reversed(self.deployments) if d.state is State.FINISHED), None)

    @property
    def latest(self) -> Deployment:
        return self.deployments[0]


@dataclass(frozen=True, slots=True)
class Match:
    """One thing that was meant, and where it is.

    ``name`` is what to call it: a pull request's number, a version, a key. ``application`` is "" for a flag that
    several applications touch. ``pull_request`` is set where a pull request was looked for; a match without places is
    one that is known but not deployed in what was read.
    """

    sought: Sought
    name: str
    application: str
    places: tuple[Place, ...]
    pull_request: PullRequest | None = None

    @property
    def newest(self) -> Deployment | None:
        return max((p.latest for p in self.places), key=lambda d: d.at, default=None)


@dataclass(frozen=True, slots=True)
class Searched:
    """How far the search went: what to say beside "not found".

    ``scope`` are the words that narrow the question beside its target, as they are typed.
    """

    project: str
    window: TimeWindow
    environments: tuple[str, ...]
    deployments: int
    completeness: Completeness
    as_of: datetime
    copy: Copy | None = None
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """The answer to `/release`. No match: not found. One: told in full. Several: listed, never guessed.

    ``near`` are commands that ask the same of a near spelling, ``further`` one that looks further back, or "".
    """

    asked: str
    matches: tuple[Match, ...]
    searched: Searched
    near: tuple[str, ...] = ()
    further: str = ""


Found = tuple[tuple[str, tuple[Deployment, ...]], ...]
"""Environment → its deployments, newest first, in the order in which the environments are told."""

_HEX = re.compile(r"[0-9a-f]{4,64}", re.IGNORECASE)


def order_environments(keys: Iterable[str]) -> tuple[str, ...]:
    """Production first: that is what people ask about; the rest as LaunchDarkly lists them."""
    return tuple(sorted(keys, key=lambda key: not key.lower().startswith("prod")))


def by_pull_request(found: Found, number: str, url: str = "") -> tuple[Match, ...]:
    """Every pull request of that number (one per repository), or the one of that address."""
    meant: dict[str, PullRequest] = {}
    for _, deployments in found:
        for deployment in deployments:
            for pull_request in deployment.pull_requests:
                if same_pull_request(pull_request, number, url):
                    meant.setdefault(_identity(pull_request), pull_request)
    return tuple(
        Match(
            Sought.PULL_REQUEST,
            pull_request.number,
            "",
            _places(found, _carries(key)),
            pull_request,
        )
        for key, pull_request in meant.items()
    )


def same_pull_request(pull_request: PullRequest, number: str, url: str = "") -> bool:
    """Whether it has that number and, where an address was given, that address (which may lack its host)."""
    if url and pull_request.url:
        return f"/{_address(pull_request.url)}".endswith(f"/{_address(url)}")
    return pull_request.number == number


def by_version(found: Found, text: str) -> tuple[Match, ...]:
    """Every (application, version) that starts so; a commit's SHA also finds the pull request's merge or head commit.

    A version given whole names only itself, although others may start with it.
    """
    wanted = text.lower()
    keys = {(d.application, d.version) for _, ds in found for d in ds if _is_version(d.version, wanted)}
    whole = {key for key in keys if key[1].lower() == wanted}
    matches = [
        Match(Sought.VERSION, version, application, _places(found, _of_version(application, version)))
        for application, version in sorted(whole or keys)
    ]
    if matches or not may_be_commit(text):
        return tuple(matches)
    numbers = {
        (p.number, p.url)
        for _, ds in found
        for d in ds
        for p in d.pull_requests
        if p.merge_commit.lower().startswith(wanted) or p.head_commit.lower().startswith(wanted)
    }
    return tuple(match for number, url in sorted(numbers) for match in by_pull_request(found, number, url))


def by_flag(found: Found, key: str) -> tuple[Match, ...]:
    """Every flag of that key (one per project): the deployments that added or removed references to it."""
    keys = {(ref.project, ref.key) for _, ds in found for d in ds for ref in d.flag_references if like(ref.key, key)}
    return tuple(
        Match(Sought.FLAG, flag, "", _places(found, _touches(project, flag))) for project, flag in sorted(keys)
    )


def by_application(found: Found, name: str) -> tuple[Match, ...]:
    """Every application that the name or pattern can mean, with its deployments."""
    keys = called(name, (d.application for _, ds in found for d in ds))
    return tuple(Match(Sought.APPLICATION, key, key, _places(found, _of_application(key))) for key in sorted(keys))


def by_deployment(found: Found, deployment_id: str) -> tuple[Match, ...]:
    """The one deployment with that id."""
    places = _places(found, lambda d: d.id.lower() == deployment_id.lower())
    if not places:
        return ()
    deployment = places[0].latest
    return (Match(Sought.DEPLOYMENT, deployment.version, deployment.application, places),)


def anything(found: Found, text: str) -> tuple[Match, ...]:
    """All that a bare word can name: an application, a version, a flag, a pull request's number, a deployment."""
    matches = by_application(found, text) + by_version(found, text) + by_flag(found, text) + by_deployment(found, text)
    return matches + by_pull_request(found, text) if text.isdigit() else matches


def known_applications(found: Found) -> set[str]:
    """Those seen, to find the nearest spelling among."""
    return {d.application for _, ds in found for d in ds}


def known_flags(found: Found) -> set[str]:
    """Those seen, to find the nearest spelling among."""
    return {ref.key for _, ds in found for d in ds for ref in d.flag_references}


def known_versions(found: Found) -> set[str]:
    """Those seen, to find the nearest spelling among."""
    return {d.version for _, ds in found for d in ds}


def unlisted(found: Found, matches: Sequence[Match], *, pull_requests: bool, flags: bool) -> tuple[int, int]:
    """How many deployments may have it, too, by pull requests, or by flag references, that were not listed.

    LaunchDarkly counts these without listing them. A deployment that lists it, or that was over before the pull
    request was opened, is not counted.
    """
    listing = {d.id for match in matches for place in match.places for d in place.deployments}
    opened = [match.pull_request.created_at for match in matches if match.pull_request]
    born = min((at for at in opened if at), default=None) if all(opened) else None
    others = [d for _, deployments in found for d in deployments if d.id not in listing]
    return (
        sum(bool(d.unread_pull_requests) and (born is None or d.at >= born) for d in others) if pull_requests else 0,
        sum(bool(d.unread_flag_references) for d in others) if flags else 0,
    )


def may_be_commit(text: str) -> bool:
    """Whether it can be the SHA of a commit, by which pull requests are found."""
    return len(text) >= _SHORTEST_SHA and _HEX.fullmatch(text) is not None


def found_in(readings: Sequence[tuple[str, Reading]], applications: Sequence[str] = ()) -> Found:
    """The visible deployments of each environment's reading, of these applications (patterns; none: all)."""
    return tuple(
        (
            environment,
            tuple(
                d
                for d in reading.deployments.items
                if not d.archived and (not applications or any(like(d.application, a) for a in applications))
            ),
        )
        for environment, reading in readings
    )


_SHORTEST_SHA = 7


def _is_version(version: str, wanted: str) -> bool:
    plain = version.lower()
    # "2.3" is not a prefix of "2.31": a prefix ends where a part of a dotted version ends, or is a SHA's.
    if plain == wanted or plain.removeprefix("v") == wanted.removeprefix("v"):
        return True
    if not plain.startswith(wanted) or len(wanted) < 2:
        return False
    return bool(_HEX.fullmatch(plain)) or plain[len(wanted)] in ".-_+"


def _carries(identity: str) -> Callable[[Deployment], bool]:
    return lambda d: any(_identity(p) == identity for p in d.pull_requests)


def _of_application(application: str) -> Callable[[Deployment], bool]:
    return lambda d: d.application == application


def _of_version(application: str, version: str) -> Callable[[Deployment], bool]:
    return lambda d: d.application == application and d.version == version


def _touches(project: str, key: str) -> Callable[[Deployment], bool]:
    return lambda d: any(ref.project == project and ref.key == key for ref in d.flag_references)


def _places(found: Found, wanted: Callable[[Deployment], bool]) -> tuple[Place, ...]:
    places = (_place(environment, deployments, wanted) for environment, deployments in found)
    return tuple(place for place in places if place is not None)


def _place(environment: str, there: Sequence[Deployment], wanted: Callable[[Deployment], bool]) -> Place | None:
    having = tuple(d for d in there if wanted(d))
    if not having:
        return None
    rollbacks = [undone for name in {d.application for d in having} for undone in rolled_back(name, there, having)]
    # One that was not made good comes first: that is where it may be missing now.
    rollback, again = max(rollbacks, key=lambda pair: (pair[1] is None, pair[0].at), default=(None, None))
    return Place(environment, having, rollback, again)


def _identity(pull_request: PullRequest) -> str:
    return _address(pull_request.url) or pull_request.id or pull_request.number


def _address(url: str) -> str:
    return url.split("?")[0].split("#")[0].rstrip("/").lower().removeprefix("https://").removeprefix("http://")
