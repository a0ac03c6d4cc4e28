from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from typer.testing import CliRunner

from bot.checks import check_digests
from bot.cli import cli
from bot.config import Settings
from bot.domain.digests import Occurrence
from bot.sandbox.slack import SandboxSlack
from bot.stores import open_stores
from tests.builders import subscription

NOW = datetime.now(UTC)


def settings(url: str, **slack: Any) -> Settings:
    return Settings(_env_file=None, launchdarkly_access_token="api-1", database_url=url, **slack)


async def test_the_doctor_tells_how_many_digests_there_are_and_which_has_not_left(tmp_path):
    here = settings(f"sqlite:///{tmp_path}/whatshipped.db")
    async with open_stores(here) as stores:
        await stores.subscriptions.add(subscription("s1"))
        await stores.subscriptions.add(subscription("s2", channel_id="C2"))
        (only,) = await check_digests(here)
        assert (only.ok, only.result) == (True, "the database can be used; 2 active, in 2 channels")
        due = NOW - timedelta(hours=2)
        stuck = Occurrence("s1", due, due - timedelta(days=1), due)
        assert await stores.ledger.claim(stuck, owner="gone", now=due, lease=timedelta(minutes=1))
    _, late = await check_digests(here)
    assert late.ok is None
    assert "has not left yet" in late.result


async def test_the_doctor_looks_whether_the_bot_is_where_digests_go(tmp_path):
    async with SandboxSlack() as slack:
        slack.world.app.scopes |= {"channels:read", "groups:read"}
        connected = {"slack_bot_token": slack.world.app.bot_token, "slack_api_url": slack.api_url}
        here = settings(f"sqlite:///{tmp_path}/whatshipped.db", **connected)
        async with open_stores(here) as stores:
            await stores.subscriptions.add(subscription("s1", channel_id="C0DEPLOYS"))
            await stores.subscriptions.add(subscription("s2", channel_id="C0GENERAL"))
        _, outside = await check_digests(here)
    assert (outside.ok, outside.result) == (False, "the bot is not in C0GENERAL, or it is archived.")


async def test_the_doctor_tells_of_a_database_that_cannot_be_used(tmp_path):
    (check,) = await check_digests(settings(f"sqlite:///{tmp_path}/missing/whatshipped.db"))
    assert check.ok is False
    assert "does not exist" in check.result


def test_migrate_says_what_it_did(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAUNCHDARKLY_ACCESS_TOKEN", "api-1")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/whatshipped.db")
    first = CliRunner().invoke(cli, ["migrate"])
    assert (first.exit_code, first.stdout) == (0, "Migrated from nothing to 0001.\n")
    second = CliRunner().invoke(cli, ["migrate"])
    assert (second.exit_code, second.stdout) == (0, "The database is at revision 0001.\n")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/missing/whatshipped.db")
    wrong = CliRunner().invoke(cli, ["migrate"])
    assert wrong.exit_code == 1
    assert "does not exist" in wrong.stderr
