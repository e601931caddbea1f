"""Metrics of the feeds, read from the database every few seconds, whichever process refreshes the feeds."""

import math
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Gauge

from balances.store.snapshots import FeedState, feed_states
from chassis.database.pool import Database

MEASURE_SECONDS = 5.0


class FeedMetrics:
    """The states of the feeds as gauges; NaN if a feed has no snapshot or was never refreshed.

    While the database does not respond, the gauges are NaN, too. Only the time of the snapshot keeps its value,
    because a time stays correct.
    """

    def __init__(self, registry: CollectorRegistry, database: Database, feeds: Sequence[str]) -> None:
        self._database = database
        self._feeds = feeds

        def gauge(name: str, meaning: str) -> Gauge:
            return Gauge(f"balances_{name}", meaning, ("feed",), registry=registry)

        self._fetched = gauge(
            "feed_fetched_timestamp_seconds",
            "When the refresh that stored the snapshot began, in seconds since 1970",
        )
        self._rows = gauge("feed_rows", "Rows in the snapshot, pending ones included")
        self._pending = gauge("feed_pending_rows", "Pending rows in the snapshot, which are in no total")
        self._complete = gauge("refresh_complete", "Whether the last refresh was complete: 1 or 0")
        self._seconds = gauge("refresh_duration_seconds", "How long the last refresh took")
        for feed in feeds:
            self._fetched.labels(feed).set(math.nan)
        self._forget()

    async def measure(self) -> None:
        """Read the states of the feeds.

        Raises:
            Unavailable: the database does not respond.
        """
        try:
            states = await feed_states(self._database, self._feeds)
        except BaseException:
            self._forget()
            raise
        for state in states:
            self._show(state)

    def _show(self, state: FeedState) -> None:
        feed, snapshot, last = state.feed, state.snapshot, state.last_refresh
        self._fetched.labels(feed).set(
            math.nan if snapshot is None else snapshot.proof.fetched_at.timestamp()
        )
        self._rows.labels(feed).set(math.nan if snapshot is None else snapshot.proof.rows)
        self._pending.labels(feed).set(math.nan if snapshot is None else snapshot.pending_transactions)
        self._complete.labels(feed).set(math.nan if last is None else last.outcome == "complete")
        self._seconds.labels(feed).set(math.nan if last is None else last.seconds)

    def _forget(self) -> None:
        for feed in self._feeds:
            for gauge in (self._rows, self._pending, self._complete, self._seconds):
                gauge.labels(feed).set(math.nan)
