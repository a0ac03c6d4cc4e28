"""The embedded Slack as one object: everything wired together behind one server on loopback."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aiohttp import web

from bot.sandbox.slack.chat import Chat
from bot.sandbox.slack.clock import Clock
from bot.sandbox.slack.control import Control
from bot.sandbox.slack.delivery import Courier
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.journal import Journal
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.rate_limits import RateLimits
from bot.sandbox.slack.response_urls import ResponseUrls
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.views import Views
from bot.sandbox.slack.web_api import WebApi
from bot.sandbox.slack.world import World


class SandboxSlack(Person):
    """A Slack workspace with one app, on loopback, from ``async with`` to its end.

    ``world`` is its people, channels and app (sample ones by default); ``clock`` moves it (the machine's own by
    default; not both). ``port`` 0 takes a free one. Point an app's Web API client at ``api_url`` with
    ``world.app.bot_token``, and its Socket Mode client with ``world.app.app_token``; or set ``world.app.request_url``
    to have everything delivered there by signed HTTP.

    ``faults`` are the switches for trouble, ``journal`` what went over the wire, ``rate_limits.enabled`` whether calls
    are counted, ``courier.deliveries`` what was delivered and how that ended, ``sockets`` the open connections.
    """

    def __init__(
        self, world: World | None = None, *, clock: Clock | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.world = world or World(clock=clock)
        self._host, self._port = host, port
        self.faults = Faults(self.world, lambda: self.sockets.drop())
        self.journal = Journal(self.world.now, self.world.changed)
        self.rate_limits = RateLimits(self.world.now)
        self.sockets = Sockets(self.world, self.faults, lambda: f"{self._host}:{self._port}")
        self.courier = Courier(self.world, self.sockets, self.journal)
        chat, views = Chat(self.world), Views(self.world)
        urls = ResponseUrls(self.world, chat, self.journal, self.faults, lambda: self.base_url)
        super().__init__(self.world, views, self.courier, urls)
        self.web_api = WebApi(
            self.world, chat, views, self.journal, self.faults, self.rate_limits, self.sockets.new_url
        )
        application = web.Application()
        application.add_routes(
            [
                web.route("*", "/api/{method}", self.web_api.handle),
                web.post("/response/{key}", urls.handle),
                web.get("/link/", self.sockets.handle),
                *Control(self.world, self, views, self.faults, self.journal).routes(),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)

    @property
    def base_url(self) -> str:
        return f"http://{self._host}:{self._port}"

    @property
    def api_url(self) -> str:
        """What ``SLACK_API_URL`` must be for this workspace; ends in a slash."""
        return f"{self.base_url}/api/"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.courier.close()
        await self.sockets.close()
        await self._runner.cleanup()
