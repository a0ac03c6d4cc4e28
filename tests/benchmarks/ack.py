"""From a signed request to its acknowledgement: this bot beside a bare Bolt app, interleaved in one run.

``python -m tests.benchmarks.ack``. Each server is a process of its own. The bare app has one empty listener, as Bolt's
own first example has; ours is the real process behind HTTP, which reads LaunchDarkly, words the answer and sends it
while the next requests come in. Both get the same requests, turn and turn about.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import itertools
import os
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from bot.sandbox.launchdarkly import SandboxLaunchDarkly

SECRET = "benchmark-signing-secret"
WARM_UP = 50


@dataclass
class Figures:
    """What one server took. ``acks`` are seconds at the steady rate; ``flood`` what it acknowledged in how long."""

    name: str
    url: str
    answers: bool
    acks: list[float] = field(default_factory=list)
    flooded: int = 0
    busy: float = 0.0

    def percentile(self, which: int) -> float:
        """In milliseconds."""
        return statistics.quantiles(self.acks, n=100)[which - 1] * 1000

    def row(self) -> str:
        rate = self.flooded / self.busy
        return f"{self.name:<16}{self.percentile(50):>10.1f}{self.percentile(99):>10.1f}{rate:>16.0f}"


class Slack:
    """As much of Slack as both apps need: the Web API says ok, and answers are counted."""

    def __init__(self) -> None:
        self.answered = 0
        self._news = asyncio.Event()
        self.url = ""

    async def api(self, _: web.Request) -> web.Response:
        who = {"ok": True, "team_id": "T1", "user_id": "U0", "bot_id": "B0", "user": "bot", "team": "Acme"}
        scopes = {"x-oauth-scopes": "commands,chat:write,app_mentions:read,im:history,users:read"}
        return web.json_response({**who, "user": {"id": "U1", "tz": "Europe/Berlin"}}, headers=scopes)

    async def answer(self, request: web.Request) -> web.Response:
        await request.read()
        self.answered += 1
        self._news.set()
        return web.Response(text="ok")

    async def answers(self, count: int) -> None:
        """Returns once that many answers came."""
        async with asyncio.timeout(60):
            while self.answered < count:
                self._news.clear()
                await self._news.wait()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Slack]:
        application = web.Application()
        application.add_routes([web.route("*", "/api/{method}", self.api), web.post("/answer", self.answer)])
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()


class Requests:
    """Signed commands, each from another channel: the same press twice would get one answer only."""

    def __init__(self, client: aiohttp.ClientSession, text: str, answer_url: str) -> None:
        self._client, self._text, self._answer_url = client, text, answer_url
        self._channels = itertools.count()

    async def send(self, url: str) -> float:
        """One request; returns the seconds until its acknowledgement was read."""
        body = urlencode(
            {
                "command": "/shipped",
                "text": self._text,
                "team_id": "T1",
                "user_id": "U1",
                "channel_id": f"C{next(self._channels)}",
                "response_url": self._answer_url,
                "trigger_id": "1.2",
            }
        ).encode()
        stamp = str(int(time.time()))
        digest = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest}",
        }
        started = time.perf_counter()
        async with self._client.post(f"{url}/slack/events", data=body, headers=headers) as answer:
            await answer.read()
            assert answer.status == 200, answer.status
        return time.perf_counter() - started

    async def steadily(self, url: str, count: int, rate: float) -> list[float]:
        """So many a second, whether or not the ones before are acknowledged."""
        begun, tasks = time.perf_counter(), []
        for number in range(count):
            await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(self.send(url)))
        return await asyncio.gather(*tasks)

    async def flood(self, url: str, count: int) -> float:
        """Ten at a time, as fast as they are acknowledged; returns the seconds for all."""
        left, begun = iter(range(count)), time.perf_counter()

        async def one_after_the_other() -> None:
            for _ in left:
                await self.send(url)

        await asyncio.gather(*(one_after_the_other() for _ in range(10)))
        return time.perf_counter() - begun


async def measure(rounds: int, count: int, rate: float, text: str) -> list[Figures]:
    """Both servers' figures, of ``rounds`` rounds with ``count`` requests for each kind of load."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(Slack().serving())
        launchdarkly = await stack.enter_async_context(SandboxLaunchDarkly())
        client = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        variables = {
            "LAUNCHDARKLY_ACCESS_TOKEN": launchdarkly.token,
            "LAUNCHDARKLY_BASE_URL": launchdarkly.base_url,
            "LAUNCHDARKLY_PROJECT": "default",
            "CACHE_SECONDS": "3600",
            "SLACK_API_URL": f"{slack.url}/api/",
            "SLACK_BOT_TOKEN": "xoxb-benchmark",
            "SLACK_APP_TOKEN": "",
            "SLACK_SIGNING_SECRET": SECRET,
            "HOST": "127.0.0.1",
            "LOG_LEVEL": "WARNING",
        }
        bare = await stack.enter_async_context(_server(["tests.benchmarks.ack", "--serve-bare"], variables))
        ours = await stack.enter_async_context(_server(["bot", "web"], variables))
        both = [Figures("bare Bolt app", bare, answers=False), Figures("What Shipped", ours, answers=True)]
        requests = Requests(client, text, f"{slack.url}/answer")
        for figures in both:
            await _ready(client, figures.url)
            await requests.flood(figures.url, WARM_UP)
        await slack.answers(WARM_UP)
        for number in range(rounds):
            for figures in both if number % 2 else reversed(both):
                expected = slack.answered + 2 * count * figures.answers
                figures.acks += await requests.steadily(figures.url, count, rate)
                figures.busy += await requests.flood(figures.url, count)
                figures.flooded += count
                await slack.answers(expected)  # what one server still works on must not disturb the other
        return both


@asynccontextmanager
async def _server(module: list[str], variables: dict[str, str]) -> AsyncIterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *module, env=os.environ | variables | {"PORT": str(port)}
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _ready(client: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                async with client.get(f"{url}/readyz") as answer:
                    if answer.status in (200, 404):  # the bare app has no such page, but it answers
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.1)


def _serve_bare() -> None:
    from slack_bolt.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    client = AsyncWebClient(os.environ.pop("SLACK_BOT_TOKEN"), base_url=os.environ["SLACK_API_URL"])
    app = AsyncApp(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])

    @app.command("/shipped")
    async def shipped(ack):
        await ack()

    web.run_app(app.web_app(), host=os.environ["HOST"], port=int(os.environ["PORT"]), print=None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve-bare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=10, help="rounds for each server (default: %(default)s)")
    parser.add_argument("--requests", type=int, default=100, help="requests a round (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=25, help="requests a second (default: %(default)s)")
    parser.add_argument("--text", default="since:2d", help="what is asked (default: %(default)s)")
    options = parser.parse_args()
    if options.serve_bare:
        _serve_bare()
        return
    both = asyncio.run(measure(options.rounds, options.requests, options.rate, options.text))
    print(f"/shipped {options.text}: {options.rounds * options.requests} requests at {options.rate:.0f} a second, then")
    print("as many as fast as they are acknowledged, ten at a time; our answers are read, worded and sent meanwhile")
    print(f"{'':<16}{'p50 ms':>10}{'p99 ms':>10}{'flood, acks/s':>16}")
    for figures in both:
        print(figures.row())
    bare, ours = both
    print(f"p99, ours to bare: {ours.percentile(99) / bare.percentile(99):.2f} (bar: 1.50)")


if __name__ == "__main__":
    main()
