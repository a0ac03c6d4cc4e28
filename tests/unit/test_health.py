from __future__ import annotations

import httpx
import pytest

from bot.domain.errors import StorageError
from bot.health import Health, HealthServer
from bot.metrics import Metrics
from bot.services.digests import DigestHealth


class Digests:
    def __init__(self, health: DigestHealth | StorageError) -> None:
        self._health = health

    async def health(self) -> DigestHealth:
        if isinstance(self._health, StorageError):
            raise self._health
        return self._health


async def asked(path: str, health: DigestHealth | StorageError, metrics: Metrics) -> httpx.Response:
    digests = Digests(health)
    server = HealthServer(Health(digests, metrics), host="127.0.0.1", port=0)  # type: ignore[arg-type]  # all that it asks
    port = await server.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as web:
            return await web.get(path)
    finally:
        await server.close()


async def test_health_tells_the_ages():
    answer = await asked("/healthz", DigestHealth(61.5, 3.0), Metrics())
    assert answer.json() == {
        "status": "alive",
        "digests": {"oldest_undelivered_seconds": 61.5, "last_tick_seconds": 3.0},
    }


async def test_a_process_without_its_database_is_alive_and_says_so():
    answer = await asked("/healthz", StorageError("secret details"), Metrics())
    assert answer.status_code == 200
    assert answer.json()["digests"] == {"error": "the database cannot be used"}


async def test_metrics_count_by_result_and_reason():
    metrics = Metrics()
    metrics.ended("sent")
    metrics.ended("failed", "is_archived")
    metrics.retried("ratelimited")
    metrics.sent_after(4.0)
    metrics.sent_after(-1.0)  # clocks of two machines
    for result in ("ok", "cached", "cached", "failed"):
        metrics.read(result)
    answer = await asked("/metrics", DigestHealth(None, None), metrics)
    assert answer.headers["Content-Type"].startswith("text/plain")
    lines = answer.text.splitlines()
    for line in (
        'whatshipped_digest_deliveries_total{reason="",result="sent"} 1.0',
        'whatshipped_digest_deliveries_total{reason="is_archived",result="failed"} 1.0',
        'whatshipped_digest_retries_total{reason="ratelimited"} 1.0',
        'whatshipped_digest_latency_seconds_bucket{le="5.0"} 2.0',
        'whatshipped_reads_total{result="cached"} 2.0',
    ):
        assert line in lines


@pytest.mark.parametrize("reason", ["ratelimited", "no answer"])
def test_two_processes_worth_of_metrics_do_not_meet(reason):
    one, other = Metrics(), Metrics()
    one.retried(reason)
    assert reason not in other.exposition().decode()
