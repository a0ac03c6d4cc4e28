"""Who and what there is when the page is opened: a small team, its channels, and a question in the air."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.sandbox.slack import App, Channel, Clock, Message, User, World

VIEWER = "jane.doe"
"""Who the person at the page is, unless they choose somebody else."""

DEPLOYS = "deploys"


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as Slack's completion shows it."""

    name: str
    description: str
    usage_hint: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question to begin with: in words, and as it is typed."""

    words: str
    typed: str


def workspace(
    *, commands: Sequence[Command], events: Iterable[str], scopes: Iterable[str], clock: Clock | None = None
) -> World:
    """The workspace with the app installed in it, as its manifest says. ``clock`` moves it; else the machine's does."""
    app = App(commands={command.name for command in commands}, events=set(events), scopes=set(scopes))
    people = [
        User("U0JANE", VIEWER, "Jane Doe", "Europe/Berlin"),
        User("U0SAM", "sam.poe", "Sam Poe", "America/New_York"),
        User("U0KIM", "kim.roe", "Kim Roe", "Asia/Kolkata"),
    ]
    everybody = {person.id for person in people}
    channels = [
        Channel("C0DEPLOYS", DEPLOYS, members={*everybody, app.bot_user_id}),
        Channel("C0BILLING", "team-billing", members={*everybody, app.bot_user_id}),
        Channel("C0ONCALL", "on-call", "private", {"U0JANE", "U0SAM", app.bot_user_id}),
        Channel("C0GENERAL", "general", members=everybody),
    ]
    world = World(users=people, channels=channels, app=app, clock=clock)
    for person in people:
        world.direct_messages(person.id)
    asked = _say(world, "team-billing", "sam.poe", "Has the new payment structure arrived? It is pull request #406.")
    _say(world, "team-billing", "kim.roe", "Ask the bot, here in the thread.", asked.ts)
    _say(world, DEPLOYS, "sam.poe", "Good morning. I am back from leave: what did I miss?")
    return world


def _say(world: World, channel: str, who: str, text: str, thread_ts: str | None = None) -> Message:
    place = world.channel(channel).id
    return world.add(Message(place, world.next_ts(), world.user(who).id, text, thread_ts=thread_ts))
