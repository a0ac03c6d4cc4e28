"""A playground without a bot: the two embedded services, and a client that behaves like the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from bot.sandbox.playground import Command, Control
from bot.sandbox.slack import SandboxSlack

COMMANDS = (Command("/shipped", "What shipped?", "[app]"),)
JANE, DEPLOYS = "U0JANE", "C0DEPLOYS"


@dataclass
class Stage:
    """The parts, and the page's own way to ask."""

    slack: SandboxSlack
    launchdarkly: SandboxLaunchDarkly
    controls: Sequence[Control]
    url: str
    http: aiohttp.ClientSession

    async def do(self, verb: str, **body: Any) -> dict[str, Any]:
        async with self.http.post(f"{self.url}do/{verb}", json=body) as answer:
            assert answer.status == 200
            said: dict[str, Any] = await answer.json()
            return said

    async def send(self, text: str, channel: str = DEPLOYS, **more: Any) -> dict[str, Any]:
        return await self.do("send", user=JANE, channel=channel, text=text, **more)


@dataclass
class Listening:
    """An open stream of changes."""

    answer: aiohttp.ClientResponse

    async def next(self) -> dict[str, Any]:
        while not (line := await self.answer.content.readline()).startswith(b"data: "):
            assert line
        event: dict[str, Any] = json.loads(line[6:])
        return event
