"""The playground: the real bot between an embedded Slack and an embedded LaunchDarkly, with a page to use it in."""

from __future__ import annotations

import asyncio
import socket
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import aiohttp
import typer

from bot import log, process
from bot.config import Settings, load_settings
from bot.domain.digests import Subscription
from bot.domain.filters import NO_FILTERS
from bot.domain.schedule import WEEKDAYS, Schedule, next_due
from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from bot.sandbox.playground import Button, Command, PlaygroundServer, Suggestion, Table, Wire, troubles, workspace
from bot.sandbox.playground.snapshot import Scene
from bot.sandbox.playground.workspace import DEPLOYS
from bot.sandbox.slack import SandboxSlack, ShiftedClock
from bot.scheduler import DigestScheduler
from bot.services.digest_ports import Delivery
from bot.slack.http import EVENTS_PATH
from bot.slack.surface import BOT_EVENTS, COMMANDS, SCOPES
from bot.stores import Stores, open_stores

SUGGESTIONS = (
    Suggestion("What shipped?", "/shipped"),
    Suggestion("Has #406 reached production?", "/release #406"),
    Suggestion("What failed this week?", "/shipped status:failed since:7d"),
    Suggestion("What does this channel get?", "/digest"),
)
ZONE = ZoneInfo("Europe/Berlin")
"""Of the digest that is there from the beginning; what is told of time beside the conversation is told in it."""

_PLACE, _TIME = "Berlin", "Time"
_READY_SECONDS = 15.0
_LOOK_SECONDS = 0.02
_LEDGER_SECONDS = 0.2
_LEDGER_ROWS = 8


async def playground(port: int = 0, open_browser: bool = True, http: bool = False) -> None:
    """Serve the page on loopback until cancelled, at ``port`` or, for 0, at a free one; its address is printed.

    ``http``: Slack reaches the bot by signed HTTP in place of Socket Mode. Raises ``OSError`` where it cannot listen.
    """
    log.configure("WARNING", "text", secrets=())
    async with serving(port=port, http=http) as served:
        typer.echo(f"The playground is at {served.url}\nEverything in it stays on this machine. Ctrl-C ends it.")
        if open_browser:
            await asyncio.to_thread(webbrowser.open, served.url)
        await asyncio.Event().wait()


@dataclass(frozen=True, slots=True)
class Served:
    """A playground that is there: the page's address, and the two services behind it."""

    url: str
    slack: SandboxSlack
    launchdarkly: SandboxLaunchDarkly


@asynccontextmanager
async def serving(*, port: int = 0, http: bool = False, start: datetime | None = None) -> AsyncIterator[Served]:
    """The playground, its bot connected, until the block ends. Raises ``OSError`` where it cannot listen.

    ``start``: what time (aware) it is there when it begins, else the machine's.
    """
    commands = [Command(command.name, command.description, command.usage_hint) for command in COMMANDS]
    clock = ShiftedClock(start)  # of the bot and of both services, so that skipping a day leaves nobody behind
    world = workspace(commands=commands, events=BOT_EVENTS, scopes=[scope.name for scope in SCOPES], clock=clock)
    slack = SandboxSlack(world)
    wire = Wire(slack)
    launchdarkly = SandboxLaunchDarkly(now=clock.now, on_answer=wire.answered)
    with TemporaryDirectory(prefix="whatshipped-") as folder:  # what the bot keeps survives its restarts, not the end
        async with slack, launchdarkly:
            settings = _settings(slack, launchdarkly, folder, port=_free_port() if http else 0)
            if http:
                world.app.request_url = f"http://{settings.host}:{settings.port}{EVENTS_PATH}"
            bot = _Bot(settings, slack, clock, http=http)
            async with open_stores(settings) as stores:
                digests = _Digests(bot, slack, stores, clock)
                await digests.subscribe()
                controls = [*digests.buttons(), *troubles(slack, launchdarkly), bot.restart_button()]
                scene = Scene(slack, wire, commands, SUGGESTIONS, controls, [digests.table()], http=http)
                async with PlaygroundServer(scene, port=port) as server:
                    watching = asyncio.create_task(digests.watch())
                    try:
                        if not await bot.start():
                            raise RuntimeError("the bot did not start")
                        yield Served(server.url, slack, launchdarkly)
                    finally:
                        await bot.stop()
                        watching.cancel()
                        await asyncio.gather(watching, return_exceptions=True)


