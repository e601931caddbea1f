"""Metrics of the feeds, read from the database every few seconds, so that whoever refreshed them does not matter."""

import math
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Gauge

from balances.api.answers import FeedState
from balances.store import snapshots as readings
from chassis.database.pool import Database

MEASURE_SECONDS = 5.0


class FeedMetrics:
    """How the feeds stand; NaN where there is nothing to say.

    While the database does not answer, nobody knows how the feeds stand: that is NaN, too. Only the time of the last
    reading keeps its value, because a time does not get wrong by itself.
    """

    def __init__(self, registry: CollectorRegistry, database: Database, feeds: Sequence[str]) -> None:
        self._database = database
        self._feeds = feeds

        def gauge(name: str, meaning: str) -> Gauge:
            return Gauge(f"balances_{name}", meaning, ("feed",), registry=registry)

        self._fetched = gauge(
            "feed_fetched_timestamp_seconds",
            "When the last complete reading was begun, in seconds since 1970",
        )
        self._rows = gauge("feed_rows", "Rows in the last complete reading, pending ones included")
        self._pending = gauge(
            "feed_pending_rows", "Pending rows in the last complete reading, which are in no total"
        )
        self._complete = gauge("refresh_complete", "Whether the last refresh was complete: 1 or 0")
        self._seconds = gauge("refresh_duration_seconds", "How long the last refresh took")
        for feed in feeds:
            self._fetched.labels(feed).set(math.nan)
        self._forget()

    async def measure(self) -> None:
        """Read how the feeds stand.

        Raises:
            Unavailable: the database does not answer.
        """
        try:
            states = await readings.feeds(self._database, self._feeds)
        except BaseException:
            self._forget()
            raise
        for state in states:
            self._show(state)

    def _show(self, state: FeedState) -> None:
        feed, reading, last = state.feed, state.reading, state.last_refresh
        self._fetched.labels(feed).set(math.nan if reading is None else reading.proof.fetched_at.timestamp())
        self._rows.labels(feed).set(math.nan if reading is None else reading.proof.rows)
        self._pending.labels(feed).set(math.nan if reading is None else reading.pending_transactions)
        self._complete.labels(feed).set(math.nan if last is None else last.outcome == "complete")
        self._seconds.labels(feed).set(math.nan if last is None else last.seconds)

    def _forget(self) -> None:
        for feed in self._feeds:
            for gauge in (self._rows, self._pending, self._complete, self._seconds):
                gauge.labels(feed).set(math.nan)
