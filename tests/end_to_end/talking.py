"""The bot between an embedded Slack and an embedded LaunchDarkly: everything real but the two companies."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from bot.app import build, utc_now
from bot.config import Settings
from bot.process import wire
from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from bot.sandbox.slack import Delivery, Message, SandboxSlack, View
from bot.slack.bolt import open_session, web_client
from bot.slack.http import EVENTS_PATH, HttpServer
from bot.slack.socket_mode import Pace, SocketMode
from bot.slack.tasks import Tasks
from bot.storage.migrate import migrate
from bot.stores import Stores, open_stores

JANE, DEPLOYS = "jane.doe", "#deploys"
PACE = Pace(look=0.05, dead_after=60, connect=5, ping=2.0)

T = TypeVar("T")


@dataclass
class Seconds:
    """A monotonic clock that a test moves."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Talk:
    """What a test holds in its hands."""

    slack: SandboxSlack
    launchdarkly: SandboxLaunchDarkly
    tasks: Tasks
    monotonic: Seconds
    stores: Stores

    async def settled(self) -> None:
        """Everything that was asked has been answered."""
        async with asyncio.timeout(10):
            while len(self.tasks):  # noqa: ASYNC110  # tasks tell nobody when they end
                await asyncio.sleep(0.002)

    async def type(self, words: str, *, user: str = JANE, channel: str = DEPLOYS) -> Message:
        """Type a command and get the one message that it brought."""
        before = {m.ts for m in self.slack.visible_to(user, channel)}
        command, _, text = words.partition(" ")
        delivery = await self.slack.command(user, channel, command, text)
        assert delivery.acked, delivery.error
        await self.settled()
        (message,) = [m for m in self.slack.visible_to(user, channel) if m.ts not in before]
        return message

    async def press(self, message: Message | View, wanted: str, *, user: str = JANE) -> Delivery:
        delivery = await self.slack.click(user, message, wanted)
        assert delivery.acked, delivery.error
        await self.settled()
        return delivery

    async def choose(self, message: Message | View, wanted: str, choice: str, *, user: str = JANE) -> None:
        delivery = await self.slack.choose(user, message, wanted, choice)
        assert delivery is not None
        assert delivery.acked, delivery.error
        await self.settled()

    def reads(self) -> list[dict[str, Any]]:
        """The queries for deployments that LaunchDarkly got."""
        return [dict(r.query) for r in self.launchdarkly.requests if r.path.endswith("/deployments")]


@asynccontextmanager
async def talking(
    *,
    transport: str = "socket",
    patience: float = 60.0,
    slack: SandboxSlack | None = None,
    tasks: Tasks | None = None,
    clock: Callable[[], datetime] = utc_now,
    project: str = "default",
    **changes: Any,
) -> AsyncIterator[Talk]:
    """The bot, connected. A ``slack`` that is given is open already.

    ``changes`` are settings (the database is a new one unless they name it); ``patience`` of 0 makes every answer a
    slow one.
    """
    async with (
        nullcontext(slack) if slack else SandboxSlack() as slack,
        SandboxLaunchDarkly() as launchdarkly,
        _database(changes.pop("database_url", "")) as database_url,
    ):
        app = slack.world.app
        settings = Settings(
            _env_file=None,
            launchdarkly_access_token=launchdarkly.token,
            launchdarkly_base_url=launchdarkly.base_url,
            launchdarkly_project=project,
            slack_bot_token=app.bot_token,
            slack_app_token=app.app_token,
            slack_signing_secret=app.signing_secret,
            slack_api_url=slack.api_url,
            database_url=database_url,
            **changes,
        )
        tasks, monotonic = Tasks() if tasks is None else tasks, Seconds()
        async with build(settings) as built, open_stores(settings) as stores, open_session(slack.api_url) as session:
            client = web_client(token=app.bot_token, api_url=slack.api_url, session=session)
            bolt = wire(built, stores, client, session, tasks, clock=clock, monotonic=monotonic, patience=patience)
            talk = Talk(slack, launchdarkly, tasks, monotonic, stores)
            async with _by_http(talk, bolt) if transport == "http" else _by_socket(talk, bolt):
                yield talk
                await tasks.drain(1)


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[str]:
    """The database of that address, or one for this test alone."""
    with tempfile.TemporaryDirectory() as folder:
        if not url:
            shutil.copy(_migrated(), Path(folder) / "whatshipped.db")
        yield url or f"sqlite:///{folder}/whatshipped.db"


@cache
def _migrated() -> Path:
    """An empty database with its tables, made once."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "migrated.db"
    with ThreadPoolExecutor(1) as thread:  # the loop of this thread is running
        thread.submit(asyncio.run, migrate(f"sqlite:///{file}")).result()
    return file


@asynccontextmanager
async def _by_socket(talk: Talk, bolt: Any) -> AsyncIterator[None]:
    running = asyncio.create_task(SocketMode(bolt, talk.slack.world.app.app_token, pace=PACE).run())
    await talk.slack.wait_for(lambda: talk.slack.sockets.connected or None, timeout=5)
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def _by_http(talk: Talk, bolt: Any) -> AsyncIterator[None]:
    app = talk.slack.world.app
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = HttpServer(bolt, signing_secret=app.signing_secret, host="127.0.0.1", port=port, not_ready=lambda: "")
    await server.start()
    app.request_url = f"http://127.0.0.1:{port}{EVENTS_PATH}"
    try:
        yield
    finally:
        await server.close()
