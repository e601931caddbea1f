"""Refreshes that are requested over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from balances.feed.errors import FeedError
from balances.feed.proof import Proof
from balances.feed.settings import Feed
from balances.store import lease as leases
from balances.store.lease import Lease, Progress, RefreshRefused
from balances.store.refresh import refresh_with_lease
from chassis.database.pool import Database
from chassis.errors import Unavailable

CANCEL_SECONDS = 3.0
"""How long a process that stops waits for the refreshes that it has cancelled."""

log = structlog.get_logger()


class RequestedRefreshes:
    """The refreshes that requests have started in this process: a limited number at a time, the others wait.

    A second refresh of the same feed is refused without a query to the database, however many requests arrive.
    """

    def __init__(self, database: Database, most: int) -> None:
        self._database = database
        self._slots = asyncio.Semaphore(most)
        self._under_way: dict[str, asyncio.Task[Proof] | None] = {}

    async def refresh(self, feed: Feed) -> Proof:
        """Refresh a feed, unless its last refresh began less than `min_interval` seconds ago.

        Raises:
            RefreshRefused: see `balances.store.refresh.refresh`; also if this process is already refreshing the feed.
            FeedError: see `balances.store.refresh.refresh`.
            Unavailable: see `balances.store.refresh.refresh`.
        """
        return await (await self._begin(feed))

    async def start(self, feed: Feed) -> None:
        """Start what `refresh` does, and return at once: its lease is held, and its result will be recorded.

        Raises:
            RefreshRefused: see `refresh`.
            Unavailable: the database does not respond.
        """
        (await self._begin(feed)).add_done_callback(lambda task: _log_failure(feed, task))

    async def _begin(self, feed: Feed) -> asyncio.Task[Proof]:
        """The task of a refresh whose lease has been taken."""
        if feed.name in self._under_way:
            raise leases.under_way(feed.name)
        self._under_way[feed.name] = None
        try:
            lease = await leases.take(self._database, feed.name, feed.min_interval)
        except BaseException:
            del self._under_way[feed.name]
            raise
        task = self._under_way[feed.name] = asyncio.create_task(self._run(feed, lease))
        return task

    async def _run(self, feed: Feed, lease: Lease) -> Proof:
        try:
            async with leases.given_back(self._database, lease), self._slot(lease):
                return await refresh_with_lease(self._database, feed, lease)
        finally:
            del self._under_way[feed.name]

    @asynccontextmanager
    async def _slot(self, lease: Lease) -> AsyncIterator[None]:
        """Wait until fewer than the limited number of refreshes are running; until then, the lease is renewed."""
        async with leases.renewing(self._database, lease, Progress()):
            await self._slots.acquire()
        try:
            yield
        finally:
            self._slots.release()

    @asynccontextmanager
    async def cancelled_at_end(self) -> AsyncIterator["RequestedRefreshes"]:
        """At the end of the block, cancel the refreshes that are under way, so that they give their leases back."""
        yield self
        tasks = [task for task in self._under_way.values() if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CANCEL_SECONDS)


def _log_failure(feed: Feed, task: asyncio.Task[Proof]) -> None:
    """Log why a refresh failed that nobody waited for."""
    error = None if task.cancelled() else task.exception()
    if isinstance(error, FeedError | RefreshRefused):
        log.error("Refresh failed", feed=feed.name, detail=str(error))
    elif isinstance(error, Unavailable):
        log.error("Refresh failed", feed=feed.name, detail=error.detail)
    elif error is not None:
        log.error("Refresh failed", feed=feed.name, exc_info=error)
