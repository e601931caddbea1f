"""The running balance of a snapshot over its whole time, with few enough points to be drawn."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from balances.store.snapshots import Snapshot, decode_snapshot, no_snapshot
from chassis.database.pool import Database
from chassis.database.queries import Queries

SQL = Queries("balances.store", "sql/balance_history.sql")

MOST_POINTS = 200
"""About the greatest number of points of a history."""


class Point(msgspec.Struct, frozen=True):
    """The balance at the end of a day."""

    date: dt.date
    balance: str


class BalanceHistory(msgspec.Struct, frozen=True):
    """The balance at the end of each day that has transactions, or of the last such day of each longer period."""

    snapshot: Snapshot
    period: str
    """`day`, or a longer period if there are many days: `week`, `month`, `year`, `decade` or `century`."""
    points: Sequence[Point]
    """In the order of their dates; empty if the feed has no booked transaction."""


async def balance_history(database: Database, feed: str) -> BalanceHistory:
    """The history of a feed's balance.

    Raises:
        SnapshotMissing: no refresh of the feed has been complete yet.
    """
    rows = await database.rows(SQL.balance_history, {"feed": feed, "most": MOST_POINTS})
    if not rows:
        raise no_snapshot(feed)
    snapshot, period, _, _ = rows[0]
    points = [Point(date, balance) for _, _, date, balance in rows if date is not None]
    return BalanceHistory(decode_snapshot(snapshot), period, points)
