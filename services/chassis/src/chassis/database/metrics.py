"""Metrics of a database pool, read at each scrape."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from chassis.database.errors import REASONS
from chassis.database.pool import Database


class PoolMetrics(Collector):
    """Collects the statistics of `psycopg_pool`, and the failed statements by cause."""

    def __init__(self, database: Database) -> None:
        self._pool = database.pool
        self._refusals = database.refusals

    def collect(self) -> Iterator[Metric]:
        """Read the current values."""
        stats = self._pool.get_stats()
        connections = GaugeMetricFamily(
            "database_pool_connections", "Connections of the pool by state", labels=["state"]
        )
        available = stats.get("pool_available", 0)
        connections.add_metric(["idle"], available)
        connections.add_metric(["used"], stats.get("pool_size", 0) - available)
        yield connections
        yield GaugeMetricFamily(
            "database_pool_requests_waiting",
            "Requests that are waiting for a connection",
            stats.get("requests_waiting", 0),
        )
        yield CounterMetricFamily(
            "database_pool_requests", "Requests for a connection", stats.get("requests_num", 0)
        )
        yield CounterMetricFamily(
            "database_pool_wait_seconds",
            "Time spent waiting for a connection",
            stats.get("requests_wait_ms", 0) / 1000,
        )
        yield CounterMetricFamily(
            "database_pool_errors",
            "Requests for a connection that timed out",
            stats.get("requests_errors", 0),
        )
        yield CounterMetricFamily(
            "database_pool_connections_lost",
            "Connections that were found broken",
            stats.get("connections_lost", 0) + stats.get("returns_bad", 0),
        )
        refusals = CounterMetricFamily(
            "database_refusals",
            "Statements that the database did not execute, by the reason that the client was given",
            labels=["reason"],
        )
        for reason in sorted(REASONS):
            refusals.add_metric([reason], self._refusals[reason])
        yield refusals
