"""Refreshes that are requested over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from balances.feed.proof import Proof
from balances.feed.settings import Feed
from balances.store import lease as leases
from balances.store.refresh import refresh
from chassis.database.pool import Database

CANCEL_SECONDS = 3.0
"""How long a process that stops waits for the refreshes that it has cancelled."""


class RequestedRefreshes:
    """The refreshes that requests have started in this process: a limited number at a time, the others wait.

    A second refresh of the same feed is refused without a query to the database, however many requests arrive.
    """

    def __init__(self, database: Database, most: int) -> None:
        self._database = database
        self._slots = asyncio.Semaphore(most)
        self._under_way: dict[str, asyncio.Task[Any] | None] = {}

    async def refresh(self, feed: Feed) -> Proof:
        """Refresh a feed, unless its last refresh began less than `min_interval` seconds ago.

        Raises:
            RefreshRefused: see `balances.store.refresh.refresh`; also if this process is already refreshing the feed.
            FeedError: see `balances.store.refresh.refresh`.
            Unavailable: see `balances.store.refresh.refresh`.
        """
        if feed.name in self._under_way:
            raise leases.under_way(feed.name)
        self._under_way[feed.name] = asyncio.current_task()
        try:
            async with self._slots:
                return await refresh(self._database, feed, feed.min_interval)
        finally:
            del self._under_way[feed.name]

    @asynccontextmanager
    async def cancelled_at_end(self) -> AsyncIterator["RequestedRefreshes"]:
        """At the end of the block, cancel the refreshes that are under way, so that they give their leases back."""
        yield self
        tasks = [task for task in self._under_way.values() if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CANCEL_SECONDS)
