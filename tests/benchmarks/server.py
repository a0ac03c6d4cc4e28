"""A LaunchDarkly that costs next to nothing: every deployment is serialised before the first request.

The project ``SIZE-LATENCY`` has SIZE deployments in thirty days, paged as documented, each page answered after LATENCY
milliseconds. ``/stats`` tells what was asked since the last ``/stats``.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from bisect import bisect_left, bisect_right
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

END_MS = 1_795_428_000_000  # 2026-11-23 10:00 UTC
DAYS = 30
START_MS = END_MS - DAYS * 86_400_000
LIST = "/api/v2/engineering-insights/deployments"


def deployment(number: int, started: int) -> dict[str, Any]:
    """With both expansions: three pull requests and two flag references, filled in as in the documented sample.

    There a pull request carries its own flag references and lead time too.
    """
    application = f"service-{number % 12}"
    return {
        "id": str(uuid.UUID(int=number)),
        "applicationKey": application,
        "applicationVersion": f"{number * 2654435761 % 2**160:040x}",
        "startedAt": started,
        "endedAt": started + 183_000,
        "durationMs": 183_000,
        "status": "finished",
        "kind": "deployment",
        "active": number % 12 == 0,
        "metadata": {"buildNumber": str(number)},
        "archived": False,
        "environmentKey": "production",
        "numberOfContributors": 3,
        "numberOfPullRequests": 3,
        "linesAdded": 120,
        "linesDeleted": 45,
        "leadTime": 187_383_000,
        "pullRequests": {
            "totalCount": 3,
            "items": [pull_request(number * 3 + n, application, started) for n in range(3)],
            "_links": {"self": {"href": "/api/v2/engineering-insights/pull-requests", "type": "application/json"}},
        },
        "flagReferences": {
            "totalCount": 2,
            "items": [flag_reference(number * 7 + n) for n in range(2)],
        },
        "leadTimeStages": {
            "codingDurationMs": 90_000_000,
            "reviewDurationMs": 60_000_000,
            "waitDurationMs": 37_200_000,
            "deployDurationMs": 183_000,
            "totalLeadTimeMs": 187_383_000,
        },
    }


def flag_reference(number: int) -> dict[str, Any]:
    return {
        "projectKey": "default",
        "flagKey": f"enable-payment-structure-{number % 200}",
        "referencesAdded": 1 + number % 3,
        "referencesRemoved": number % 2,
    }


def pull_request(number: int, application: str, started: int) -> dict[str, Any]:
    return {
        "id": str(uuid.UUID(int=10**9 + number)),
        "externalId": str(number),
        "title": f"Make step {number} of the payment structure a little better than it was",
        "status": "merged",
        "author": f"developer-{number % 40}",
        "createTime": started - 97_000_000,
        "mergeTime": started - 37_200_000,
        "mergeCommitKey": f"{number * 40503 % 2**160:040x}",
        "baseCommitKey": f"{number * 69069 % 2**160:040x}",
        "headCommitKey": f"{number * 25214903917 % 2**160:040x}",
        "filesChanged": 4,
        "linesAdded": 40,
        "linesDeleted": 15,
        "url": f"https://github.com/acme/{application}/pull/{number}",
        "flagReferences": {"totalCount": 1, "items": [flag_reference(number)]},
        "leadTime": {"codingDurationMs": 90_000_000, "reviewDurationMs": 60_000_000},
    }


class Account:
    """``size`` deployments, newest first, as bytes."""

    def __init__(self, size: int) -> None:
        starts = [END_MS - 1 - (END_MS - START_MS) * n // size for n in range(size)]
        self._ages = [END_MS - start for start in starts]
        self._items = [json.dumps(deployment(n, start)).encode() for n, start in enumerate(starts)]
        self._index = {str(uuid.UUID(int=n)): n for n in range(size)}

    def page(self, query: dict[str, str]) -> bytes:
        newest = bisect_left(self._ages, END_MS - int(query["to"]))
        oldest = bisect_right(self._ages, END_MS - int(query["from"]))
        first = self._index[query["after"]] + 1 if "after" in query else newest
        last = min(first + min(int(query.get("limit", 20)), 100), oldest)
        links: dict[str, Any] = {"self": {"href": LIST, "type": "application/json"}}
        if last < oldest:
            links["next"] = {"href": f"{LIST}?after={uuid.UUID(int=last - 1)}", "type": "application/json"}
        head = f'{{"totalCount": {oldest - newest}, "_links": {json.dumps(links)}, "items": ['
        return head.encode() + b", ".join(self._items[first:last]) + b"]}"


class Stats:
    requests = in_flight = most_in_flight = 0


account = cache(Account)


class Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, GET only."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            request, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            self._answer(request.split(b" ", 2)[1].decode())

    def _answer(self, target: str) -> None:
        if target == "/stats":
            told = {"requests": Stats.requests, "in_flight": Stats.most_in_flight}
            Stats.requests = Stats.most_in_flight = 0
            self._send(json.dumps(told).encode())
            return
        query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        size, _, latency_ms = query["projectKey"].partition("-")
        Stats.requests += 1
        Stats.in_flight += 1
        Stats.most_in_flight = max(Stats.most_in_flight, Stats.in_flight)
        body = account(int(size)).page(query)
        if latency_ms == "0":
            self._finish(body)
        else:
            asyncio.get_running_loop().call_later(int(latency_ms) / 1000, self._finish, body)

    def _finish(self, body: bytes) -> None:
        Stats.in_flight -= 1
        self._send(body)

    def _send(self, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        if not self._transport.is_closing():
            self._transport.write(head.encode() + body)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