class _Bot:
    """The bot's process, as ``whatshipped run`` runs it; it can be stopped and started as often as a person likes."""

    def __init__(self, settings: Settings, slack: SandboxSlack, clock: ShiftedClock, *, http: bool) -> None:
        self._settings, self._slack, self._clock, self._http = settings, slack, clock, http
        self._scheduler: DigestScheduler | None = None
        self._stop = asyncio.Event()
        self._running: asyncio.Task[int] | None = None
        self._state = "stopped"

    async def start(self) -> bool:
        """Return when Slack can reach it, or False when it has ended by itself.

        Raises ``TimeoutError`` where both take too long.
        """
        self._tell("starting")
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(
            process.run(
                self._settings,
                web=self._http,
                socket=not self._http,
                digests=True,
                stop=self._stop,
                clock=self._clock.now,
                on_digests=self._drive,
            )
        )
        self._running.add_done_callback(lambda _: self._tell("stopped"))
        async with asyncio.timeout(_READY_SECONDS):
            while not (self._running.done() or await self._reachable()):  # noqa: ASYNC110  # it tells nobody
                await asyncio.sleep(_LOOK_SECONDS)
        if self._running.done():
            self._running.result()  # where it ended with an error of ours, let that be seen
            return False
        self._tell("running")
        return True

    async def stop(self) -> None:
        """As on SIGTERM: what it was asked is answered first."""
        self._tell("stopping")
        self._stop.set()
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)

    async def tick(self) -> bool:
        """Let it look for due digests at once, and return when it has dealt with them; False where it does not run."""
        if self._scheduler is None or self._state != "running":
            return False
        await self._scheduler.tick()
        return True

    def restart_button(self) -> Button:
        async def restart() -> str:
            await self.stop()
            if not await self.start():
                return "It did not start: what it checks first did not work. Mend that, then restart it."
            return "The bot has been stopped and started again. Buttons of earlier answers still work."

        return Button(
            "restart",
            "The bot",
            "Restart the bot",
            "It finishes what it was asked, stops, and starts again with nothing in its memory.",
            restart,
            note=lambda: f"It is {self._state}.",
        )

    def _drive(self, scheduler: DigestScheduler) -> None:
        self._scheduler = scheduler

    def _tell(self, state: str) -> None:
        self._state = state
        self._slack.world.changed()

    async def _reachable(self) -> bool:
        if not self._http:
            return self._slack.sockets.connected > 0
        with suppress(aiohttp.ClientError):
            return await self._slack.courier.verify_request_url()
        return False


