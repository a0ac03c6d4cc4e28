"""The long-running process: what is checked first, what runs, and how it ends.

Outside of ``app``, which wires the answers, this is the one place that knows Slack's transports and the settings.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import App, build, utc_now
from bot.checks import launchdarkly_probe, slack_client, slack_probes
from bot.config import Settings
from bot.slack.bolt import create_app, open_session
from bot.slack.conversation import Conversation, Defaults
from bot.slack.http import EVENTS_PATH, HttpServer
from bot.slack.listeners import Listeners
from bot.slack.messenger import Messenger
from bot.slack.profiles import Profiles
from bot.slack.socket_mode import SocketMode
from bot.slack.startup import Check, Gate
from bot.slack.tasks import Tasks

logger = logging.getLogger(__name__)

STOPPED, FAILED = 0, 1
DRAIN_SECONDS = 10.0

Sleep = Callable[[float], Awaitable[object]]


async def run(
    settings: Settings, *, web: bool, socket: bool, stop: asyncio.Event | None = None, sleep: Sleep = asyncio.sleep
) -> int:
    """Answer in Slack over HTTP (``web``) or Socket Mode (``socket``) until SIGTERM or SIGINT, or ``stop`` is set.

    Returns the exit code: 0 after a stop that was asked for, 1 after a fault that waiting does not cure, which is
    logged in one line. ``sleep`` waits between the start-up's attempts.
    """
    if problems := settings.slack_problems(web=web, socket=socket):
        return _told(problems)
    stop = stop or _stop_on_signals()
    tasks = Tasks()
    async with build(settings) as app, open_session(settings.slack_api_url) as session:
        client = slack_client(settings, session)
        bolt = _wire(app, client, session, tasks)
        gc.collect()
        gc.freeze()  # what the imports made lives for ever: looking through it again stops everything for 50 ms
        connection = SocketMode(bolt, settings.slack_app_token.get_secret_value()) if socket else None
        bot = _Bot(app, client, tasks, connection, sleep)
        if not web:
            return await bot.run_until(stop, "Socket Mode")
        server = HttpServer(
            bolt,
            signing_secret=settings.slack_signing_secret.get_secret_value(),
            host=settings.host,
            port=settings.port,
            not_ready=bot.not_ready,
        )
        try:
            port = await server.start()  # first of all: hosts that hand out a port want to see it open soon
        except OSError as error:
            return _told([f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); set HOST and PORT"])
        try:
            ways = f"HTTP on {settings.host}:{port}{EVENTS_PATH}"
            return await bot.run_until(stop, f"{ways} and Socket Mode" if socket else ways)
        finally:
            await server.close()


def _wire(app: App, client: AsyncWebClient, session: aiohttp.ClientSession, tasks: Tasks) -> AsyncApp:
    """The conversation in Slack, on top of the answers."""
    settings = app.settings
    defaults = Defaults(
        project=settings.launchdarkly_project,
        environment=settings.launchdarkly_environment,
        base_url=settings.launchdarkly_base_url,
    )
    messenger = Messenger(client, session)
    profiles = Profiles(client, clock=utc_now, otherwise=settings.zone)
    conversation = Conversation(app.answers, messenger, profiles, defaults, utc_now)
    return create_app(
        bot_token=settings.slack_bot_token.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        api_url=settings.slack_api_url,
        session=session,
        listeners=Listeners(conversation, messenger, tasks, clock=utc_now),
    )


class _Bot:
    """Start, stay, stop: the order of things, once everything is built."""

    def __init__(
        self, app: App, client: AsyncWebClient, tasks: Tasks, connection: SocketMode | None, sleep: Sleep
    ) -> None:
        self._tasks = tasks
        self._connection = connection
        app_token = app.settings.slack_app_token.get_secret_value() if connection else ""
        self._slack = Gate(slack_probes(client, app_token), sleep=sleep)
        self._launchdarkly = Gate([launchdarkly_probe(app)], sleep=sleep)
        self._started = False

    def not_ready(self) -> str:
        """Why no question can be answered now, or ""."""
        if self._tasks.draining:
            return "stopping"
        if not self._started:
            return "starting"
        return "" if self._connection is None or self._connection.connected else "not connected to Slack"

    async def run_until(self, stop: asyncio.Event, ways: str) -> int:
        living = asyncio.ensure_future(self._live(ways))
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done():
                logger.info("stopping")
            # The transports still run: who asks now is told so, and what was promised is acknowledged.
            if cut_off := await self._tasks.drain(DRAIN_SECONDS):
                logger.warning("cut off %d answers that took longer than %.0f s", cut_off, DRAIN_SECONDS)
            return _told(living.result()) if living.done() else STOPPED
        finally:
            for task in (living, stopping):
                task.cancel()
            await asyncio.gather(living, stopping, return_exceptions=True)

    async def _live(self, ways: str) -> Sequence[object]:
        """Check, connect, stay; returns only with what failed for good.

        LaunchDarkly is asked before Slack is connected, but not waited for: while it is down, people are better told
        so than met with silence.
        """
        if faults := await self._slack.settle() or await self._launchdarkly.ask():
            return faults
        connected = asyncio.ensure_future(self._connection.run() if self._connection else _for_ever())
        checked = asyncio.ensure_future(self._ready())
        try:
            await asyncio.wait({connected, checked}, return_when=asyncio.FIRST_COMPLETED)
            if not connected.done():
                if faults := checked.result():
                    return faults
                self._started = True
                logger.info("running: %s", ways)
            return [await connected]
        finally:
            for task in (connected, checked):
                task.cancel()
            await asyncio.gather(connected, checked, return_exceptions=True)

    async def _ready(self) -> list[Check]:
        """Returns once both sides can be spoken with ([]), or with what failed for good."""
        faults = await self._launchdarkly.settle()
        if not faults and self._connection:
            await self._connection.up()
        return faults


def _told(faults: Sequence[object]) -> int:
    for fault in faults:
        logger.error("%s", fault)
    return FAILED


def _stop_on_signals() -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT; a second one ends the process as if nobody listened."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def on_signal() -> None:
        stop.set()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    with suppress(NotImplementedError):  # Windows: Ctrl-C still ends it, without the drain
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, on_signal)
    return stop


async def _for_ever() -> str:
    await asyncio.Event().wait()
    raise AssertionError("nothing sets it")
