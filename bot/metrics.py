"""What the process counts, for Prometheus: https://prometheus.io/docs/practices/naming/."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST

_LATENESS = (1.0, 5.0, 15.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 4 * 3600.0, 24 * 3600.0)
"""Upper bounds in seconds, from "at once" to "after a bad day"."""


class Metrics:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._deliveries = Counter(
            "whatshipped_digest_deliveries",
            "Digests by how their delivery ended, and why",
            ("result", "reason"),
            registry=self._registry,
        )
        self._retries = Counter(
            "whatshipped_digest_retries",
            "Attempts at a digest that failed and will be made again",
            ("reason",),
            registry=self._registry,
        )
        self._latency = Histogram(
            "whatshipped_digest_latency_seconds",
            "From the time at which a digest was due to Slack's word that it is posted",
            buckets=_LATENESS,
            registry=self._registry,
        )
        self._reads = Counter(
            "whatshipped_reads",
            "Questions about deployments: asked of LaunchDarkly (ok, failed), or answered from a copy (cached)",
            ("result",),
            registry=self._registry,
        )

    def ended(self, result: str, reason: str = "") -> None:
        self._deliveries.labels(result, reason).inc()

    def retried(self, reason: str) -> None:
        self._retries.labels(reason).inc()

    def sent_after(self, seconds: float) -> None:
        self._latency.observe(max(0.0, seconds))

    def read(self, result: str) -> None:
        self._reads.labels(result).inc()

    def exposition(self) -> bytes:
        """All of them in the text format that ``GET /metrics`` answers with."""
        return generate_latest(self._registry)
