"""The long-running process: what is checked first, what runs, and how it ends.

Outside of ``app``, which wires the answers, this is the one place that knows Slack's transports and the settings.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import App, build, utc_now
from bot.checks import check_launchdarkly, slack_client, slack_probes
from bot.config import Settings
from bot.domain.errors import StorageError
from bot.health import Health, HealthServer
from bot.metrics import Metrics
from bot.scheduler import DigestScheduler
from bot.services.choices import Choices
from bot.services.previews import Previews
from bot.services.subscriptions import Subscriptions
from bot.slack.background import Background
from bot.slack.bolt import create_app, open_session
from bot.slack.conversation import Conversation, Defaults
from bot.slack.digest_conversation import DigestConversation
from bot.slack.digest_listeners import DigestListeners
from bot.slack.digest_modal import FormModal
from bot.slack.home import Home
from bot.slack.http import EVENTS_PATH, HttpServer
from bot.slack.listeners import Listeners
from bot.slack.messenger import Messenger
from bot.slack.profiles import Profiles
from bot.slack.socket_mode import SocketMode
from bot.slack.startup import Check, Gate
from bot.slack.tasks import Tasks
from bot.stores import Stores, open_stores
from bot.worker import wire_digests

logger = logging.getLogger(__name__)

STOPPED, FAILED = 0, 1
DRAIN_SECONDS = 10.0

Sleep = Callable[[float], Awaitable[object]]


async def run(
    settings: Settings,
    *,
    web: bool,
    socket: bool,
    digests: bool = False,
    stop: asyncio.Event | None = None,
    sleep: Sleep = asyncio.sleep,
    clock: Callable[[], datetime] = utc_now,
    on_digests: Callable[[DigestScheduler], None] = lambda _: None,
) -> int:
    """Answer in Slack over HTTP (``web``) or Socket Mode (``socket``) until SIGTERM or SIGINT, or ``stop`` is set.

    With ``digests``, deliver them too.

    Returns the exit code: 0 after a stop that was asked for, 1 after a fault that waiting does not cure, which is
    logged in one line. ``sleep`` waits between the start-up's attempts; ``clock`` gives the present moment, aware.
    ``on_digests`` gets what drives the digests, for a tick between two full minutes.
    """
    if problems := settings.slack_problems(web=web, socket=socket):
        return _told(problems)
    try:
        return await _run(
            settings,
            web=web,
            socket=socket,
            digests=digests,
            stop=stop or _stop_on_signals(),
            sleep=sleep,
            clock=clock,
            on_digests=on_digests,
        )
    except StorageError as error:
        return _told([error.message])


async def _run(
    settings: Settings,
    *,
    web: bool,
    socket: bool,
    digests: bool,
    stop: asyncio.Event,
    sleep: Sleep,
    clock: Callable[[], datetime],
    on_digests: Callable[[DigestScheduler], None],
) -> int:
    tasks = Tasks()
    async with (
        build(settings, clock=clock) as app,
        open_stores(settings) as stores,
        open_session(settings.slack_api_url) as session,
    ):
        client = slack_client(settings, session)
        bolt = wire(app, stores, client, session, tasks, clock=clock)
        gc.collect()
        gc.freeze()  # what the imports made lives for ever: looking through it again stops everything for 50 ms
        connection = SocketMode(bolt, settings.slack_app_token.get_secret_value()) if socket else None
        metrics = Metrics()
        app.deployments.on_read = metrics.read
        delivered = wire_digests(app, stores, session, metrics, clock=clock)
        health = Health(delivered, metrics)
        scheduler = DigestScheduler(delivered, clock=clock) if digests else None
        if scheduler:
            on_digests(scheduler)
        bot = _Bot(app, client, tasks, connection, scheduler, sleep)
        ways = ["Socket Mode"] * socket + ["digests"] * digests
        if not web:
            return await _watched(bot.run_until(stop, ways), health, settings)
        server = HttpServer(
            bolt,
            signing_secret=settings.slack_signing_secret.get_secret_value(),
            host=settings.host,
            port=settings.port,
            not_ready=bot.not_ready,
            health=health.routes(),
        )
        try:
            port = await server.start()  # first of all: hosts that hand out a port want to see it open soon
        except OSError as error:
            return _told([_cannot_listen(settings.host, settings.port, error, "HOST and PORT")])
        try:
            return await bot.run_until(stop, [f"HTTP on {settings.host}:{port}{EVENTS_PATH}", *ways])
        finally:
            await server.close()


def wire(
    app: App,
    stores: Stores,
    client: AsyncWebClient,
    session: aiohttp.ClientSession,
    tasks: Tasks,
    *,
    clock: Callable[[], datetime] = utc_now,
    monotonic: Callable[[], float] = time.monotonic,
    patience: float = 1.0,
) -> AsyncApp:
    """The conversation in Slack, on top of the answers; ``patience`` is in seconds."""
    settings = app.settings
    defaults = Defaults(
        project=settings.launchdarkly_project,
        environment=settings.launchdarkly_environment,
        base_url=settings.launchdarkly_base_url,
    )
    messenger = Messenger(client, session)
    profiles = Profiles(client, clock=clock, otherwise=settings.zone)
    subscriptions = Subscriptions(stores.subscriptions, stores.ledger, app.resolver, managers=settings.digest_managers)
    home = Home(messenger, profiles, defaults, subscriptions, clock)
    background = Background(tasks)
    conversation = Conversation(app.answers, messenger, profiles, defaults, clock, patience)
    digests = DigestConversation(
        subscriptions,
        Previews(app.deployments, app.resolver, stores.subscriptions, stores.ledger),
        app.answers,
        FormModal(Choices(app.catalog, app.deployments, clock=clock), messenger, clock),
        home,
        messenger,
        profiles,
        defaults,
        clock,
        patience,
    )
    return create_app(
        bot_token=settings.slack_bot_token.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        api_url=settings.slack_api_url,
        session=session,
        listeners=Listeners(conversation, digests, home, messenger, background, clock=clock, monotonic=monotonic),
        digests=DigestListeners(digests, messenger, background, monotonic=monotonic),
    )


class _Bot:
    """Start, stay, stop: the order of things, once everything is built."""

    def __init__(
        self,
        app: App,
        client: AsyncWebClient,
        tasks: Tasks,
        connection: SocketMode | None,
        scheduler: DigestScheduler | None,
        sleep: Sleep,
    ) -> None:
        self._tasks = tasks
        self._scheduler = scheduler
        self._connection = connection
        app_token = app.settings.slack_app_token.get_secret_value() if connection else ""
        self._slack = Gate(slack_probes(client, app_token), sleep=sleep)
        self._launchdarkly = Gate([partial(check_launchdarkly, app)], sleep=sleep)
        self._started = False

    def not_ready(self) -> str:
        """Why no question can be answered now, or ""."""
        if self._tasks.draining:
            return "stopping"
        if not self._started:
            return "starting"
        return "" if self._connection is None or self._connection.connected else "not connected to Slack"

    async def run_until(self, stop: asyncio.Event, ways: Sequence[str]) -> int:
        living = asyncio.ensure_future(self._live(ways))
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done():
                logger.info("stopping")
            # The transports still run: who asks now is told so, and what was promised is acknowledged.
            digests = self._scheduler.stop(DRAIN_SECONDS) if self._scheduler else asyncio.sleep(0)
            cut_off, _ = await asyncio.gather(self._tasks.drain(DRAIN_SECONDS), digests)
            if cut_off:
                logger.warning("cut off %d answers that took longer than %.0f s", cut_off, DRAIN_SECONDS)
            return _told(living.result()) if living.done() else STOPPED
        finally:
            for task in (living, stopping):
                task.cancel()
            await asyncio.gather(living, stopping, return_exceptions=True)

    async def _live(self, ways: Sequence[str]) -> Sequence[object]:
        """Check, connect, stay; returns only with what failed for good.

        LaunchDarkly is asked before Slack is connected, but not waited for: while it is down, people are better told
        so than met with silence.
        """
        if faults := await self._slack.settle() or await self._launchdarkly.ask():
            return faults
        if self._scheduler:
            self._scheduler.start()  # it knows itself what to do while LaunchDarkly is down
        connected = asyncio.ensure_future(self._connection.run() if self._connection else _for_ever())
        checked = asyncio.ensure_future(self._ready())
        try:
            await asyncio.wait({connected, checked}, return_when=asyncio.FIRST_COMPLETED)
            if not connected.done():
                if faults := checked.result():
                    return faults
                self._started = True
                logger.info("running: %s", " and ".join(ways))
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


async def _watched(running: Coroutine[object, object, int], health: Health, settings: Settings) -> int:
    """Run with a small server for who watches, where there is a port for it."""
    if not settings.health_port:
        return await running
    server = HealthServer(health, host=settings.host, port=settings.health_port)
    try:
        await server.start()
    except OSError as error:
        running.close()
        return _told([_cannot_listen(settings.host, settings.health_port, error, "HEALTH_PORT")])
    try:
        return await running
    finally:
        await server.close()


def _cannot_listen(host: str, port: int, error: OSError, variables: str) -> str:
    # asyncio's own text names the address once more
    return f"cannot listen on {host}:{port} ({os.strerror(error.errno or 0)}); set {variables}"


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
