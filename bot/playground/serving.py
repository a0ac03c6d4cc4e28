"""Everything put together: the two services, the bot between them, and the page."""

from __future__ import annotations

import asyncio
import signal
import socket
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from bot import log
from bot.config import Settings, load_settings
from bot.playground.digests import Digests
from bot.playground.running_bot import RunningBot
from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from bot.sandbox.playground import Command, News, PlaygroundServer, Suggestion, Wire, troubles, workspace
from bot.sandbox.playground.snapshot import Scene
from bot.sandbox.slack import SandboxSlack, ShiftedClock
from bot.slack.http import EVENTS_PATH
from bot.slack.surface import BOT_EVENTS, COMMANDS, SCOPES
from bot.stores import open_stores

SUGGESTIONS = (
    Suggestion("What shipped?", "/shipped"),
    Suggestion("Has #406 reached production?", "/release #406"),
    Suggestion("What failed this week?", "/shipped status:failed since:7d"),
    Suggestion("What does this channel get?", "/digest"),
)


async def playground(port: int = 0, open_browser: bool = True, http: bool = False) -> None:
    """Serve the page on loopback until SIGINT or SIGTERM, at ``port`` or, for 0, at a free one; its address is printed.

    ``http``: Slack reaches the bot by signed HTTP in place of Socket Mode. Raises ``OSError`` where it cannot listen.
    """
    log.configure("WARNING", "text", secrets=())
    async with serving(port=port, http=http) as served:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        with suppress(NotImplementedError):  # Windows, where Ctrl-C cancels
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, stop.set)  # who presses twice wishes nothing else
        typer.echo(f"The playground is at {served.url}\nEverything in it stays on this machine. Ctrl-C ends it.")
        if open_browser:
            await asyncio.to_thread(webbrowser.open, served.url)
        await stop.wait()
        typer.echo("")


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
            bot = RunningBot(settings, slack, clock, http=http)
            news = News(launchdarkly)
            async with open_stores(settings) as stores:
                digests = Digests(bot, slack, stores, clock, news)
                await digests.subscribe()
                controls = [*digests.buttons(), *troubles(slack, launchdarkly, news), bot.restart_button()]
                scene = Scene(slack, wire, commands, SUGGESTIONS, controls, [digests.table()])
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
