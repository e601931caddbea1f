"""Notifications that could not be delivered: pages of events and of notifications say how many there are."""

from chassis.database.pool import Database
from chassis.database.queries import Queries

SQL = Queries("inventory.common", "sql/undelivered.sql")


async def count_undelivered(database: Database) -> int:
    """How many notifications are dead."""
    row = await database.row(SQL.count)
    assert row is not None  # noqa: S101  a count is always one row
    count: int = row[0]
    return count
