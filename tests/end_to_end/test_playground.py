"""The playground without a browser: both transports, restarts, and nothing of this machine's own settings."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from typer.testing import CliRunner

from bot.cli import cli
from bot.playground import Served, playground, serving
from bot.sandbox.slack import Message

JANE, DEPLOYS = "U0JANE", "C0DEPLOYS"


class Page:
    """The playground's page, as far as it speaks with its server."""

    def __init__(self, served: Served, http: aiohttp.ClientSession) -> None:
        self.slack = served.slack
        self._url, self._http = served.url, http

    async def do(self, verb: str, **body: Any) -> dict[str, Any]:
        async with self._http.post(f"{self._url}do/{verb}", json=body) as answer:
            said: dict[str, Any] = await answer.json()
            return said

    async def ask(self, text: str) -> Message:
        before = len(self.slack.visible_to(JANE, DEPLOYS))
        said = await self.do("send", user=JANE, channel=DEPLOYS, text=text)
        assert said["delivery"]["acked"], said

        def answered() -> list[Message]:
            more: list[Message] = self.slack.visible_to(JANE, DEPLOYS)[before:]
            return [message for message in more if not message.text.startswith("Reading ")]  # of a slow machine

        return (await self.slack.wait_for(answered))[-1]


@asynccontextmanager
async def page(*, http: bool = False) -> AsyncIterator[Page]:
    async with (
        serving(http=http) as served,
        aiohttp.ClientSession(headers={"Origin": served.url.removesuffix("/")}) as session,
    ):
        yield Page(served, session)


@pytest.mark.parametrize("http", [False, True], ids=["socket mode", "signed http"])
async def test_a_question_goes_all_the_way_and_back(http):
    async with page(http=http) as there:
        answer = await there.ask("/release #406")
        assert "Yes: pull request #406 reached production" in answer.text
        assert answer.only_for == JANE
        assert [e.name for e in there.slack.journal.deliveries()][-1] == "slash_commands"
        assert there.slack.journal.calls("response_url")


async def test_settings_of_this_machine_are_not_read(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("TIMEZONE=nowhere\n")
    for name in ("TIMEZONE", "LAUNCHDARKLY_PROJECT", "SLACK_BOT_TOKEN", "PORT", "DATABASE_URL"):
        monkeypatch.setenv(name, "nonsense")
    async with page() as there:
        assert "deployments to production" in (await there.ask("/shipped")).text
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


async def test_the_bot_is_restarted_and_answers_again():
    async with page() as there:
        said = await there.do("control", key="restart")
        assert said["said"].startswith("The bot has been stopped and started again")
        assert "#406" in (await there.ask("/release #406")).text


async def test_a_bot_that_cannot_start_says_so_and_can_be_started_later():
    async with page() as there:
        there.slack.faults.revoke_token()
        assert (await there.do("control", key="restart"))["said"].startswith("It did not start")
        assert "The bot does not run" in (await there.do("control", key="due"))["said"]
        there.slack.faults.clear()
        assert (await there.do("control", key="restart"))["said"].startswith("The bot has been stopped and started")


async def test_the_address_is_printed_and_the_browser_opened_until_ctrl_c_also_twice(monkeypatch, capsys):
    opened: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr("webbrowser.open", lambda url: loop.call_soon_threadsafe(opened.put_nowait, url))
    monkeypatch.setattr("bot.log.configure", lambda *args, **options: None)  # the test run's own logging stays
    running = asyncio.create_task(playground())
    async with asyncio.timeout(10):
        url = await opened.get()
    for _ in range(2):
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await running
    assert url in capsys.readouterr().out


async def test_a_port_that_is_taken_is_an_error_at_once():
    async with serving() as served:
        port = int(served.url.rstrip("/").rpartition(":")[2])
        with pytest.raises(OSError, match="address already in use"):
            async with serving(port=port):
                pass


def test_a_port_that_is_taken_is_told_with_the_way_out(monkeypatch):
    monkeypatch.setattr("bot.log.configure", lambda *args, **options: None)  # as above
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = CliRunner().invoke(cli, ["demo", "--no-open", "--port", str(port)])
    assert ended.exit_code == 1
    assert f"cannot listen on port {port}" in ended.output
    assert "Leave --port out, and it takes a free one." in ended.output


@pytest.mark.parametrize("http", [False, True], ids=["socket mode", "signed http"])
async def test_digests_come_due_when_the_clock_is_moved_and_commands_still_arrive(http):
    async with page(http=http) as there:
        assert "#1 Morning in #deploys is posted." in (await there.do("control", key="due"))["said"]
        (digest,) = [m for m in there.slack.messages(DEPLOYS) if m.text.startswith("Shipped to production")]
        for _ in range(3):
            await there.do("control", key="tomorrow")
        (moved,) = [m for m in there.slack.messages(DEPLOYS) if m.ts == digest.ts]
        assert moved.text == digest.text
        assert there.slack.world.now() - datetime.now(UTC) > timedelta(days=3)
        told = [m.text for m in there.slack.messages(DEPLOYS) if "Shipped to production" in m.text]
        assert len(told) > 1  # a working day brings something to tell
        assert "#1 Morning" in (await there.ask("/digest")).text


async def test_what_became_of_the_digest_is_told_and_a_paused_one_is_named():
    async with page() as there:
        await there.do("control", key="launchdarkly", value="down")
        said = (await there.do("control", key="due"))["said"]
        assert "#1 Morning in #deploys is not sent: LaunchDarkly answered that it cannot (503); again from" in said
        await there.do("control", key="launchdarkly", value="well")
        await there.do("control", key="channel", value="archived")
        paused = "#1 Morning is paused (the channel is archived); in #deploys, /digest resume 1 lets it go on."
        assert (await there.do("control", key="due"))["said"].endswith(paused)
        assert (await there.do("control", key="due"))["said"] == f"No digest is active. {paused}"


async def test_where_no_digest_is_active_the_clock_stays():
    async with page() as there:
        assert "#1 Morning" in (await there.ask("/digest remove 1")).text
        assert (await there.do("control", key="due"))["said"].startswith("No digest is active")
