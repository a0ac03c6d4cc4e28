"""The embedded LaunchDarkly, and a plain HTTP client that knows nothing but its address and token."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from tests.builders import NOW


@pytest.fixture
async def launchdarkly() -> AsyncIterator[SandboxLaunchDarkly]:
    async with SandboxLaunchDarkly(now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
async def http(launchdarkly: SandboxLaunchDarkly) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": launchdarkly.token, "LD-API-Version": "beta"}
    async with httpx.AsyncClient(base_url=launchdarkly.base_url, headers=headers, trust_env=False) as client:
        yield client
