"""Each test's own playground, without a bot."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from bot.sandbox.playground import News, PlaygroundServer, Suggestion, Table, Wire, troubles, workspace
from bot.sandbox.playground.snapshot import Scene
from bot.sandbox.slack import SandboxSlack
from tests.unit.sandbox.playground.stage import COMMANDS, JANE, Listening, Stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    slack = SandboxSlack(workspace(commands=COMMANDS, events=["app_mention"], scopes=["commands", "app_mentions:read"]))
    wire = Wire(slack)
    async with slack, SandboxLaunchDarkly(on_answer=wire.answered) as launchdarkly:
        table = Table("people", "People", ["name"], lambda: [[user.name] for user in slack.world.users.values()])
        suggestions = [Suggestion("What shipped?", "/shipped")]
        controls = troubles(slack, launchdarkly, News(launchdarkly))
        scene = Scene(slack, wire, COMMANDS, suggestions, controls, [table])
        async with PlaygroundServer(scene) as server:
            headers = {"Origin": server.url.removesuffix("/")}
            async with aiohttp.ClientSession(headers=headers) as http:
                yield Stage(slack, launchdarkly, controls, server.url, http)


@pytest.fixture
async def listening(stage: Stage) -> AsyncIterator[Listening]:
    async with stage.http.get(f"{stage.url}events", params={"user": JANE, "zone": "Asia/Tokyo"}) as answer:
        assert answer.content_type == "text/event-stream"
        yield Listening(answer)
