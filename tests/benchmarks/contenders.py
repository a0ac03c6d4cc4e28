"""One contender, one reading, in a fresh process: prints what it took as JSON.

``python -m tests.benchmarks.contenders NAME HOST SIZE LATENCY REPEATS``. Every contender reads the same window, with
its client made and one tiny reading done before the clock starts, and holds what it read until memory was measured.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.benchmarks.server import END_MS, LIST, START_MS

TOKEN = "api-00000000-0000-4000-8000-000000000000"
CONCURRENCY = 8

Read = Callable[[str, int], Awaitable[Any]]
"""Reads all deployments of a project; the number makes otherwise equal windows differ by milliseconds."""


def ours(host: str) -> Read:
    from bot.domain.query import SourceQuery, TimeWindow
    from bot.launchdarkly import LaunchDarklySource
    from bot.services.deployments import DeploymentService

    now = datetime.fromtimestamp(END_MS / 1000, UTC)
    source = LaunchDarklySource(token=TOKEN, base_url=host, concurrency=CONCURRENCY)
    service = DeploymentService(source, clock=lambda: now)

    async def read(project: str, turn: int) -> list[object]:
        start = datetime.fromtimestamp((START_MS - turn) / 1000, UTC)
        reading = await service.read(SourceQuery(project, "production", TimeWindow(start, now)))
        assert reading.deployments.completeness.is_complete
        return list(reading.deployments.items)

    return read


def official(host: str) -> Read:
    import launchdarkly_api

    configuration = launchdarkly_api.Configuration(host=host, api_key={"ApiKey": TOKEN})
    client = launchdarkly_api.ApiClient(configuration)
    client.default_headers["LD-API-Version"] = "beta"
    api: Any = launchdarkly_api.InsightsDeploymentsBetaApi(client)

    async def read(project: str, turn: int) -> list[object]:
        found: list[object] = []
        after: str | None = None
        while True:
            page = api.get_deployments(
                project_key=project,
                environment_key="production",
                limit=100,
                expand="pullRequests,flagReferences",
                var_from=START_MS - turn,
                to=END_MS,
                after=after,
            )
            found += page.items
            following = (page.links or {}).get("next")
            if following is None:
                return found
            after = parse_qs(str(urlsplit(following.href).query))["after"][0]

    return read


def floor(host: str) -> Read:
    """The same requests at the same concurrency, and nothing done with the bytes."""
    import httpx

    from bot.launchdarkly import shards

    client = httpx.AsyncClient(limits=httpx.Limits(max_keepalive_connections=CONCURRENCY))
    headers = {"Authorization": TOKEN, "LD-API-Version": "beta"}

    async def read(project: str, turn: int) -> list[object]:
        async def get(start: int, to: int, after: str | None = None) -> tuple[int, str | None]:
            params: dict[str, str | int] = {
                "projectKey": project, "environmentKey": "production", "from": start, "to": to,
                "limit": 100, "expand": "pullRequests,flagReferences", **({"after": after} if after else {}),
            }  # fmt: skip
            response = await client.get(host + LIST, params=params, headers=headers)
            head = response.content[:400]
            total, following = re.search(rb'"totalCount": (\d+)', head), re.search(rb"after=([0-9a-f-]+)", head)
            assert total is not None
            return int(total[1]), following[1].decode() if following else None

        async def follow(start: int, to: int, after: str | None = None) -> None:
            async with turns:
                while True:
                    _, after = await get(start, to, after)
                    if after is None:
                        return

        turns = asyncio.Semaphore(CONCURRENCY)
        start = START_MS - turn
        total, following = await get(start, END_MS)
        if total > shards.FEW_PAGES * 100:
            pieces = shards.split(start, END_MS, total, CONCURRENCY)
            await asyncio.gather(*(follow(piece.start_ms, piece.end_ms) for piece in pieces))
        elif following is not None:
            await follow(start, END_MS, following)
        return []

    return read


CONTENDERS = {"ours": ours, "official": official, "floor": floor}


async def run(name: str, host: str, size: int, latency_ms: int, repeats: int) -> None:
    read = CONTENDERS[name](host)
    await read("1-0", 0)  # imports, the first connection, the first use of every code path
    stats(host)
    walls, cpus = [], []
    resident = _reset_peak()
    for turn in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        kept = await read(f"{size}-{latency_ms}", turn)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        if turn == 0:
            grown_kb = _status_kb("VmHWM") - resident
            assert name == "floor" or len(kept) == size
    asked = stats(host)
    figures = {
        "wall": statistics.median(walls),
        "cpu": statistics.median(cpus),
        "memory_mb": grown_kb / 1024,
        "requests": asked["requests"] / repeats,
        "in_flight": asked["in_flight"],
    }
    print(json.dumps(figures))


async def equal_questions(host: str) -> None:
    """A hundred at once: how many requests do they cost?"""
    read = ours(host)
    stats(host)
    await asyncio.gather(*(read("100-40", 0) for _ in range(100)))
    print(json.dumps(stats(host)))


def stats(host: str) -> dict[str, int]:
    """What the server was asked since the last call."""
    import http.client

    connection = http.client.HTTPConnection(host.removeprefix("http://"))
    connection.request("GET", "/stats")
    told: dict[str, int] = json.loads(connection.getresponse().read())
    connection.close()
    return told


def _reset_peak() -> int:
    """Makes the kernel forget the peak so far (Linux); what is resident now, in kB."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status_kb("VmRSS")


def _status_kb(name: str) -> int:
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name)]
    return int(line.split()[1])


if __name__ == "__main__":
    name, host, *numbers = sys.argv[1:]
    if name == "equal-questions":
        asyncio.run(equal_questions(host))
    else:
        asyncio.run(run(name, host, *map(int, numbers)))
