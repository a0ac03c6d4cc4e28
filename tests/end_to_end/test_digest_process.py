"""``python -m bot worker`` as a host starts it: a digest comes due, is posted, and a stop lets it arrive."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.domain.digests import Subscription
from bot.domain.schedule import EVERY_DAY, Schedule
from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from bot.sandbox.slack import SandboxSlack
from bot.services.digest_ports import DeliveryState
from bot.storage.database import Database
from bot.storage.ledger import SqlDeliveryLedger
from bot.storage.migrate import migrate
from bot.storage.subscriptions import SqlSubscriptionStore
from tests.builders import subscription

DAY = timedelta(days=1)


def due_now(id: str = "s1", channel: str = "C0DEPLOYS", **changes) -> Subscription:
    """Due every day at the present minute."""
    now = datetime.now(UTC)
    schedule = Schedule(EVERY_DAY, now.time().replace(second=0, microsecond=0, tzinfo=None), "UTC")
    counted = {"counts_from": now - DAY, "due_after": now - timedelta(hours=2)}
    return subscription(id, team_id="T0SANDBOX", channel_id=channel, schedule=schedule, **counted, **changes)


class Host:
    """Both companies, a database, and how to start a worker between them."""

    def __init__(self, slack: SandboxSlack, launchdarkly: SandboxLaunchDarkly, url: str, folder: str) -> None:
        self.slack, self.launchdarkly, self.url, self.folder = slack, launchdarkly, url, folder

    async def subscribe(self, *subscriptions: Subscription) -> None:
        database = Database(self.url)
        for one in subscriptions:
            await SqlSubscriptionStore(database).add(one)
        await database.close()

    async def states(self, *ids: str) -> list[DeliveryState]:
        database = Database(self.url)
        rows = [row for id in ids for row in await SqlDeliveryLedger(database).history(id, 10)]
        await database.close()
        return [row.state for row in rows]

    async def reach(self, states: list[DeliveryState], *ids: str) -> None:
        async with asyncio.timeout(30):
            while await self.states(*ids) != states:  # noqa: ASYNC110 -- another process changes them
                await asyncio.sleep(0.05)

    @asynccontextmanager
    async def worker(self, **variables: str):
        app = self.slack.world.app
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "SYSTEMROOT", "LANG")}
        ours = {
            "PYTHONWARNINGS": "error",
            "LAUNCHDARKLY_ACCESS_TOKEN": self.launchdarkly.token,
            "LAUNCHDARKLY_BASE_URL": self.launchdarkly.base_url,
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_BOT_TOKEN": app.bot_token,
            "DATABASE_URL": self.url,
            "HOST": "127.0.0.1",
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "worker"),
            cwd=self.folder,
            env=kept | ours | variables,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


@pytest.fixture
async def host(tmp_path):
    url = f"sqlite:///{tmp_path}/whatshipped.db"
    await migrate(url)
    async with SandboxSlack() as slack, SandboxLaunchDarkly() as launchdarkly:
        yield Host(slack, launchdarkly, url, str(tmp_path))


async def test_a_worker_without_socket_mode_delivers_and_stops(host):
    await host.subscribe(due_now())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with host.worker(HEALTH_PORT=str(port)) as worker:
        await host.slack.wait_for(lambda: host.slack.messages("#deploys"), timeout=20)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as web:
            await host.reach([DeliveryState.SENT], "s1")
            health = (await web.get("/healthz")).json()
            assert health["status"] == "alive"
            assert health["digests"]["oldest_undelivered_seconds"] is None
            assert health["digests"]["last_tick_seconds"] >= 0
            metrics = (await web.get("/metrics")).text
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(worker.wait(), 20) == 0
    (message,) = host.slack.messages("#deploys")
    assert "Shipped to production" in message.text
    assert 'whatshipped_digest_deliveries_total{reason="",result="sent"} 1.0' in metrics
    assert 'whatshipped_reads_total{result="ok"} 1.0' in metrics


async def test_a_stop_waits_for_the_message_in_flight(host):
    await host.subscribe(due_now())
    host.slack.faults.slow("chat.postMessage", seconds=2)
    async with host.worker() as worker:
        await host.reach([DeliveryState.SENDING], "s1")
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(worker.wait(), 20) == 0
    assert len(host.slack.messages("#deploys")) == 1
    assert await host.states("s1") == [DeliveryState.SENT]


async def test_a_stop_hands_over_what_still_reads(host):
    await host.subscribe(due_now())
    host.launchdarkly.faults.hold()
    async with host.worker() as worker:
        await host.reach([DeliveryState.CLAIMED], "s1")
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(worker.wait(), 5) == 0
    assert await host.states("s1") == [DeliveryState.FAILED]
    host.launchdarkly.faults.release()
    async with host.worker():  # takes over at once, without waiting for a lease
        await host.slack.wait_for(lambda: host.slack.messages("#deploys"), timeout=20)


async def test_two_workers_on_one_postgresql_share_the_work(host, postgres_url):
    host.url = postgres_url
    channels = ["C0DEPLOYS", "C0GENERAL", "C0ONCALL"]
    host.slack.world.channels["C0GENERAL"].members.add(host.slack.world.app.bot_user_id)
    ids = [f"s{n}" for n in range(12)]
    await host.subscribe(*(due_now(id, channels[n % 3]) for n, id in enumerate(ids)))
    async with host.worker(), host.worker():
        await host.reach([DeliveryState.SENT] * len(ids), *ids)
    keys = [m.metadata["event_payload"]["key"] for channel in channels for m in host.slack.messages(channel)]
    assert len(keys) == len(set(keys)) == len(ids)
