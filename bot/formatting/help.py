"""Help: what can be typed, with examples that work as they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.spelling import nearest
from bot.formatting.blocks import Part, compose, context, rich_text, section
from bot.formatting.lines import Line, Piece, bold, bullet, code, line
from bot.formatting.message import Message
from bot.formatting.text import clean

_SHIPPED, _RELEASE = "/shipped", "/release"
_LONGEST_TOPIC = 60


@dataclass(frozen=True, slots=True)
class FilterHelp:
    """One filter: its spellings, what it does, a whole command with it. ``topic`` is the page that lists it."""

    spellings: tuple[str, ...]
    meaning: str
    example: str
    topic: str = "filters"


FILTERS = (
    FilterHelp(("app", "application", "service"), "one application; * stands for anything", "/shipped app:{app}"),
    FilterHelp(("in", "env", "environment"), "another environment than the default", "/shipped in:staging"),
    FilterHelp(("project",), "another project than the default", "/shipped project:default"),
    FilterHelp(("by", "author"), "pull requests of one person; @name is the same", "/shipped by:jane.doe"),
    FilterHelp(("-by", "-author"), "leave a person or robot out; also not by:name", "/shipped -by:dependabot[bot]"),
    FilterHelp(("status",), "only deployments of this status", "/shipped status:failed"),
    FilterHelp(("kind",), "only deployments of this kind", "/shipped kind:redeployment"),
    FilterHelp(("flag",), "what touched a flag in the code", "/shipped flag:new-checkout"),
    FilterHelp(("pr",), "the pull request of this number; #406 is the same", "/shipped pr:406"),
    FilterHelp(("version",), "a version or the start of a commit's SHA", "/release version:a90a8a2"),
    FilterHelp(("public",), "answer for the whole channel instead of you only", "/shipped today public"),
    FilterHelp(("since", "from"), "from then until now", "/shipped since:2d", topic="windows"),
    FilterHelp(("to", "until"), "until then; a day is included", "/shipped from:monday to:yesterday", topic="windows"),
)
"""Everything that can be typed with a key."""

_Example = tuple[str, str]

_EXAMPLES: dict[str, tuple[_Example, ...]] = {
    "shipped": (
        ("/shipped", "production, today and yesterday"),
        ("/shipped {app} this week", "one application, since Monday"),
        ("/shipped since:1h in:staging", "the last hour in another environment"),
        ("/shipped failed last 7 days", "what failed; status:failed is the same"),
        ('/shipped "checkout button" -by:dependabot[bot]', "words of a pull request's title, without a robot's"),
        ("/shipped flag:new-checkout since:7d", "what touched a flag in the code"),
    ),
    "release": (
        ("/release #406", "has this pull request arrived, and where?"),
        ("/release https://github.com/acme/web/pull/406", "the same, by its address; acme/web#406 works, too"),
        ("/release a90a8a2", "a version or the start of a commit's SHA"),
        ("/release {app} a90a8a2", "one application's version, as answers name it; {app}@a90a8a2 is the same"),
        ("/release flag:new-checkout", "deployments that touched a flag in the code"),
        ("/release app:{app}", "the latest release of an application"),
        ("/release {app} staging", "the same, in one environment"),
        ("/release #406 since:90d", "look further back than 30 days"),
    ),
    "windows": (
        ("/shipped today", "since midnight, your time"),
        ("/shipped yesterday", "that whole day; a weekday's name works too"),
        ("/shipped last week", "Monday to Sunday; also this week, this month, last month"),
        ("/shipped last 24h", "also 24h, 2 days, past 7 days, last hour"),
        ("/shipped since:90m", "m, h, d and w: minutes, hours, days, weeks"),
        ("/shipped since:yesterday", "also monday, 2026-11-01, 2026-11-01T14:00, 14:05"),
        ("/shipped since:14d to:7d", "a start and an end; two dates may be typed 2026-11-01..2026-11-15"),
    ),
    "digest": (
        ("/digest weekdays 09:30", "what reached production since the last one, every weekday, in your time zone"),
        ("/digest mon,thu 9am {app} in:staging", "on some days, with any of the filters"),
        ("/digest daily 18:00 tz:Europe/Berlin empty:skip", "in another zone; it does not come when there is nothing"),
        ('/digest weekly fri 16:00 -by:dependabot[bot] name:"The week"', "no robot's pull requests, and with a name"),
        ("/digest", "the digests of this channel, with their buttons and a form for a new one"),
        ("/digest preview 1", "what it would have sent in the last days; a digest's name works, too"),
        ("/digest now 1", "posts at once what the next one would tell; it does not count"),
        ("/digest pause 1", "no more of it until you type resume"),
        ("/digest edit 1", "opens a form for what is to be otherwise"),
        (
            "/digest edit 1 10:00 in:staging",
            "the same by words; what you do not type stays, but filters replace all",
        ),
        ("/digest remove 1", "takes it away"),
        ("/digest why 1", "what became of the last ones, and why"),
    ),
    "sharing": (
        ("/shipped today public", "answers in the channel"),
        ("/release #406 --public", "the same with dashes"),
    ),
}
_TITLES = {
    "shipped": "What shipped?",
    "release": "Where is it?",
    "digest": "What shipped, regularly",
    "windows": "Windows of time",
    "filters": "Filters",
    "sharing": "Who sees the answer",
}
_NOTES = {
    "shipped": "Words may come in any order. A bare word is an application, else an environment (staging) or a status "
    "(failed, finished, running), else a word of a title; in quotes it is always one of a title. Small words of a "
    "sentence, as in “what shipped to staging on friday?”, are passed over unless they stand in quotes.",
    "release": "Looks in every environment of the project, 30 days back unless you name a window. "
    "A second word names one environment.",
    "digest": "You see what it would have sent before it is subscribed. The channel is told of every change. "
    "My Home tab has the ones that you made, in all channels, and makes new ones.",
    "windows": "Times are read in your own time zone. The longest window is 366 days.",
    "filters": 'Dashes work too: --in staging, --in=staging. Several at once: by:jane.doe,sam. Spaces: app:"my app".',
    "sharing": "An answer is for you only, unless you ask for a public one.",
}
TOPICS = tuple(_TITLES)
"""What can follow ``help``."""

# Words that mean something else when they stand alone in an example, so no application's key may stand there.
_TAKEN = re.compile(
    r"today|yesterday|help|public|this|last|past|the|since|from|to|until|by|pr|flag|version|(mon|tues|wednes|thurs|fri|satur|sun)day"
)
_TYPEABLE = re.compile(r"[a-z][a-z0-9._-]{0,60}", re.IGNORECASE)
_STAND_IN = "billing-service"


def format_help(command: str, topic: str = "", applications: Sequence[str] = ()) -> Message:
    """The help page of a command, or of one topic or filter; the nearest topic where there is none of that name.

    ``applications`` are keys that exist; the examples use one of them.
    """
    asked = topic.strip().lower().strip("/:-")
    page, known = _page(command, asked)
    application = next((key for key in applications if _can_stand_alone(key)), _STAND_IN)
    return compose(
        (
            Part(
                rich_text,
                [] if known else [line(f"There is no help on “{clean(topic, _LONGEST_TOPIC)}”. The nearest is:")],
            ),
            Part(section, [line(bold(_TITLES[page]))]),
            Part(rich_text, [*_lines(page, application)]),
            Part(section, [line(_NOTES[page])]),
            Part(context, [line("More: ", *_more(command, page))]),
        )
    )


def _page(command: str, asked: str) -> tuple[str, bool]:
    """The topic to show, and whether it is the one that was asked for."""
    own = command.removeprefix("/") if command.removeprefix("/") in TOPICS else "shipped"
    if not asked:
        return own, True
    pages = {spelling.lstrip("-"): filter.topic for filter in FILTERS for spelling in filter.spellings}
    pages |= {"public": "sharing"} | {topic: topic for topic in TOPICS}
    if asked in pages:
        return pages[asked], True
    near = nearest(asked, pages, most=1)
    return (pages[near[0]], False) if near else (own, False)


def _lines(page: str, application: str) -> list[Line]:
    lines = [_example(typed, meaning, application) for typed, meaning in _EXAMPLES.get(page, ())]
    for filter in FILTERS:
        if filter.topic == page:
            names = ", ".join(s if s == "public" else f"{s}:" for s in filter.spellings)
            lines.append(
                bullet(bold(names), f" – {filter.meaning}, as in ", code(filter.example.format(app=application)))
            )
    return lines


def _example(typed: str, meaning: str, application: str) -> Line:
    return bullet(code(typed.format(app=application)), f" – {meaning.format(app=application)}")


def _more(command: str, page: str) -> list[Piece | str]:
    own = command if command in (_SHIPPED, _RELEASE) else _SHIPPED
    pieces: list[Piece | str] = []
    for topic in TOPICS:
        if topic != page:
            pieces += [" · ", code(f"{own} help {topic}")]
    return pieces[1:]


def _can_stand_alone(key: str) -> bool:
    return bool(_TYPEABLE.fullmatch(key)) and not _TAKEN.fullmatch(key.lower())
