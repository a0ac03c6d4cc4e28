"""A worker that dies, by SIGKILL, before or after a chosen one of its writes and calls.

Everything in it is the real thing: the database, Slack's client, LaunchDarkly's. It runs in a process of its own.
"""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.launchdarkly import LaunchDarklySource
from bot.metrics import Metrics
from bot.services.delivery import DigestDelivery
from bot.services.deployments import DeploymentService
from bot.services.digest_troubles import Troubles
from bot.services.digests import Digests
from bot.services.unknown_deliveries import UnknownDeliveries, UnknownDelivery
from bot.slack.bolt import open_session, web_client
from bot.slack.digest_messenger import SlackDigestMessenger
from bot.slack.messenger import Messenger
from bot.slack.pacing import Pacer
from bot.storage.database import Database
from bot.storage.ledger import SqlDeliveryLedger
from bot.storage.subscriptions import SqlSubscriptionStore

_STEPS = frozenset(
    {"claim", "skip", "begin_sending", "mark_sent", "mark_failed", "mark_unknown"}
    | {"adopt", "send_again", "let_be", "update", "post", "find", "tell", "read"}
)
_processes = multiprocessing.get_context("forkserver")
# What a worker imports and reads at its first query and request is there before the forks: there are a hundred workers.
_FIRST_USED = ("aiosqlite", "anyio._backends._asyncio", "sqlalchemy.dialects.sqlite.aiosqlite")
_processes.set_forkserver_preload([__name__, *_FIRST_USED])
LaunchDarklySource(token="none", base_url="http://127.0.0.1")  # reads the certificates; it asks nothing


@dataclass(frozen=True)
class Plan:
    """When the worker's clock shows what, and at which step it dies; steps count from 1, 0 is none."""

    database_url: str
    slack_url: str
    slack_token: str
    launchdarkly_url: str
    launchdarkly_token: str
    moments: Sequence[datetime]
    otherwise: UnknownDelivery
    owner: str
    dies_at: int = 0


@dataclass
class Steps:
    """Counts the worker's steps: one before and one after each write and call."""

    dies_at: int
    done: int = 0

    def step(self) -> None:
        self.done += 1
        if self.done == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


class Mortal:
    """Something whose writes and calls are steps."""

    def __init__(self, inner: Any, steps: Steps) -> None:
        self._inner = inner
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        if name not in _STEPS:
            return method

        async def counted(*arguments: Any, **options: Any) -> Any:
            self._steps.step()
            result = await method(*arguments, **options)
            self._steps.step()
            return result

        return counted


async def run(plan: Plan) -> int:
    """Run the worker in a process of its own: 0, or ``-SIGKILL`` where it died on the way."""
    process = _processes.Process(target=_main, args=(plan,))
    process.start()
    await asyncio.to_thread(process.join)
    code = process.exitcode
    process.close()
    assert code in (0, -signal.SIGKILL), code
    return code


def _main(plan: Plan) -> None:
    asyncio.run(_work(plan))


async def _work(plan: Plan) -> None:
    steps, now = Steps(plan.dies_at), plan.moments[0]

    def clock() -> datetime:
        return now

    async def no_time(_: float) -> None:
        pass

    async with (
        LaunchDarklySource(token=plan.launchdarkly_token, base_url=plan.launchdarkly_url) as launchdarkly,
        open_session(plan.slack_url) as session,
    ):
        database = Database(plan.database_url)
        client = web_client(token=plan.slack_token, api_url=plan.slack_url, session=session, patient=False)
        slack = SlackDigestMessenger(Messenger(client, session), Pacer(clock=itertools.count().__next__, sleep=no_time))
        store: Any = Mortal(SqlSubscriptionStore(database), steps)
        ledger: Any = Mortal(SqlDeliveryLedger(database), steps)
        messenger: Any = Mortal(slack, steps)
        source: Any = Mortal(launchdarkly, steps)
        meter = Metrics()
        delivery = DigestDelivery(
            ledger,
            messenger,
            Troubles(store, messenger),
            meter,
            owner=plan.owner,
            base_url=plan.launchdarkly_url,
            clock=clock,
            sleep=no_time,
        )
        unknowns = UnknownDeliveries(
            store, ledger, messenger, meter, otherwise=plan.otherwise, owner=plan.owner, clock=clock
        )
        deployments = DeploymentService(source, clock=clock)
        digests = Digests(store, ledger, deployments, delivery, unknowns, clock=clock)
        for now in plan.moments:
            await digests.tick(now)
        await deployments.aclose()
        await database.close()
