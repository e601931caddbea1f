"""A refresh: the feed is read, and only if it is complete does it take the place of the reading before.

While the feed is read, nothing of the database is held: the lease keeps other processes away, and what was read waits
in a spool. Then one short transaction writes it all.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import structlog

from balances.errors import FeedError, FeedInconsistent, FeedInvalid, FeedUnreachable
from balances.feed.attempt import Attempt, Proof, read
from balances.feed.settings import Feed
from balances.store import lease as leases
from balances.store.gathering import Gathering
from balances.store.lease import Lease, RefreshRefused
from chassis.database.connection import Connection
from chassis.database.pool import Database
from chassis.database.queries import Queries
from chassis.errors import RequestError, Unavailable

SCHEMA = "balances"
SQL = Queries("balances.store", "sql/refresh.sql")

WRITE_SECONDS = 120.0
"""For how long the lease is renewed before the write."""
STATEMENT_SECONDS = 60
"""How long one statement of the write may take."""

ENDING_SECONDS = 3.0
"""How long a process that ends waits for refreshes that it cut off."""

OUTCOMES: Sequence[tuple[type[FeedError], str]] = (
    (FeedUnreachable, "unreachable"),
    (FeedInconsistent, "inconsistent"),
    (FeedInvalid, "invalid"),
)

log = structlog.get_logger()


async def refresh(database: Database, feed: Feed, min_interval: float = 0) -> Proof:
    """Read the feed into the database, unless it was read less than `min_interval` seconds ago.

    However it ends, but for an error of the database, that is recorded.

    Raises:
        RefreshRefused: another process reads it, or it was read a short time ago.
        FeedError: the feed could not be read; the reading before stays.
        Unavailable: the database or the disk could not be used; the reading before stays.
    """
    lease = await leases.take(database, feed.title, min_interval)
    started = time.monotonic()
    try:
        async with leases.renewing(database, lease):
            gathering, proof = await read(feed, lambda attempt: _gather(feed, attempt))
        try:
            await _write(database, feed, lease, gathering, proof, started)
        finally:
            gathering.close()
    except FeedError as error:
        outcome = next(name for kind, name in OUTCOMES if isinstance(error, kind))
        await _record_failure(database, feed, started, outcome, str(error))
        raise
    except (RefreshRefused, Unavailable):
        raise
    except OSError as error:
        detail = f"feed {feed.title}: its pages could not be set aside on disk ({error})"
        await _record_failure(database, feed, started, "unreachable", detail)
        raise Unavailable(f"{detail}; make room in the folder for temporary files", retry_after=60) from error
    except Exception as error:
        detail = error.detail if isinstance(error, RequestError) else f"{type(error).__name__}: {error}"
        detail = f"feed {feed.title}: an unexpected error, which is a fault of this program: {detail}"
        await _record_failure(database, feed, started, "invalid", detail)
        raise
    finally:
        await leases.release(database, lease)
    await _analyze(database)
    return proof


async def _gather(feed: Feed, attempt: Attempt) -> Gathering:
    gathering = Gathering(feed)
    try:
        async for _ in attempt.through(gathering.add):
            pass
        await asyncio.to_thread(gathering.finish)
    except BaseException:
        gathering.close()
        raise
    return gathering


async def _write(
    database: Database, feed: Feed, lease: Lease, gathering: Gathering, proof: Proof, started: float
) -> None:
    await leases.renew(database, lease, WRITE_SECONDS)
    async with database.transaction() as connection:
        await connection.execute(SQL.limit_statements, {"milliseconds": STATEMENT_SECONDS * 1000})
        locked = await connection.execute(SQL.lock, {"feed": feed.title})
        if await locked.fetchone() != (True,):
            raise leases.under_way(feed.title)
        removed = await (await connection.execute(SQL.remove, {"feed": feed.title})).fetchone()
        values = {
            **msgspec.structs.asdict(proof),
            "feed": feed.title,
            "currency": feed.currency,
            "digits": feed.digits,
            "pending": gathering.pending,
            **gathering.totals,
        }
        (reading_id,) = await (await connection.execute(SQL.insert, values)).fetchone() or (0,)
        await connection.execute(SQL.check_references_at_once)
        await _copy(connection, SQL.copy_transactions, gathering.transactions(reading_id))
        await _copy(connection, SQL.copy_days, gathering.days(reading_id))
        await _copy(connection, SQL.copy_categories, gathering.categories(reading_id))
        await _copy(connection, SQL.copy_vendors, gathering.vendors(reading_id))
        await _copy(connection, SQL.copy_repeats, gathering.repeats(reading_id))
        note = _shrunk(proof.rows, removed[0] if removed else 0)
        await connection.execute(SQL.record, _outcome(feed, started, "complete", note))
        if await (await connection.execute(leases.SQL.release, lease.values())).fetchone() is None:
            raise leases.under_way(feed.title)  # it expired, and somebody else reads the feed
    if note:
        log.warning("The feed has shrunk", feed=feed.title, detail=note)


async def _copy(connection: Connection, query: bytes, blocks: Iterator[str]) -> None:
    async with connection.cursor() as cursor, cursor.copy(query) as copy:
        while block := await asyncio.to_thread(next, blocks, ""):
            await copy.write(block)


def _shrunk(rows: int, before: int) -> str:
    """What is remarkable about a complete reading; it may be right, so it is only said."""
    if rows >= before:
        return ""
    return f"the feed has {rows} rows, and had {before} in the reading before"


async def _record_failure(database: Database, feed: Feed, started: float, outcome: str, detail: str) -> None:
    try:
        await database.row(SQL.record, _outcome(feed, started, outcome, detail))
    except Unavailable as error:
        log.warning("A failed refresh could not be recorded", feed=feed.title, error=error.detail)


def _outcome(feed: Feed, started: float, outcome: str, detail: str) -> dict[str, object]:
    seconds = time.monotonic() - started
    return {"feed": feed.title, "seconds": seconds, "outcome": outcome, "detail": detail}


async def _analyze(database: Database) -> None:
    try:
        async with database.transaction() as connection:
            await connection.execute(SQL.limit_statements, {"milliseconds": STATEMENT_SECONDS * 1000})
            await connection.execute(SQL.analyze)
    except RequestError as error:
        log.warning("The database could not update its statistics", error=error.detail)


class Refreshes:
    """The refreshes that requests have asked for, in this process: at most so many feeds at once, the others in turn.

    One of a feed that is read already is refused before anything is asked of the database, however many come at once.
    """

    def __init__(self, database: Database, at_once: int) -> None:
        self._database = database
        self._places = asyncio.Semaphore(at_once)
        self._under_way: dict[str, asyncio.Task[Any] | None] = {}

    async def refresh(self, feed: Feed) -> Proof:
        """As `refresh`, at most every `min_interval` seconds."""
        if feed.title in self._under_way:
            raise leases.under_way(feed.title)
        self._under_way[feed.title] = asyncio.current_task()
        try:
            async with self._places:
                return await refresh(self._database, feed, feed.min_interval)
        finally:
            del self._under_way[feed.title]

    @asynccontextmanager
    async def ended(self) -> AsyncIterator["Refreshes"]:
        """Those that are still under way at the end of the block are cut off, and give their leases back."""
        yield self
        left = [task for task in self._under_way.values() if task is not None]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=ENDING_SECONDS)
