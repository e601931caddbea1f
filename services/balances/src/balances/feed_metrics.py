"""Metrics of the feeds, read from the database every few seconds, so that whoever refreshed them does not matter."""

import asyncio
import math
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Gauge

from balances import readings
from chassis.database import Database
from chassis.errors import Unavailable

MEASURE_SECONDS = 5.0


class FeedMetrics:
    """How the feeds stand; NaN while the database cannot say, or where there is nothing to say."""

    def __init__(self, registry: CollectorRegistry, feeds: Sequence[str]) -> None:
        self._feeds = feeds

        def gauge(name: str, meaning: str) -> Gauge:
            return Gauge(f"balances_{name}", meaning, ("feed",), registry=registry)

        self._age = gauge("feed_age_seconds", "How long ago the last complete reading was begun")
        self._rows = gauge("feed_rows", "Transactions in the last complete reading")
        self._complete = gauge("refresh_complete", "Whether the last refresh was complete: 1 or 0")
        self._seconds = gauge("refresh_duration_seconds", "How long the last refresh took")
        for feed in feeds:
            self._show(feed, math.nan, math.nan, math.nan, math.nan)

    async def keep(self, database: Database) -> None:
        """Read again and again."""
        while True:
            try:
                states = await readings.feeds(database, self._feeds)
            except Unavailable:
                for feed in self._feeds:
                    self._show(feed, math.nan, math.nan, math.nan, math.nan)
            else:
                for state in states:
                    last = state.last_refresh
                    self._show(
                        state.feed,
                        math.nan if state.age_seconds is None else state.age_seconds,
                        math.nan if state.reading is None else state.reading.proof.rows,
                        math.nan if last is None else last.outcome == "complete",
                        math.nan if last is None else last.seconds,
                    )
            await asyncio.sleep(MEASURE_SECONDS)

    def _show(self, feed: str, age: float, rows: float, complete: float, seconds: float) -> None:
        self._age.labels(feed).set(age)
        self._rows.labels(feed).set(rows)
        self._complete.labels(feed).set(complete)
        self._seconds.labels(feed).set(seconds)
