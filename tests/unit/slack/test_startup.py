from __future__ import annotations

import logging
import socket
from collections.abc import Collection

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import (
    SourceAuthError,
    SourceContractError,
    SourceRateLimited,
    SourceRefused,
    SourceUnavailable,
)
from bot.sandbox.slack import SandboxSlack
from bot.slack.startup import Check, Gate, check_bot_token, check_channels, check_socket_mode, failed_source

SCOPES = {"commands", "chat:write"}


@pytest.fixture
async def slack():
    async with SandboxSlack() as slack:
        yield slack


@pytest.fixture
async def session():
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        yield session


@pytest.fixture
def client(slack, session):
    return web_client(slack.api_url, session, slack.world.app.bot_token)


def web_client(url: str, session: aiohttp.ClientSession, token: str = "xoxb-any") -> AsyncWebClient:  # noqa: S107  # opens nothing
    client = AsyncWebClient(token, base_url=url, session=session, retry_handlers=[])
    client.proxy = None
    return client


async def bot_token(
    client: AsyncWebClient, required: Collection[str] = SCOPES, optional: Collection[str] = ()
) -> list[Check]:
    return await check_bot_token(client, required=required, optional=optional)


async def test_a_good_token_says_who_and_where(client):
    who, scopes = await bot_token(client)
    assert who.ok
    assert "in " in who.result
    assert "(T" in who.result
    assert scopes == Check("Slack scopes", True, "all granted")


async def test_missing_scopes_stop_the_bot_and_name_the_move(slack, client):
    slack.faults.take_scopes("chat:write", "commands")
    [_, scopes] = await bot_token(client)
    assert scopes.ok is False
    assert not scopes.passing
    assert "chat:write, commands" in scopes.result
    assert "reinstall the app" in scopes.advice


async def test_a_missing_optional_scope_is_a_warning(slack, client):
    slack.faults.take_scopes("users:read")
    [_, scopes] = await bot_token(client, optional=["users:read"])
    assert scopes.ok is None
    assert "users:read" in scopes.result


@pytest.mark.parametrize(
    "code", ["invalid_auth", "account_inactive", "token_revoked", "token_expired", "never_heard_of"]
)
async def test_a_refused_token_is_a_lasting_fault(slack, client, code):
    slack.faults.refuse("auth.test", code)
    [check] = await bot_token(client)
    assert (check.ok, check.passing) == (False, False)
    assert code in check.result
    assert check.advice.startswith("You: ")


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "service_unavailable", "ratelimited"])
async def test_a_fault_of_slacks_own_passes(slack, client, code):
    slack.faults.refuse("auth.test", code)
    [check] = await bot_token(client)
    assert (check.ok, check.passing) == (False, True)


async def test_a_rate_limit_says_how_long(slack, client):
    slack.faults.rate_limit("auth.test", retry_after=7)
    [check] = await bot_token(client)
    assert (check.passing, check.retry_after) == (True, 7)


@pytest.mark.parametrize("fault", ["server_error", "reset_before"])
async def test_a_broken_answer_passes_and_no_address_is_told(slack, client, fault):
    getattr(slack.faults, fault)("auth.test")
    [check] = await bot_token(client)
    assert (check.ok, check.passing) == (False, True)
    assert "127.0.0.1" not in str(check)


async def test_the_channels_of_digests_are_looked_for_where_the_scopes_allow_it(slack, client):
    [unknown] = await check_channels(client, {"C0DEPLOYS"})
    assert (unknown.ok, "channels:read" in unknown.result) == (None, True)
    slack.world.app.scopes |= {"channels:read", "groups:read"}
    [inside] = await check_channels(client, {"C0DEPLOYS"})
    assert (inside.ok, inside.result) == (True, "the bot is in all of them (1)")
    direct = slack.world.direct_messages("jane.doe").id
    assert await check_channels(client, {direct}) == []
    assert await check_channels(client, {"C0DEPLOYS", direct}) == [inside]
    slack.world.channel("#deploys").archived = True
    outside = await check_channels(client, {"C0DEPLOYS", "C0GENERAL"})
    assert [check.ok for check in outside] == [False, False]
    assert "C0DEPLOYS" in outside[0].result
    assert "/invite" in outside[1].advice
    slack.faults.refuse("users.conversations", "internal_error")
    [failed] = await check_channels(client, {"C0DEPLOYS"})
    assert (failed.ok, failed.passing) == (False, True)


