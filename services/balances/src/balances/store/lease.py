"""The lease of a feed, which prevents two processes from reading the feed at the same time.

A lease is a row in the database. It is taken and renewed by single statements, so that no transaction, lock or
connection is held while a feed is read. If the process that holds it dies, the lease expires. See
docs/adr/0011-refresh-lease.md.
"""

import asyncio
import math
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from copy import copy

import msgspec
import structlog

from balances.errors import BalancesError
from chassis.database.pool import Database
from chassis.database.queries import Queries
from chassis.errors import Unavailable

SECONDS = 30.0
"""How long a lease lasts; it is renewed every third of that time."""
PROGRESS_SECONDS = 1.0
"""Shortest time between two renewals that report progress."""

SQL = Queries("balances.store", "sql/lease.sql")

log = structlog.get_logger()


class RefreshRefused(BalancesError):
    """The feed may not be read now; `retry_after` is how many seconds to wait."""

    def __init__(self, detail: str, retry_after: float) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class RefreshUnderWay(RefreshRefused):
    """Another refresh of the feed has not ended yet."""


class RefreshTooSoon(RefreshRefused):
    """The last refresh of the feed began a short time ago."""


class Lease(msgspec.Struct, frozen=True):
    """The right of one process to read a feed."""

    feed: str
    holder: uuid.UUID

    def values(self, seconds: float = SECONDS) -> dict[str, object]:
        """The parameters of the statements."""
        return {"feed": self.feed, "holder": self.holder, "seconds": seconds}


class Progress(msgspec.Struct):
    """How far the holder of a lease has read the feed."""

    pages: int = 0
    rows: int = 0
    expected_rows: int | None = None
    """The number of rows of the feed, as its first page says; None before that page was read."""


async def take(database: Database, feed: str, min_interval: float) -> Lease:
    """Take the lease of a feed.

    Args:
        database: the database.
        feed: name of the feed.
        min_interval: shortest time from the start of the last refresh, in seconds.

    Raises:
        RefreshUnderWay: another process holds the lease.
        RefreshTooSoon: the last refresh began less than `min_interval` seconds ago.
        Unavailable: the database does not respond.
    """
    lease = Lease(feed, uuid.uuid4())
    row = await database.row(SQL.take, {**lease.values(), "min_interval": min_interval})
    taken, held_for, too_soon_for = row or (False, 0.0, 0.0)
    if taken:
        return lease
    if too_soon_for > 0 >= held_for:
        detail = f"feed {feed}: the last attempt to read it began less than {min_interval:g} s ago (its min_interval)"
        raise RefreshTooSoon(f"{detail}; retry in {math.ceil(too_soon_for)} s", too_soon_for)
    raise under_way(feed)


def under_way(feed: str) -> RefreshUnderWay:
    """The error for a feed that another refresh is reading."""
    detail = f"feed {feed}: a refresh is under way; retry when it has ended"
    return RefreshUnderWay(detail, 10)


@asynccontextmanager
async def renewing(database: Database, lease: Lease, progress: Progress) -> AsyncIterator[None]:
    """Renew the lease regularly until the end of the block, and report the progress that the block makes."""
    task = asyncio.create_task(_renew_regularly(database, lease, progress))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def renew(database: Database, lease: Lease, seconds: float, progress: Progress) -> None:
    """Extend the lease to `seconds` from now, and report the progress.

    Raises:
        RefreshUnderWay: the lease had expired, and another process has taken it.
        Unavailable: the database does not respond.
    """
    if await database.row(SQL.renew, lease.values(seconds) | msgspec.structs.asdict(progress)) is None:
        raise under_way(lease.feed)


@asynccontextmanager
async def given_back(database: Database, lease: Lease) -> AsyncIterator[None]:
    """Give the lease back at the end of the block; if the database does not respond, the lease expires by itself."""
    try:
        yield
    finally:
        with suppress(Unavailable):
            await database.row(SQL.release, lease.values())


async def _renew_regularly(database: Database, lease: Lease, progress: Progress) -> None:
    while True:
        await _progress_or_time_to_renew(progress)
        try:
            await renew(database, lease, SECONDS, progress)
        except Unavailable as error:
            log.warning("The lease of a feed could not be renewed", feed=lease.feed, error=error.detail)
        except RefreshUnderWay:
            return  # the refresh will fail when it renews the lease before writing


async def _progress_or_time_to_renew(progress: Progress) -> None:
    """Wait until there is progress to report, or for a third of the lease's time."""
    reported = copy(progress)
    due = time.monotonic() + SECONDS / 3
    while True:
        await asyncio.sleep(PROGRESS_SECONDS)
        if progress != reported or time.monotonic() >= due:
            return
