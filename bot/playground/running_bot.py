"""The bot's process in the playground: the same as in a team's Slack, started and stopped from the page."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aiohttp

from bot import process
from bot.config import Settings
from bot.sandbox.playground import Button
from bot.sandbox.slack import SandboxSlack, ShiftedClock
from bot.scheduler import DigestScheduler

_READY_SECONDS = 15.0
_LOOK_SECONDS = 0.02


class RunningBot:
    """The bot's process, as ``whatshipped run`` runs it; it can be stopped and started as often as a person likes."""

    def __init__(self, settings: Settings, slack: SandboxSlack, clock: ShiftedClock, *, http: bool) -> None:
        self._settings, self._slack, self._clock, self._http = settings, slack, clock, http
        self._scheduler: DigestScheduler | None = None
        self._stop = asyncio.Event()
        self._running: asyncio.Task[int] | None = None
        self._state = "stopped"

    async def start(self) -> bool:
        """Return when Slack can reach it, or False when it has ended by itself.

        Raises ``TimeoutError`` where both take too long.
        """
        self._tell("starting")
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(
            process.run(
                self._settings,
                web=self._http,
                socket=not self._http,
                digests=True,
                stop=self._stop,
                clock=self._clock.now,
                on_digests=self._drive,
            )
        )
        self._running.add_done_callback(lambda _: self._tell("stopped"))
        async with asyncio.timeout(_READY_SECONDS):
            while not (self._running.done() or await self._reachable()):  # noqa: ASYNC110  # it tells nobody
                await asyncio.sleep(_LOOK_SECONDS)
        if self._running.done():
            self._running.result()  # where it ended with an error of ours, let that be seen
            return False
        self._tell("running")
        return True

    async def stop(self) -> None:
        """As on SIGTERM: what it was asked is answered first."""
        self._tell("stopping")
        self._stop.set()
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)

    async def tick(self) -> bool:
        """Let it look for due digests at once, and return when it has dealt with them; False where it does not run."""
        if self._scheduler is None or self._state != "running":
            return False
        await self._scheduler.tick()
        return True

    def restart_button(self) -> Button:
        async def restart() -> str:
            await self.stop()
            if not await self.start():
                return "It did not start: what it checks first did not work. Mend that, then restart it."
            return "The bot has been stopped and started again. Buttons of earlier answers still work."

        return Button(
            "restart",
            "The bot",
            "Restart the bot",
            "It finishes what it was asked, stops, and starts again with nothing in its memory.",
            restart,
            note=lambda: f"It is {self._state}. Slack reaches it by {'signed HTTP' if self._http else 'Socket Mode'}.",
        )

    def _drive(self, scheduler: DigestScheduler) -> None:
        self._scheduler = scheduler

    def _tell(self, state: str) -> None:
        self._state = state
        self._slack.world.changed()

    async def _reachable(self) -> bool:
        if not self._http:
            return self._slack.sockets.connected > 0
        with suppress(aiohttp.ClientError):
            return await self._slack.courier.verify_request_url()
        return False
