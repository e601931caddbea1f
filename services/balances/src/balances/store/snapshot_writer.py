"""Writing a snapshot, and recording the result of a refresh."""

import asyncio
import time
from collections.abc import Iterator

import msgspec
import structlog

from balances.feed.proof import Proof
from balances.feed.settings import Feed
from balances.store import lease as leases
from balances.store.lease import Lease, Progress
from balances.store.snapshot_builder import SnapshotBuilder
from chassis.database.connection import Connection
from chassis.database.pool import Database
from chassis.database.queries import Queries
from chassis.errors import RequestError, Unavailable

SQL = Queries("balances.store", "sql/refresh.sql")

LEASE_SECONDS = 120.0
"""How long the lease lasts while the snapshot is written."""
STATEMENT_SECONDS = 60
"""Timeout of each statement that writes the snapshot."""

log = structlog.get_logger()


async def write_snapshot(
    database: Database, feed: Feed, lease: Lease, built: SnapshotBuilder, proof: Proof, started: float
) -> None:
    """Replace the snapshot of a feed in one transaction, record the complete refresh, and release the lease.

    Raises:
        RefreshUnderWay: another process has taken the lease.
        Unavailable: the database does not respond.
    """
    await leases.renew(database, lease, LEASE_SECONDS, Progress(proof.pages, proof.rows, proof.total_count))
    async with database.transaction() as connection:
        await connection.execute(SQL.limit_statements, {"milliseconds": STATEMENT_SECONDS * 1000})
        locked = await connection.execute(SQL.lock, {"feed": feed.name})
        if await locked.fetchone() != (True,):
            raise leases.under_way(feed.name)
        removed = await (await connection.execute(SQL.remove, {"feed": feed.name})).fetchone()
        values = {
            **msgspec.structs.asdict(proof),
            "feed": feed.name,
            "currency": feed.currency,
            "digits": feed.digits,
            "pending": built.pending,
            **built.totals,
        }
        (reading_id,) = await (await connection.execute(SQL.insert, values)).fetchone() or (0,)
        await connection.execute(SQL.check_references_at_once)
        await _copy(connection, SQL.copy_transactions, built.transactions(reading_id))
        await _copy(connection, SQL.copy_days, built.days(reading_id))
        await _copy(connection, SQL.copy_categories, built.categories(reading_id))
        await _copy(connection, SQL.copy_vendors, built.vendors(reading_id))
        await _copy(connection, SQL.copy_possible_duplicates, built.possible_duplicates(reading_id))
        warning = _fewer_rows(proof.rows, removed[0] if removed else 0)
        await connection.execute(SQL.record_result, _result(feed, started, "complete", warning))
        if await (await connection.execute(leases.SQL.release, lease.values())).fetchone() is None:
            raise leases.under_way(feed.name)  # the lease expired, and another process reads the feed
    if warning:
        log.warning("The feed has fewer rows than before", feed=feed.name, detail=warning)


async def record_failure(database: Database, feed: Feed, started: float, outcome: str, detail: str) -> None:
    """Record that a refresh failed; if the database does not respond, this is only logged."""
    try:
        await database.row(SQL.record_result, _result(feed, started, outcome, detail))
    except Unavailable as error:
        log.warning("A failed refresh could not be recorded", feed=feed.name, error=error.detail)


async def analyze(database: Database) -> None:
    """Update the planner's statistics; if the database cannot do it, this is only logged."""
    try:
        async with database.transaction() as connection:
            await connection.execute(SQL.limit_statements, {"milliseconds": STATEMENT_SECONDS * 1000})
            await connection.execute(SQL.analyze)
    except RequestError as error:
        log.warning("The database could not update its statistics", error=error.detail)


async def _copy(connection: Connection, statement: bytes, blocks: Iterator[str]) -> None:
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        while block := await asyncio.to_thread(next, blocks, ""):
            await copy.write(block)


def _fewer_rows(rows: int, before: int) -> str:
    """A warning if the feed has fewer rows than before, which may be correct; otherwise empty."""
    if rows >= before:
        return ""
    return f"the feed has {rows} rows; the snapshot before had {before}"


def _result(feed: Feed, started: float, outcome: str, detail: str) -> dict[str, object]:
    seconds = time.monotonic() - started
    return {"feed": feed.name, "seconds": seconds, "outcome": outcome, "detail": detail}
