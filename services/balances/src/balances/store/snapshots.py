"""Snapshots of feeds, as the last complete refresh stored them, and the states of the feeds."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from balances.feed.proof import Proof
from chassis.database.pool import Database
from chassis.database.queries import Queries
from chassis.errors import Unavailable

SQL = Queries("balances.store", "sql/snapshots.sql")


class SnapshotFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The members about the snapshot that every response has.

    Amounts are decimal numbers as text, in the feed's currency.
    """

    feed: str
    currency: str
    pending_transactions: int
    """Number of transactions that the bank has not booked yet; no other number includes them."""
    pending_total: str
    proof: Proof


class Snapshot(SnapshotFacts, frozen=True, kw_only=True):
    """The snapshot of a feed, as the last complete refresh stored it."""

    total: str
    """The sum of all booked transactions."""
    total_if_repeats_removed: str
    """The sum of all booked transactions if only one of each set of possible duplicates were counted."""


class LastRefresh(msgspec.Struct, frozen=True):
    """The result of the last refresh of a feed: `complete`, `unreachable`, `invalid` or `inconsistent`.

    `detail` says why it failed, or what is unusual about a complete one: that the feed has fewer rows than before.
    """

    outcome: str
    finished_at: dt.datetime
    seconds: float
    detail: str


class CurrentRefresh(msgspec.Struct, frozen=True):
    """A refresh that is under way, in whichever process."""

    started_at: dt.datetime
    pages: int
    rows: int
    expected_rows: int | None


class FeedState(msgspec.Struct, frozen=True):
    """A configured feed: its snapshot (`reading`), the result of the last refresh, and the refresh under way."""

    feed: str
    snapshot: Snapshot | None = msgspec.field(name="reading")
    last_refresh: LastRefresh | None
    current_refresh: CurrentRefresh | None


class _Row(msgspec.Struct, frozen=True):
    """The columns of the table `reading` that are needed."""

    feed: str
    currency: str
    digits: int
    total: Decimal
    total_if_repeats_removed: Decimal
    pending: int
    pending_total: Decimal
    pages: int
    rows: int
    total_count: int
    digest: str
    fetched_at: dt.datetime


_row_decoder = msgspec.json.Decoder(_Row)


async def current_snapshot(database: Database, feed: str) -> Snapshot:
    """The snapshot of a feed.

    Raises:
        Unavailable: no refresh of the feed has been complete yet.
    """
    row = await database.row(SQL.snapshot, {"feed": feed})
    if row is None:
        raise no_snapshot(feed)
    return decode_snapshot(row[0])


async def feed_states(database: Database, names: Sequence[str]) -> list[FeedState]:
    """The states of these feeds, in the same order."""
    return [_state(*row) for row in await database.rows(SQL.feeds, {"names": list(names)})]


def _state(feed: str, snapshot: str | None, *refreshes: Any) -> FeedState:
    outcome, finished_at, seconds, detail, started_at, pages, rows, expected_rows = refreshes
    last = current = None
    if outcome is not None:
        last = LastRefresh(outcome, finished_at.astimezone(dt.UTC), seconds, detail)
    if started_at is not None:
        current = CurrentRefresh(started_at.astimezone(dt.UTC), pages, rows, expected_rows)
    return FeedState(feed, None if snapshot is None else decode_snapshot(snapshot), last, current)


def decode_snapshot(text: str) -> Snapshot:
    """The snapshot from the JSON of its row."""
    row = _row_decoder.decode(text)

    def money(amount: Decimal) -> str:
        return f"{amount:.{row.digits}f}"

    return Snapshot(
        feed=row.feed,
        currency=row.currency,
        total=money(row.total),
        total_if_repeats_removed=money(row.total_if_repeats_removed),
        pending_transactions=row.pending,
        pending_total=money(row.pending_total),
        proof=Proof(
            row.feed, row.pages, row.rows, row.total_count, row.digest, row.fetched_at.astimezone(dt.UTC)
        ),
    )


def no_snapshot(feed: str) -> Unavailable:
    """The error for a feed that has no snapshot."""
    return Unavailable(
        f"The feed {feed!r} has not been read completely yet. POST /v1/refresh reads it,"
        " and GET /v1/feeds says how the last attempt ended.",
        retry_after=30,
    )
