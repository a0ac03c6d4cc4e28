"""The demo: the real bot between an embedded Slack and an embedded LaunchDarkly, over HTTP and Socket Mode."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.markup import escape
from rich.rule import Rule

from bot import process
from bot.app import build
from bot.commands.parser import parse
from bot.config import Settings, load_settings
from bot.domain.schedule import WEEKDAYS, Schedule, next_due
from bot.formatting.message import Message
from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from bot.sandbox.slack import Message as Posted
from bot.sandbox.slack import SandboxSlack, ShiftedClock, World
from bot.scheduler import DigestScheduler
from bot.terminal import print_message

QUESTIONS = (
    ("What shipped today and yesterday?", "/shipped"),
    ("Has my pull request reached production?", "/release #406"),
    ("What failed this month, robots aside?", "/shipped since:30d status:failed -by:dependabot[bot]"),
)
PERSON, CHANNEL = "jane.doe", "deploys"
SCHEDULE = Schedule(WEEKDAYS, time(9, 30), "Europe/Berlin")
TYPED = "weekdays 09:30"  # the same, by somebody in that zone

_WAIT_SECONDS = 15.0
_LOOKS = 3
_TOO_SOON = timedelta(minutes=5)  # to be subscribed and let time pass
_MEANWHILE = (
    (0.3, "billing-service", "Send the invoice in the customer's own language", "finished"),
    (0.6, "search-api", "Understand plurals", "failed"),
    (0.9, "checkout-web", "Let customers keep a basket for later", "finished"),
)
"""What happens before the digest: after which part of the time until then, to what, its title, and how it ends."""


async def tour(console: Console | None = None) -> None:
    """Ask each question and show the message that Slack would get; then subscribe a channel and let its digest come."""
    console = console or Console()
    clock = ShiftedClock()
    with TemporaryDirectory(prefix="whatshipped-") as folder:
        async with (
            SandboxSlack(World(clock=clock)) as slack,
            SandboxLaunchDarkly(now=clock.now) as launchdarkly,
        ):
            settings = _settings(slack, launchdarkly, folder)
            await _questions(console, settings)
            reads = sum(request.path.endswith("/deployments") for request in launchdarkly.requests)
            async with _running(settings, slack, clock) as scheduler:
                await _digest(console, slack, launchdarkly, scheduler, clock)
        console.print(Rule(style="dim"))
        console.print(
            f"Answered over HTTP by an embedded LaunchDarkly with made-up data ({reads} reads of its deployments), "
            "and posted in an embedded Slack. To ask your own: set LAUNCHDARKLY_ACCESS_TOKEN and LAUNCHDARKLY_PROJECT, "
            "then whatshipped ask /shipped"
        )


async def _questions(console: Console, settings: Settings) -> None:
    async with build(settings) as app:
        for why, text in QUESTIONS:
            asker = app.asker()
            message = await app.answers.answer(parse(text, asker), asker)
            _headline(console, why, text)
            print_message(message, console)


async def _digest(
    console: Console,
    slack: SandboxSlack,
    launchdarkly: SandboxLaunchDarkly,
    scheduler: DigestScheduler,
    clock: ShiftedClock,
) -> None:
    """Subscribe, let the time pass, and look for what is due more than once."""
    slack.world.user(PERSON).tz = SCHEDULE.zone
    if (soon := next_due(SCHEDULE, clock.now())) - clock.now() < _TOO_SOON:
        clock.move_to(soon + _TOO_SOON)
    _headline(console, "And tell us every working day, without being asked?", f"/digest {TYPED}")
    await slack.command(PERSON, CHANNEL, "/digest", TYPED)
    preview = await slack.wait_for(lambda: _with_button(slack, "digest-subscribe"), _WAIT_SECONDS)
    _print(console, preview)
    console.print(f"\n[dim]{PERSON} presses Subscribe. In #{CHANNEL}, everybody reads:[/]")
    await slack.click(PERSON, preview, "digest-subscribe")
    (announced,) = await slack.wait_for(lambda: slack.messages(CHANNEL), _WAIT_SECONDS)
    _print(console, announced)

    subscribed = clock.now()
    due = next_due(SCHEDULE, subscribed)
    for part, application, title, status in _MEANWHILE:
        clock.move_to(subscribed + part * (due - subscribed))
        launchdarkly.deploy(application, titles=(title,), status=status)
    clock.move_to(due)
    for _ in range(_LOOKS):
        await scheduler.tick()
    digests = slack.messages(CHANNEL)[1:]
    console.print(f"\n[dim]The clock moves on to {_moment(due)}, and #{CHANNEL} reads:[/]\n")
    for digest in digests:
        _print(console, digest)
    times = "once" if len(digests) == 1 else f"{len(digests)} times"
    console.print(f"\nThe digest was due {_moment(due)}. The bot looked {_LOOKS} times; it was posted {times}.")


@asynccontextmanager
async def _running(settings: Settings, slack: SandboxSlack, clock: ShiftedClock) -> AsyncIterator[DigestScheduler]:
    """The bot's process, as ``whatshipped run`` runs it, connected until the block ends."""
    stop, drives = asyncio.Event(), asyncio.Queue[DigestScheduler]()
    running = asyncio.create_task(
        process.run(
            settings, web=False, socket=True, digests=True, stop=stop, clock=clock.now, on_digests=drives.put_nowait
        )
    )
    try:
        await slack.wait_for(lambda: slack.sockets.connected or None, _WAIT_SECONDS)
        yield drives.get_nowait()
    finally:
        stop.set()
        await running


def _settings(slack: SandboxSlack, launchdarkly: SandboxLaunchDarkly, folder: str) -> Settings:
    """As of a team that runs the bot; this machine's own settings, if it has any, are not read."""
    app = slack.world.app
    return load_settings(
        _env_file=None,
        _env_prefix="NOT_READ_IN_THE_DEMO_",
        launchdarkly_access_token=launchdarkly.token,
        launchdarkly_base_url=launchdarkly.base_url,
        launchdarkly_project="default",
        launchdarkly_environment="production",
        cache_seconds=0,  # hours pass in no time here
        slack_bot_token=app.bot_token,
        slack_app_token=app.app_token,
        slack_api_url=slack.api_url,
        database_url=f"sqlite+aiosqlite:///{Path(folder, 'tour.db')}",
    )


def _with_button(slack: SandboxSlack, action_id: str) -> Posted | None:
    for message in slack.visible_to(PERSON, CHANNEL):
        for block in message.blocks:
            if any(element.get("action_id") == action_id for element in block.get("elements", ())):
                return message
    return None


def _headline(console: Console, why: str, typed: str) -> None:
    console.print(Rule(style="dim"))
    console.print(f"{why}  [bold cyan]{escape(typed)}[/]\n")


def _print(console: Console, posted: Posted) -> None:
    print_message(Message(posted.text, tuple(posted.blocks)), console, SCHEDULE.tzinfo)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SCHEDULE.tzinfo):%a %d %b %H:%M} in Berlin"
