"""A thousand digests due in one minute, over fifty questions: reads, time to the last post, memory.

``python -m tests.benchmarks.digests [--digests N] [--questions N]``. Everything is real but the two companies, which
are embedded in a process of their own: the database, both clients, the pacing, and Slack's rate limits with their own
clock. It takes as long as the limits say: about three minutes and a half.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import multiprocessing.connection
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from typing import Any

from bot.app import build, utc_now
from bot.config import Settings
from bot.domain.filters import Filters
from bot.domain.schedule import EVERY_DAY, Schedule
from bot.metrics import Metrics
from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from bot.sandbox.slack import App as SlackApp
from bot.sandbox.slack import Channel, SandboxSlack, World
from bot.services.digest_ports import DeliveryState
from bot.slack.bolt import open_session
from bot.stores import Stores, open_stores
from bot.worker import wire_digests
from tests.builders import subscription

PER_CHANNEL = 4
BAR = 1.2


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.benchmarks.digests", description=__doc__)
    arguments.add_argument("--digests", type=int, default=1_000)
    arguments.add_argument("--questions", type=int, default=50)
    chosen = arguments.parse_args()
    ours, theirs = multiprocessing.Pipe()
    companies = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, chosen.digests), daemon=True)
    companies.start()
    try:
        return asyncio.run(measure(ours, chosen.digests, chosen.questions))
    finally:
        ours.send("stop")
        companies.join(10)


async def measure(companies: multiprocessing.connection.Connection, digests: int, questions: int) -> int:
    addresses = companies.recv()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            _env_file=None,
            launchdarkly_access_token=addresses["launchdarkly_token"],
            launchdarkly_base_url=addresses["launchdarkly"],
            slack_bot_token=addresses["slack_token"],
            slack_api_url=addresses["slack"],
            database_url=f"sqlite:///{folder}/whatshipped.db",
        )
        async with build(settings) as app, open_stores(settings) as stores, open_session(addresses["slack"]) as session:
            now = utc_now()
            await subscribe(stores, digests, questions, now)
            worker = wire_digests(app, stores, session, Metrics())
            before, started = memory_mb(), time.monotonic()
            await worker.tick(now)
            took = time.monotonic() - started
            growth = memory_mb() - before
            states = await delivered(stores, digests)
    companies.send("figures")
    figures = companies.recv()
    return report(digests, questions, took, growth, figures, states)


async def subscribe(stores: Stores, digests: int, questions: int, now: datetime) -> None:
    """Everything is due at this minute; a question is an application by its own wildcard."""
    at = now.astimezone(UTC).time().replace(second=0, microsecond=0, tzinfo=None)
    schedule = Schedule(EVERY_DAY, clock_time(at.hour, at.minute), "UTC")
    for number in range(digests):
        application = f"application-{number % questions}"
        await stores.subscriptions.add(
            subscription(
                f"s{number}",
                channel_id=f"C{number // PER_CHANNEL}",
                filters=Filters(applications=(application, "billing-service")),
                schedule=schedule,
                counts_from=now - timedelta(days=1),
                due_after=now - timedelta(hours=2),
            )
        )


async def delivered(stores: Stores, digests: int) -> int:
    sent = 0
    for number in range(digests):
        (row,) = await stores.ledger.history(f"s{number}", 5)
        sent += row.state is DeliveryState.SENT
    return sent


def report(digests: int, questions: int, took: float, growth: float, figures: dict[str, Any], sent: int) -> int:
    floor = max(0.0, (digests - figures["burst"]) / figures["per_second"])
    bars = [
        (f"{digests:,} digests are sent, each once", sent, sent == digests == figures["posts"]),
        ("reads of LaunchDarkly: one page for each question", figures["reads"], figures["reads"] <= questions),
        (f"time to the last post, of the limits' floor of {floor:.0f} s", took / floor, took <= BAR * floor),
    ]
    print(f"{digests:,} digests, {questions} questions, {-(-digests // PER_CHANNEL)} channels: {took:.1f} s")
    print(f"refused for the rate: {figures['refused']}; memory growth {growth:.0f} MB, in all {memory_mb():.0f} MB\n")
    print("| bar | measured | |\n| --- | ---: | --- |")
    for words, value, held in bars:
        print(f"| {words} | {value:,.2f} | {'PASS' if held else 'FAIL'} |")
    return 0 if all(held for _, _, held in bars) else 1


def memory_mb() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def serve(pipe: multiprocessing.connection.Connection, digests: int) -> None:
    asyncio.run(_serve(pipe, digests))


async def _serve(pipe: multiprocessing.connection.Connection, digests: int) -> None:
    app = SlackApp()
    members = {app.bot_user_id}
    channels = [Channel(f"C{n}", f"channel-{n}", members=set(members)) for n in range(-(-digests // PER_CHANNEL))]
    async with SandboxSlack(World(app=app, channels=channels)) as slack, SandboxLaunchDarkly() as launchdarkly:
        pipe.send(
            {
                "slack": slack.api_url,
                "slack_token": app.bot_token,
                "launchdarkly": launchdarkly.base_url,
                "launchdarkly_token": launchdarkly.token,
            }
        )
        while await asyncio.to_thread(pipe.recv) != "stop":
            calls = slack.journal.calls("chat.postMessage")
            posted = [m for channel in channels for m in slack.messages(channel.id)]
            limits = slack.rate_limits
            pipe.send(
                {
                    "posts": len(posted),
                    "refused": sum(call.status == 429 for call in calls),
                    "reads": sum(request.path.endswith("/deployments") for request in launchdarkly.requests),
                    "burst": limits.posts_per_minute / 10,
                    "per_second": limits.posts_per_minute / 60,
                }
            )


if __name__ == "__main__":
    sys.exit(main())
