"""``python -m bot run``, ``web`` and ``worker`` as hosts start them: real processes between the embedded services."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import process
from bot.config import Settings
from bot.formatting import notices
from bot.sandbox.launchdarkly import SandboxLaunchDarkly
from bot.sandbox.slack import SandboxSlack

JANE, DEPLOYS = "jane.doe", "#deploys"
QUESTION = "since:30d"


@dataclass
class Process:
    """One running bot, and the lines that it has written to standard error."""

    inner: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)

    async def read(self) -> None:
        assert self.inner.stderr is not None
        async for line in self.inner.stderr:
            self.lines.append(line.decode().rstrip("\n"))

    async def says(self, words: str) -> None:
        async with asyncio.timeout(20):
            while not any(words in line for line in self.lines):
                assert self.inner.returncode is None, self.lines
                await asyncio.sleep(0.02)

    async def ends(self) -> int:
        async with asyncio.timeout(20):
            return await self.inner.wait()

    async def stops(self) -> int:
        self.inner.send_signal(signal.SIGTERM)
        return await self.ends()


@dataclass
class Place:
    """Both companies, and how to start a bot between them."""

    slack: SandboxSlack
    launchdarkly: SandboxLaunchDarkly
    folder: str

    @asynccontextmanager
    async def bot(self, command: str = "run", **variables: str) -> AsyncIterator[Process]:
        app = self.slack.world.app
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "SYSTEMROOT", "LANG")}
        ours = {
            "PYTHONWARNINGS": "error",
            "LAUNCHDARKLY_ACCESS_TOKEN": self.launchdarkly.token,
            "LAUNCHDARKLY_BASE_URL": self.launchdarkly.base_url,
            "LAUNCHDARKLY_PROJECT": "default",
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_BOT_TOKEN": app.bot_token,
            "SLACK_APP_TOKEN": app.app_token,
            "SLACK_SIGNING_SECRET": app.signing_secret,
            "HOST": "127.0.0.1",
        }
        inner = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            command,
            cwd=self.folder,
            env=kept | ours | variables,
            stderr=asyncio.subprocess.PIPE,
        )
        process = Process(inner)
        reading = asyncio.create_task(process.read())
        try:
            yield process
        finally:
            if inner.returncode is None:
                inner.kill()
            await inner.wait()
            await reading

    def takes_http(self) -> str:
        """From now on Slack sends everything to the address that this returns, where nobody listens yet."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.slack.world.app.request_url = f"{address}/slack/events"
        return address

    def settings(self, **changes: Any) -> Settings:
        app = self.slack.world.app
        ours = {
            "launchdarkly_access_token": self.launchdarkly.token,
            "launchdarkly_base_url": self.launchdarkly.base_url,
            "launchdarkly_project": "default",
            "slack_bot_token": app.bot_token,
            "slack_app_token": app.app_token,
            "slack_signing_secret": app.signing_secret,
            "slack_api_url": self.slack.api_url,
            "host": "127.0.0.1",
            "database_url": f"sqlite:///{self.folder}/whatshipped.db",
        }
        return Settings(_env_file=None, **(ours | changes))

    async def answer(self, words: str = QUESTION) -> str:
        """Ask, and wait for the answer, which is private."""
        before = len(self.slack.visible_to(JANE, DEPLOYS))
        delivery = await self.slack.command(JANE, DEPLOYS, "/shipped", words)
        assert delivery.acked, delivery.error
        return await self.next_message(before)

    async def sees(self, words: str) -> None:
        """Wait until Jane sees a message with these words."""

        def seen() -> bool:
            return any(words in message.text for message in self.slack.visible_to(JANE, DEPLOYS))

        await self.slack.wait_for(seen, timeout=15)

    async def next_message(self, before: int) -> str:
        """The answer, also where the machine was so slow that a notice came before it."""

        def said() -> list[str]:
            texts = [message.text for message in self.slack.visible_to(JANE, DEPLOYS)[before:]]
            return [text for text in texts if not text.startswith("Reading ")]

        return (await self.slack.wait_for(said, timeout=15))[-1]


@pytest.fixture
async def place(tmp_path):
    async with SandboxSlack() as slack, SandboxLaunchDarkly() as launchdarkly:
        yield Place(slack, launchdarkly, str(tmp_path))


@pytest.mark.parametrize("command", ["run", "worker"])
async def test_socket_mode_from_start_to_stop(place, command):
    async with place.bot(command) as bot:
        await bot.says("running: Socket Mode")
        assert "production" in await place.answer()
        assert await bot.stops() == 0
        assert bot.lines[-1].endswith("stopping")
        assert place.slack.sockets.connected == 0


@pytest.mark.parametrize(("command", "changed"), [("run", {"SLACK_APP_TOKEN": ""}), ("web", {})])
async def test_http_from_start_to_stop(place, command, changed):
    address = place.takes_http()
    starting = place.bot(command, PORT=address.rsplit(":", 1)[1], **changed)
    async with starting as bot, httpx.AsyncClient(base_url=address, trust_env=False) as web:
        await bot.says(f"running: HTTP on {address.removeprefix('http://')}/slack/events")
        assert (await web.get("/healthz")).status_code == 200
        assert (await web.get("/readyz")).json() == {"status": "ready"}
        assert await place.slack.courier.verify_request_url()
        assert "production" in await place.answer()
        assert await bot.stops() == 0


