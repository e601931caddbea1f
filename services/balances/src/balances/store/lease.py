"""The lease of a feed: what keeps two processes from reading it at the same time.

It is a row in the database, taken and renewed by single statements, so that nothing is held open while a feed is read:
no transaction, no lock and no connection. The lease of a process that died expires by itself.
See docs/adr/0011-refresh-lease.md.
"""

import asyncio
import math
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec
import structlog

from balances.errors import BalancesError
from chassis.database.pool import Database
from chassis.database.queries import Queries
from chassis.errors import Unavailable

SECONDS = 30.0
"""For how long a lease is taken; it is renewed three times in that."""

SQL = Queries("balances.store", "sql/lease.sql")

log = structlog.get_logger()


class RefreshRefused(BalancesError):
    """The feed is not read now; `retry_after` is how many seconds to wait."""

    def __init__(self, detail: str, retry_after: float) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class RefreshUnderWay(RefreshRefused):
    """Another refresh of the same feed has not ended yet."""


class RefreshTooSoon(RefreshRefused):
    """The feed was read a short time ago."""


class Lease(msgspec.Struct, frozen=True):
    """The right to read a feed."""

    feed: str
    holder: uuid.UUID

    def values(self, seconds: float = SECONDS) -> dict[str, object]:
        """Parameters of the statements."""
        return {"feed": self.feed, "holder": self.holder, "seconds": seconds}


async def take(database: Database, feed: str, min_interval: float) -> Lease:
    """Take the lease of a feed that was not read for `min_interval` seconds.

    Raises:
        RefreshUnderWay: another process has it.
        RefreshTooSoon: the last reading began less than `min_interval` seconds ago.
        Unavailable: the database cannot say.
    """
    lease = Lease(feed, uuid.uuid4())
    row = await database.row(SQL.take, {**lease.values(), "min_interval": min_interval})
    taken, held, resting = row or (False, 0.0, 0.0)
    if taken:
        return lease
    if resting > 0 >= held:
        detail = f"feed {feed}: the last attempt to read it began less than {min_interval:g} s ago (its min_interval)"
        raise RefreshTooSoon(f"{detail}; retry in {math.ceil(resting)} s", resting)
    raise under_way(feed)


def under_way(feed: str) -> RefreshUnderWay:
    """The error for a feed that is read already."""
    detail = f"feed {feed}: a refresh is under way; its reading is the answer when it ends"
    return RefreshUnderWay(detail, 10)


@asynccontextmanager
async def renewing(database: Database, lease: Lease) -> AsyncIterator[None]:
    """Renew the lease until the end of the block."""
    task = asyncio.create_task(_renew_always(database, lease))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def renew(database: Database, lease: Lease, seconds: float) -> None:
    """Make the lease last for so many seconds from now.

    Raises:
        RefreshUnderWay: it had expired, and another process has taken it.
        Unavailable: the database cannot say.
    """
    if await database.row(SQL.renew, lease.values(seconds)) is None:
        raise under_way(lease.feed)


async def release(database: Database, lease: Lease) -> None:
    """Let others read the feed; where the database cannot be told, the lease expires by itself."""
    with suppress(Unavailable):
        await database.row(SQL.release, lease.values())


async def _renew_always(database: Database, lease: Lease) -> None:
    while True:
        await asyncio.sleep(SECONDS / 3)
        try:
            await renew(database, lease, SECONDS)
        except Unavailable as error:
            log.warning("The lease of a feed could not be renewed", feed=lease.feed, error=error.detail)
        except RefreshUnderWay:
            return  # the write will notice
