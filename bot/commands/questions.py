"""The questions that can be asked, as the person put them: keys unresolved, windows already in instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum

from bot.domain.filters import NO_FILTERS, Filters
from bot.domain.query import TimeWindow


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, when and from where.

    ``now`` is aware. ``zone`` is the person's own; "today" and "09:30" are read in it. ``project`` and ``environment``
    are the defaults of a question that names none; an empty project means that there is no default.
    """

    now: datetime
    zone: tzinfo
    project: str = ""
    environment: str = "production"


@dataclass(frozen=True, slots=True)
class ShowShipped:
    """`/shipped …`: what went out in a window.

    ``names`` are bare words: an application where one is called so, else a word of a title. Of the ``filters``,
    ``applications`` were said with ``app:``; ``words`` were quoted, so they are title words. ``project`` and
    ``environment`` are None where the person named none.
    """

    window: TimeWindow
    project: str | None = None
    environment: str | None = None
    names: tuple[str, ...] = ()
    filters: Filters = NO_FILTERS
    public: bool = False


class TargetKind(Enum):
    """What `/release` was pointed at, as far as its spelling tells."""

    PULL_REQUEST = "pull request"
    FLAG = "flag"
    VERSION = "version"
    APPLICATION = "application"
    DEPLOYMENT = "deployment"
    ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Target:
    """The thing looked for. ``url`` is the address of a pull request where one was typed; a short form has no host."""

    kind: TargetKind
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class FindRelease:
    """`/release <what>`: where is it, since when, in every environment (or the named one)?

    ``narrowing`` holds a further bare word, which can only be an environment.
    """

    target: Target
    window: TimeWindow
    project: str | None = None
    environment: str | None = None
    applications: tuple[str, ...] = ()
    narrowing: tuple[str, ...] = ()
    public: bool = False


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """`help`, `/release` alone, `help <topic>`; ``topic`` is "" for the whole page."""

    command: str = "/shipped"
    topic: str = ""


Question = ShowShipped | FindRelease | ShowHelp
