"""An embedded Slack on a clock that stands still, and a real Bolt app that can be connected to it in both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import ManualClock, SandboxSlack

Connect = Callable[[], Awaitable[None]]
ConnectSocket = Callable[..., Awaitable[AsyncSocketModeHandler]]


def web_client(slack: SandboxSlack, token: str) -> AsyncWebClient:
    client = AsyncWebClient(token, base_url=slack.api_url, retry_handlers=[])
    client.proxy = None  # a proxy in the environment would be used for loopback too
    return client


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def slack(clock: ManualClock) -> AsyncIterator[SandboxSlack]:
    async with SandboxSlack(clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
async def client(slack: SandboxSlack) -> AsyncWebClient:
    """The bot's Web API client."""
    return web_client(slack, slack.world.app.bot_token)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def app(slack: SandboxSlack, client: AsyncWebClient, monkeypatch: pytest.MonkeyPatch) -> AsyncApp:
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_BOT_TOKEN", "HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return AsyncApp(client=client, signing_secret=slack.world.app.signing_secret)


@pytest.fixture
async def connect_socket(slack: SandboxSlack, app: AsyncApp) -> AsyncIterator[ConnectSocket]:
    handlers: list[AsyncSocketModeHandler] = []

    async def connect(ping_interval: float = 5) -> AsyncSocketModeHandler:
        token = slack.world.app.app_token
        handler = AsyncSocketModeHandler(app, token, web_client=web_client(slack, token), ping_interval=ping_interval)
        handlers.append(handler)
        before = slack.sockets.connected
        await handler.connect_async()  # type: ignore[no-untyped-call]  # slack_bolt does not say
        await slack.wait_for(lambda: slack.sockets.connected > before)
        return handler

    yield connect
    for handler in handlers:
        await handler.close_async()  # type: ignore[no-untyped-call]  # slack_bolt does not say


@pytest.fixture
async def connect_http(slack: SandboxSlack, app: AsyncApp) -> AsyncIterator[Connect]:
    runners: list[web.AppRunner] = []

    async def connect() -> None:
        runner = web.AppRunner(app.web_app("/slack/events"), access_log=None, shutdown_timeout=1)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.world.app.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"

    yield connect
    for runner in runners:
        await runner.cleanup()


@pytest.fixture(params=["socket", "http"])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Connect the app: every test with this runs over both transports."""
    chosen: Connect = request.getfixturevalue(f"connect_{request.param}")
    return chosen