def resident_mib(pid: int) -> float:
    """What the process has in memory now: https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html"""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells another process's memory so")
async def test_bursts_of_two_hundred_questions_leave_nothing_in_memory(place):
    direct = place.slack.world.direct_messages(JANE).id
    journal = place.slack.journal

    async def burst(number: int) -> float:
        asked = [place.slack.command(JANE, direct, "/shipped", QUESTION + " " * (200 * number + n)) for n in range(200)]
        assert all(delivery.acked for delivery in await asyncio.gather(*asked))
        await place.slack.wait_for(lambda: len(journal.calls("response_url")) >= 200 * number, timeout=60)
        return resident_mib(bot.inner.pid)

    async with place.bot() as bot:
        await bot.says("running")
        after = [await burst(number) for number in (1, 2, 3, 4)]
    # An answer and its deployments are a hundred kilobytes: kept, those of two bursts would be forty megabytes.
    # The first two are left aside: how many answers are under way at once, and so the room they take, differs a little.
    assert after[3] - after[1] < 20, after


async def test_a_client_id_in_the_environment_does_not_switch_oauth_on(place):
    async with place.bot(SLACK_CLIENT_ID="1.2", SLACK_CLIENT_SECRET="s3cr3t") as bot:
        await bot.says("running: Socket Mode")
        assert "production" in await place.answer()


async def test_a_stop_in_the_middle_of_an_answer_lets_it_finish(place):
    async with place.bot() as bot:
        await bot.says("running")
        place.launchdarkly.faults.hold()
        asked = len(place.launchdarkly.requests)
        assert (await place.slack.command(JANE, DEPLOYS, "/shipped", QUESTION)).acked
        await place.launchdarkly.arrived(asked + 1)
        stopping = asyncio.create_task(bot.stops())
        await bot.says("stopping")

        delivery = await place.slack.command(JANE, DEPLOYS, "/shipped", "a later question")
        assert delivery.acked
        await place.sees(notices.no_time().text)

        place.launchdarkly.faults.release()
        assert await stopping == 0
        await place.sees("to production")


async def test_what_takes_too_long_after_a_stop_is_told_that_it_was_cut_off(place, monkeypatch):
    monkeypatch.setattr(process, "DRAIN_SECONDS", 0.1)
    stop = asyncio.Event()
    running = asyncio.create_task(process.run(place.settings(), web=False, socket=True, stop=stop))
    await place.slack.wait_for(lambda: place.slack.sockets.connected, timeout=15)
    place.launchdarkly.faults.hold()
    assert (await place.slack.command(JANE, DEPLOYS, "/shipped", QUESTION)).acked
    stop.set()
    assert await running == 0
    await place.sees(notices.cut_off().text)
    assert place.slack.sockets.connected == 0


async def test_two_processes_of_one_app_share_the_work_and_one_may_go(place):
    async with place.bot() as one, place.bot() as other:
        await one.says("running")
        await other.says("running")
        for number in range(4):
            await place.answer(f"{QUESTION} word{number}")
        assert await one.stops() == 0
        for number in range(4, 6):
            await place.answer(f"{QUESTION} word{number}")
        assert await other.stops() == 0
    shares = [sum(" question " in line for line in bot.lines) for bot in (one, other)]
    assert sum(shares) == 6
    assert min(shares) >= 2


BAD = {
    "bot token": ({"SLACK_BOT_TOKEN": "xoxb-another"}, "invalid_auth"),
    "app token": ({"SLACK_APP_TOKEN": "xapp-another"}, "SLACK_APP_TOKEN"),
    "LaunchDarkly's token": ({"LAUNCHDARKLY_ACCESS_TOKEN": "api-another"}, "LaunchDarkly"),
    "project": ({"LAUNCHDARKLY_PROJECT": "defualt"}, "Did you mean default"),
    "kind of bot token": ({"SLACK_BOT_TOKEN": "xapp-1-swapped"}, "SLACK_APP_TOKEN"),
    "no bot token": ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN: missing"),
}


@pytest.mark.parametrize("bad", BAD)
async def test_what_cannot_work_ends_the_process_with_one_line(place, bad):
    variables, words = BAD[bad]
    async with place.bot(**variables) as bot:
        assert await bot.ends() == 1
    told = [line for line in bot.lines if " INFO " not in line and "Set these in the environment" not in line]
    assert len(told) == 1, bot.lines
    assert words in told[0]
    opened = [exchange for exchange in place.slack.journal.exchanges if exchange.name == "apps.connections.open"]
    assert len(opened) <= 1  # asked for, but never used: nobody was connected to a bot that cannot answer
    assert not any(secret in told[0] for secret in variables.values() if secret and "token" in bad)