class _Digests:
    """Time as a person moves it, and the ledger of the digests that come due in it."""

    def __init__(self, bot: _Bot, slack: SandboxSlack, stores: Stores, clock: ShiftedClock) -> None:
        self._bot, self._slack, self._stores, self._clock = bot, slack, stores, clock
        self._rows: list[tuple[str, ...]] = []

    async def subscribe(self) -> None:
        """A digest that is there from the beginning, and has a day to tell of."""
        now, world = self._clock.now(), self._slack.world
        await self._stores.subscriptions.add(
            Subscription(
                id="playground",
                team_id=world.team_id,
                channel_id=world.channel(DEPLOYS).id,
                name="Morning",
                project="default",
                environment="production",
                filters=NO_FILTERS,
                schedule=Schedule(WEEKDAYS, time(9, 30), ZONE.key),
                say_when_empty=True,
                created_by=world.user("sam.poe").id,
                created_at=now - timedelta(days=1),
                counts_from=now - timedelta(days=1),
                due_after=now,
            )
        )

    def buttons(self) -> Sequence[Button]:
        """Both move the one clock that the bot, Slack and LaunchDarkly have here."""
        return (
            Button(
                "due",
                _TIME,
                "Make the next digest due now",
                "The clock moves on to the moment at which it is due, and the bot looks.",
                self._next,
                note=lambda: f"It is {_moment(self._clock.now())} in {_PLACE}.",
            ),
            Button(
                "tomorrow",
                _TIME,
                "Move the clock to tomorrow",
                "A day passes in a moment. A digest that came due in it is late and says so, or is left "
                "to the next one where that is due within the hour.",
                self._tomorrow,
            ),
        )

    def table(self) -> Table:
        return Table(
            "ledger",
            "The ledger",
            ("Due", "Digest", "State", "Since", "Deployments", "Why"),
            lambda: self._rows,
        )

    async def watch(self) -> None:
        """Keep the rows as they are in the database, until cancelled."""
        while True:
            await self._look()
            await asyncio.sleep(_LEDGER_SECONDS)

    async def _next(self) -> str:
        now = self._clock.now()
        waiting = [next_due(one.schedule, now) for one in await self._stores.subscriptions.active()]
        if not waiting:
            return "No digest is active. Subscribe a channel first: /digest weekdays 09:30"
        return await self._moved(min(waiting))

    async def _tomorrow(self) -> str:
        return await self._moved(self._clock.now() + timedelta(days=1))

    async def _moved(self, moment: datetime) -> str:
        self._clock.move_to(moment)
        looked = await self._bot.tick()
        await self._look()
        self._slack.world.changed()
        what = "the bot has looked for what is due" if looked else "the bot does not run: restart it"
        return f"It is {_moment(moment)} in {_PLACE} now, and {what}."

    async def _look(self) -> None:
        subscriptions = await self._stores.subscriptions.of_team(self._slack.world.team_id)
        found = [
            (delivery, self._slack.world.channels[one.channel_id].name, one.number)
            for one in subscriptions
            for delivery in await self._stores.ledger.history(one.id, _LEDGER_ROWS)
        ]
        found.sort(key=lambda row: row[0].occurrence.due_at, reverse=True)
        rows = [_row(delivery, f"#{channel} {number}") for delivery, channel, number in found[:_LEDGER_ROWS]]
        if rows != self._rows:
            self._rows = rows
            self._slack.world.changed()


def _row(delivery: Delivery, digest: str) -> tuple[str, ...]:
    again = f"; again from {_moment(delivery.retry_at)}" if delivery.retry_at else ""
    return (
        _moment(delivery.occurrence.due_at),
        digest,
        delivery.state.value,
        _moment(delivery.changed_at),
        str(len(delivery.deployments)),
        delivery.reason + again,
    )


def _moment(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%a %d %b %H:%M}"


def _settings(slack: SandboxSlack, launchdarkly: SandboxLaunchDarkly, folder: str, *, port: int) -> Settings:
    """As in the environment of a team that runs the bot; this machine's own settings, if it has any, are not read."""
    app = slack.world.app
    return load_settings(
        _env_file=None,
        _env_prefix="NOT_READ_IN_THE_PLAYGROUND_",
        launchdarkly_access_token=launchdarkly.token,
        launchdarkly_base_url=launchdarkly.base_url,
        launchdarkly_project="default",
        launchdarkly_environment="production",
        cache_seconds=0,  # what has just happened, or broken, is seen at once
        slack_bot_token=app.bot_token,
        slack_app_token=app.app_token,
        slack_signing_secret=app.signing_secret,
        slack_api_url=slack.api_url,
        host="127.0.0.1",
        port=port,
        database_url=f"sqlite+aiosqlite:///{Path(folder, 'playground.db')}",
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
