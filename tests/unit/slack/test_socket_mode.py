from __future__ import annotations

import asyncio
import logging

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SandboxSlack
from bot.slack.socket_mode import LINK_DISABLED, Pace, SocketMode

# The SDK's own loops sleep for one ping; ours look as often as the loop turns.
PACE = Pace(look=0.01, dead_after=60, connect=2, ping=0.05)


class Clock:
    """Monotonic seconds that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Running:
    """Socket Mode connected to an embedded Slack, with a Bolt app that remembers what it was asked."""

    def __init__(self, slack: SandboxSlack, **changes) -> None:
        self.slack = slack
        self.heard: list[str] = []
        self.clock = Clock()

        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_user_id="U0")

        client = AsyncWebClient(slack.world.app.bot_token, base_url=slack.api_url, retry_handlers=[])
        client.proxy = None
        bolt = AsyncApp(signing_secret="unused", client=client, authorize=authorize)

        @bolt.command("/shipped")
        async def shipped(ack, command):
            await ack()
            self.heard.append(command["text"])

        pace = Pace(**{"look": PACE.look, "dead_after": PACE.dead_after, "connect": 2, "ping": PACE.ping, **changes})
        self.socket = SocketMode(bolt, slack.world.app.app_token, pace=pace, clock=self.clock)
        self.task = asyncio.create_task(self.socket.run())

    async def until(self, condition) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110  # the SDK's own loops give no event
                await asyncio.sleep(0.005)

    async def connected(self) -> None:
        await self.until(lambda: self.socket.connected and self.slack.sockets.connected == 1)

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture(autouse=True)
def _quiet():
    logging.getLogger("slack_sdk.socket_mode").setLevel(logging.WARNING)


@pytest.fixture
async def slack():
    async with SandboxSlack() as slack:
        yield slack


@pytest.fixture
async def running(slack):
    running = Running(slack)
    yield running
    await running.stop()


async def ask(slack, text: str):
    return await slack.command("jane.doe", "#deploys", "/shipped", text)


async def test_a_command_comes_in_and_is_acknowledged(running, slack):
    await running.connected()
    delivery = await ask(slack, "billing")
    assert delivery.acked
    assert running.heard == ["billing"]


async def test_a_stop_in_the_moment_of_connecting_ends_it(slack):
    running = Running(slack)
    await slack.wait_for(lambda: slack.sockets.connected)  # Slack is; the bot's side does not know it yet
    async with asyncio.timeout(10):
        await running.stop()
    assert running.task.cancelled()


async def test_a_refresh_is_followed(running, slack):
    await running.connected()
    await slack.sockets.disconnect("refresh_requested")
    await running.connected()
    assert (await ask(slack, "after the refresh")).acked


async def test_a_connection_that_breaks_is_made_again(running, slack):
    await running.connected()
    slack.sockets.drop()
    await running.until(lambda: slack.sockets.connected == 1)
    assert (await ask(slack, "after the break")).acked


async def test_a_dead_connection_is_renewed_after_a_minute_and_told(slack, caplog):
    running = Running(slack, ping=30)  # the SDK itself would notice after two minutes
    await running.connected()
    assert running.socket._handler is not None
    reader = running.socket._handler.client.message_receiver
    assert reader is not None
    reader.cancel()  # nobody reads any more, and the SDK does not see it
    await running.until(lambda: not running.socket.connected)
    running.clock.now = 60
    await asyncio.sleep(0.03)
    assert "renewing" not in caplog.text
    running.clock.now = 61
    await running.until(lambda: "renewing" in caplog.text)
    await running.connected()
    assert (await ask(slack, "after the renewal")).acked
    await running.stop()


async def test_unanswered_pings_make_a_connection_dead(running, slack):
    await running.connected()
    slack.faults.silent_sockets = True
    await running.until(lambda: not running.socket.connected)
    slack.faults.silent_sockets = False
    running.clock.now = 61
    await running.connected()


async def test_slack_refusing_connections_for_a_while_is_survived(slack, caplog):
    slack.faults.refuse_connections("internal_error", times=2)
    running = Running(slack)
    await running.connected()
    assert (await ask(slack, "at last")).acked
    await running.stop()


async def test_a_connection_that_is_never_taken_is_told_and_tried_again(slack, caplog):
    slack.faults.slow("apps.connections.open", seconds=30)
    running = Running(slack, connect=0.05)
    await running.until(lambda: "did not take the Socket Mode connection" in caplog.text)
    running.clock.now = 61
    await running.connected()
    await running.stop()


async def test_socket_mode_turned_off_ends_it_with_the_reason(running, slack):
    await running.connected()
    await slack.sockets.disconnect("link_disabled")
    async with asyncio.timeout(5):
        assert await running.task == LINK_DISABLED
    await running.until(lambda: slack.sockets.connected == 0)
    assert not running.socket.connected


async def test_stopping_closes_the_connection(running, slack):
    await running.connected()
    await running.stop()
    await running.until(lambda: slack.sockets.connected == 0)
    assert not running.socket.connected


async def test_two_processes_share_the_payloads(running, slack):
    other = Running(slack)
    await running.until(lambda: slack.sockets.connected == 2)
    for number in range(4):
        assert (await ask(slack, str(number))).acked
    assert sorted(running.heard + other.heard) == ["0", "1", "2", "3"]
    assert len(running.heard) == len(other.heard) == 2
    await other.stop()