async def test_missing_scopes_end_it_and_are_named(place):
    place.slack.faults.take_scopes("chat:write")
    async with place.bot() as bot:
        assert await bot.ends() == 1
    (told,) = [line for line in bot.lines if " INFO " not in line]
    assert "missing: chat:write" in told
    assert "reinstall" in told


async def test_a_missing_optional_scope_is_a_warning(place):
    place.slack.faults.take_scopes("users:read")
    async with place.bot() as bot:
        await bot.says("running")
        assert any("WARNING" in line and "users:read" in line for line in bot.lines)


async def test_a_port_that_is_taken_is_told(place):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        async with place.bot("web", PORT=str(taken.getsockname()[1])) as bot:
            assert await bot.ends() == 1
    (told,) = [line for line in bot.lines if " INFO " not in line]
    assert "set HOST and PORT" in told


async def test_socket_mode_turned_off_ends_the_process_with_the_reason(place):
    async with place.bot() as bot:
        await bot.says("running")
        await place.slack.sockets.disconnect("link_disabled")
        assert await bot.ends() == 1
    [told] = [line for line in bot.lines if " ERROR bot." in line]
    assert "Socket Mode was turned off" in told


class Waits:
    """Waiting between two attempts, which ends when a test says so."""

    def __init__(self) -> None:
        self.begun, self.enough = asyncio.Event(), asyncio.Event()
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        if seconds:
            self.seconds.append(seconds)
            self.begun.set()
            await self.enough.wait()


async def test_a_passing_fault_is_retried_and_told(place, caplog):
    waits, stop = Waits(), asyncio.Event()
    waits.enough.set()
    for _ in range(3):
        place.slack.faults.server_error("auth.test")
    running = asyncio.create_task(process.run(place.settings(), web=False, socket=True, stop=stop, sleep=waits))
    await place.slack.wait_for(lambda: place.slack.sockets.connected, timeout=15)
    assert waits.seconds == [1, 2, 4]
    assert "Slack answered 500. Trying again in 4 s." in caplog.text
    stop.set()
    assert await running == 0


async def test_a_stop_while_waiting_for_a_passing_fault_ends_it_at_once(place):
    waits, stop = Waits(), asyncio.Event()
    place.slack.faults.server_error("auth.test")
    running = asyncio.create_task(process.run(place.settings(), web=False, socket=True, stop=stop, sleep=waits))
    await waits.begun.wait()
    stop.set()
    assert await running == 0


async def test_while_launchdarkly_is_down_people_are_told_so_and_readiness_waits(place):
    waits, stop = Waits(), asyncio.Event()
    address = place.takes_http()
    settings = place.settings(port=int(address.rsplit(":", 1)[1]), answer_timeout=1)
    place.launchdarkly.faults.server_error(times=1000)
    running = asyncio.create_task(process.run(settings, web=True, socket=False, stop=stop, sleep=waits))
    await waits.begun.wait()
    async with httpx.AsyncClient(base_url=address, trust_env=False) as web:
        assert (await web.get("/healthz")).status_code == 200
        assert (await web.get("/readyz")).json()["reason"] == "starting"
        assert (await place.slack.command(JANE, DEPLOYS, "/shipped", QUESTION)).acked
        await place.sees("LaunchDarkly")
        place.launchdarkly.faults.clear()
        waits.enough.set()
        async with asyncio.timeout(15):
            while (await web.get("/readyz")).status_code != 200:  # noqa: ASYNC110  # as a host asks
                await asyncio.sleep(0.01)
    stop.set()
    assert await running == 0


@pytest.mark.parametrize("transport", ["run", "web"])
async def test_debug_logs_are_json_lines_without_secrets_or_what_people_typed(place, transport):
    port = place.takes_http().rsplit(":", 1)[1] if transport == "web" else "0"
    async with place.bot(transport, LOG_LEVEL="DEBUG", LOG_FORMAT="json", PORT=port) as bot:
        await bot.says("running")
        text = await place.answer(f"{QUESTION} very-private-words")
        await place.answer(QUESTION)
        shown = place.slack.visible_to(JANE, DEPLOYS)
        assert (await place.slack.click(JANE, shown[-1], "Share to channel")).acked
        await place.slack.mention(JANE, DEPLOYS, "release #406")
        await place.slack.direct_message(JANE, "help")
        await place.slack.open_home(JANE)
        if transport == "web":
            async with httpx.AsyncClient(trust_env=False) as web:
                body = {"text": "an unsigned body"}
                assert (await web.post(place.slack.world.app.request_url, data=body)).status_code == 401
        else:
            await place.slack.sockets.disconnect("refresh_requested")
        await asyncio.sleep(1)
        assert await bot.stops() == 0
    assert text
    entries = [json.loads(line) for line in bot.lines]
    assert all({"time", "level", "logger", "message"} <= set(entry) for entry in entries)
    assert any(entry["level"] == "debug" for entry in entries)
    written = "\n".join(bot.lines)
    app = place.slack.world.app
    for secret in (app.bot_token, app.app_token, app.signing_secret, place.launchdarkly.token):
        assert secret not in written
    assert not re.search(r"/response/\w+|ticket\d|very-private-words|an unsigned body|Jane Doe", written)
