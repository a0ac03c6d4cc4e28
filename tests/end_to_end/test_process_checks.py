"""Slack as ``whatshipped doctor`` sees it."""

from __future__ import annotations

from typing import Any

from bot.checks import check_slack
from bot.config import Settings
from bot.sandbox.slack import SandboxSlack


def settings(slack: SandboxSlack, **changes: str) -> Settings:
    app = slack.world.app
    given: dict[str, Any] = {
        "launchdarkly_access_token": "api-1",
        "slack_bot_token": app.bot_token,
        "slack_app_token": app.app_token,
        "slack_signing_secret": app.signing_secret,
        "slack_api_url": slack.api_url,
    }
    return Settings(_env_file=None, **(given | changes))


async def found(slack: SandboxSlack, **changes: str) -> list[tuple[str, bool | None]]:
    return [(check.name, check.ok) for check in await check_slack(settings(slack, **changes))]


async def test_all_is_well():
    async with SandboxSlack() as slack:
        assert await found(slack) == [
            ("Slack bot token", True),
            ("Slack scopes", True),
            ("Slack Socket Mode", True),
        ]


async def test_every_fault_is_told_at_once_and_asked_once():
    async with SandboxSlack() as slack:
        slack.faults.take_scopes("chat:write")
        slack.faults.refuse_connections("invalid_auth")
        assert await found(slack) == [
            ("Slack bot token", True),
            ("Slack scopes", False),
            ("Slack Socket Mode", False),
        ]


async def test_http_needs_no_app_token_and_socket_mode_no_signing_secret():
    async with SandboxSlack() as slack:
        by_http = await found(slack, slack_app_token="")
        assert by_http == [("Slack bot token", True), ("Slack scopes", True)]
        assert all(ok for _, ok in await found(slack, slack_signing_secret=""))


async def test_neither_transport_is_a_fault_and_no_slack_at_all_a_warning():
    async with SandboxSlack() as slack:
        neither = await found(slack, slack_app_token="", slack_signing_secret="")
        assert neither[0] == ("Slack", False)
        assert await found(slack, slack_bot_token="") == [("Slack", None)]
