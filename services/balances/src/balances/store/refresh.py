"""A refresh: reads a feed and, if it is complete, replaces the snapshot in the database.

While the feed is read, the process holds no transaction, lock or connection of the database: the lease prevents other
processes from reading the same feed, and the rows are stored in a spool. One short transaction then writes them all.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack

from balances.feed.attempt import Attempt
from balances.feed.errors import FeedError, FeedInconsistent, FeedInvalid, FeedUnreachable
from balances.feed.proof import Proof
from balances.feed.read_feed import read_feed
from balances.feed.settings import Feed
from balances.store import lease as leases
from balances.store.lease import Lease, Progress, RefreshRefused
from balances.store.snapshot_builder import SnapshotBuilder
from balances.store.snapshot_writer import analyze, record_failure, write_snapshot
from chassis.database.pool import Database
from chassis.errors import RequestError, Unavailable

OUTCOMES: Sequence[tuple[type[FeedError], str]] = (
    (FeedUnreachable, "unreachable"),
    (FeedInconsistent, "inconsistent"),
    (FeedInvalid, "invalid"),
)


async def refresh(database: Database, feed: Feed, min_interval: float = 0) -> Proof:
    """Read a feed into the database, unless its last refresh began less than `min_interval` seconds ago.

    The result is recorded in the database, unless the database itself fails.

    Raises:
        RefreshRefused: another process reads the feed, or its last refresh began a short time ago.
        FeedError: the feed could not be read; its snapshot is unchanged.
        Unavailable: the database or the disk could not be used; the snapshot is unchanged.
    """
    lease = await leases.take(database, feed.name, min_interval)
    async with leases.given_back(database, lease):
        return await refresh_with_lease(database, feed, lease)


async def refresh_with_lease(database: Database, feed: Feed, lease: Lease) -> Proof:
    """Do what `refresh` does, with a lease that the caller has taken and gives back."""
    started = time.monotonic()
    progress = Progress()
    try:
        with ExitStack() as spools:  # a cancellation may come between building and writing
            async with leases.renewing(database, lease, progress):
                built, proof = await read_feed(feed, lambda attempt: _build(feed, attempt, progress, spools))
            await write_snapshot(database, feed, lease, built, proof, started)
    except FeedError as error:
        outcome = next(name for kind, name in OUTCOMES if isinstance(error, kind))
        await record_failure(database, feed, started, outcome, str(error))
        raise
    except (RefreshRefused, Unavailable):
        raise
    except OSError as error:
        detail = f"feed {feed.name}: its pages could not be written to a temporary file ({error})"
        await record_failure(database, feed, started, "unreachable", detail)
        raise Unavailable(f"{detail}; make room in the folder for temporary files", retry_after=60) from error
    except Exception as error:
        detail = error.detail if isinstance(error, RequestError) else f"{type(error).__name__}: {error}"
        detail = f"feed {feed.name}: an unexpected error, which is a fault of this program: {detail}"
        await record_failure(database, feed, started, "invalid", detail)
        raise
    await analyze(database)
    return proof


async def _build(feed: Feed, attempt: Attempt, progress: Progress, spools: ExitStack) -> SnapshotBuilder:
    builder = SnapshotBuilder(feed)
    spools.callback(builder.close)
    try:
        async for pages in attempt.through(builder.add):
            progress.pages, progress.rows, progress.expected_rows = pages, attempt.rows, attempt.expected_rows
        await asyncio.to_thread(builder.finish)
    except BaseException:
        builder.close()  # now, because the next attempt needs the space
        raise
    return builder
