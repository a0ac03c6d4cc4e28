from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.sandbox.slack import SandboxSlack, User
from bot.slack.bolt import open_session, web_client
from bot.slack.profiles import Profile, Profiles
from tests.builders import NOW

TOKYO = ZoneInfo("Asia/Tokyo")


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def slack():
    async with SandboxSlack() as slack:
        yield slack


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def profiles(slack, clock):
    async with open_session(slack.api_url) as session:
        client = web_client(token=slack.world.app.bot_token, api_url=slack.api_url, session=session)
        profiles = Profiles(client, clock=clock, otherwise=TOKYO)
        yield profiles
        await profiles.aclose()


def asked(slack: SandboxSlack) -> int:
    return len(slack.journal.calls("users.info"))


async def test_zone_and_name_are_those_of_the_profile(profiles):
    assert await profiles.of("U0JANE") == Profile(ZoneInfo("Europe/Berlin"), "jane.doe")


async def test_slack_is_asked_once_an_hour_for_a_person(profiles, slack, clock):
    await asyncio.gather(*(profiles.of("U0JANE") for _ in range(50)))
    clock.now += timedelta(minutes=59)
    await profiles.of("U0JANE")
    assert asked(slack) == 1
    clock.now += timedelta(minutes=1)
    await profiles.of("U0JANE")
    assert asked(slack) == 2


@pytest.mark.parametrize("zone", ["", "Mars/Base"])
async def test_a_zone_that_is_not_known_is_the_configured_one(profiles, slack, zone, monkeypatch):
    slack.world.users["U0MARS"] = User("U0MARS", "mars")
    monkeypatch.setattr(User, "as_json", lambda self, *_: {"tz": zone, "name": self.name})
    assert await profiles.of("U0MARS") == Profile(TOKYO, "mars")


async def test_without_the_scope_nobody_is_asked_about_again_soon(profiles, slack, caplog):
    slack.faults.take_scopes("users:read")
    assert await profiles.of("U0JANE") == Profile(TOKYO)
    assert await profiles.of("U0JANE") == Profile(TOKYO)
    assert await profiles.of("U0SAM") == Profile(TOKYO)
    assert asked(slack) == 2
    assert [record.getMessage() for record in caplog.records if record.name == "bot.slack.profiles"] == [
        "people's time zones cannot be read (missing_scope); TIMEZONE is used"
    ]


async def test_after_a_passing_failure_slack_is_asked_again(profiles, slack):
    slack.faults.server_error("users.info")
    assert await profiles.of("U0JANE") == Profile(TOKYO)
    assert (await profiles.of("U0JANE")).zone == ZoneInfo("Europe/Berlin")


async def test_a_lost_connection_is_a_failure_like_any_other(profiles, slack):
    slack.faults.reset_before("users.info", times=3)  # aiohttp itself asks again once: reading is safe
    assert await profiles.of("U0JANE") == Profile(TOKYO)


async def test_a_profile_that_takes_too_long_is_not_waited_for(slack, clock):
    async with open_session(slack.api_url) as session:
        client = web_client(token=slack.world.app.bot_token, api_url=slack.api_url, session=session)
        profiles = Profiles(client, clock=clock, otherwise=TOKYO, timeout=0)
        assert await profiles.of("U0JANE") == Profile(TOKYO)
        await profiles.aclose()
