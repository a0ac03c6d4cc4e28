"""For who watches over the process: ``GET /healthz`` in JSON and ``GET /metrics`` for Prometheus."""

from __future__ import annotations

from aiohttp import web

from bot.domain.errors import StorageError
from bot.metrics import CONTENT_TYPE, Metrics
from bot.services.digests import Digests


class Health:
    """Answers both. A process whose database is down still lives: restarting it would not help."""

    def __init__(self, digests: Digests, metrics: Metrics) -> None:
        self._digests = digests
        self._metrics = metrics

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/healthz", self._health), web.get("/metrics", self._exposition)]

    async def _health(self, _: web.Request) -> web.Response:
        try:
            health = await self._digests.health()
        except StorageError:
            return web.json_response({"status": "alive", "digests": {"error": "the database cannot be used"}})
        digests = {
            "oldest_undelivered_seconds": health.oldest_undelivered,
            "last_tick_seconds": health.last_tick,
        }
        return web.json_response({"status": "alive", "digests": digests})

    async def _exposition(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})


class HealthServer:
    """The same two on a port of their own, for a process that speaks no HTTP otherwise."""

    def __init__(self, health: Health, *, host: str, port: int) -> None:
        application = web.Application()
        application.add_routes(health.routes())
        self._host, self._port = host, port
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=1.0)

    async def start(self) -> int:
        """Listen; returns the port, which the system chooses where 0 was asked for. Raises ``OSError``."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        port: int = self._runner.addresses[0][1]
        return port

    async def close(self) -> None:
        await self._runner.cleanup()