async def test_nobody_there_passes(session):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        [check] = await bot_token(web_client(f"http://127.0.0.1:{nobody.getsockname()[1]}/api/", session))
    assert (check.ok, check.passing) == (False, True)
    assert "could not be reached" in check.result


async def test_a_silent_slack_passes(slack, client, session):
    slack.faults.slow("auth.test", seconds=30)
    session._timeout = aiohttp.ClientTimeout(total=0.05)
    [check] = await bot_token(client)
    assert check.passing
    assert "in time" in check.result


async def test_an_address_that_is_not_slacks_api_does_not_pass(slack, session):
    [check] = await bot_token(web_client(f"{slack.base_url}/elsewhere/", session))
    assert (check.ok, check.passing) == (False, False)
    assert "SLACK_API_URL" in check.advice


async def test_socket_mode_can_be_reached(slack, client):
    assert await check_socket_mode(client, slack.world.app.app_token) == [
        Check("Slack Socket Mode", True, "can be reached")
    ]


@pytest.mark.parametrize("token", ["xapp-of-another-app", "xoxb-sandbox-bot"])
async def test_a_wrong_app_token_is_a_lasting_fault(client, token):
    [check] = await check_socket_mode(client, token)
    assert (check.ok, check.passing) == (False, False)
    assert "connections:write" in check.advice
    assert token not in str(check)


def test_launchdarklys_errors_as_checks():
    assert failed_source("LaunchDarkly", SourceAuthError("Refused.")) == Check("LaunchDarkly", False, "Refused.")
    unreadable = failed_source("LaunchDarkly", SourceContractError("Cut off."))
    assert unreadable.passing
    assert "LAUNCHDARKLY_BASE_URL" in unreadable.advice
    assert not failed_source("LaunchDarkly", SourceRefused("No.")).passing
    busy = failed_source("LaunchDarkly", SourceRateLimited("Busy.", retry_after=3))
    assert (busy.passing, busy.retry_after) == (True, 3)
    assert busy.advice.startswith("Nobody")
    away = failed_source("LaunchDarkly", SourceUnavailable("Down."))
    assert away.passing
    assert away.advice.startswith("Nobody yet")


# -- The gate ---------------------------------------------------------------------------------------------------------

GOOD = Check("a", True, "fine")
WARNING = Check("a", None, "odd")
PASSING = Check("a", False, "down.", passing=True)
LASTING = Check("a", False, "wrong.", "You: do it.")


class Script:
    """A probe that answers as it is told, and counts how often it was asked."""

    def __init__(self, *answers: Check) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self) -> list[Check]:
        self.asked += 1
        return [self.answers.pop(0)]


class Sleeps(list[float]):
    async def __call__(self, seconds: float) -> None:
        if seconds:
            self.append(seconds)


async def test_the_gate_opens_at_once_when_all_is_well():
    sleeps = Sleeps()
    assert await Gate([Script(GOOD), Script(WARNING)], sleep=sleeps).settle() == []
    assert sleeps == []


async def test_a_passing_fault_is_asked_again_with_growing_waits_and_told_each_time(caplog):
    sleeps, good, bad = Sleeps(), Script(GOOD), Script(*[PASSING] * 8, GOOD)
    assert await Gate([good, bad], sleep=sleeps).settle() == []
    assert sleeps == [1, 2, 4, 8, 16, 32, 60, 60]
    assert (good.asked, bad.asked) == (1, 9)
    assert caplog.text.count("a: down. Trying again in") == 8


async def test_the_other_side_says_how_long_to_wait():
    sleeps = Sleeps()
    busy = Check("a", False, "busy.", passing=True, retry_after=90)
    assert await Gate([Script(busy, PASSING, GOOD)], sleep=sleeps).settle() == []
    assert sleeps == [90, 2]


async def test_a_lasting_fault_ends_it_whatever_else_may_pass():
    sleeps = Sleeps()
    assert await Gate([Script(PASSING), Script(LASTING)], sleep=sleeps).settle() == [LASTING]
    assert sleeps == []


async def test_one_round_may_be_asked_alone():
    probe = Script(PASSING, GOOD)
    gate = Gate([probe], sleep=Sleeps())
    assert await gate.ask() == []
    assert probe.asked == 1
    assert await gate.settle() == []
    assert probe.asked == 2


async def test_warnings_are_told_and_good_news_is_not(caplog):
    with caplog.at_level(logging.INFO):
        await Gate([Script(GOOD), Script(WARNING)]).settle()
    assert caplog.messages == ["a: odd"]
