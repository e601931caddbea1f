"""How far a list is settled: the number up to which all its rows are visible, and no further row can appear."""

from chassis.database.pool import Database
from chassis.database.queries import Queries

SETTLED = Queries("inventory.common", "sql/settled.sql")


async def settled_events(database: Database) -> int:
    """The number up to which the list of events is settled; read it before the list."""
    return await _number(database, SETTLED.events)


async def settled_notifications(database: Database) -> int:
    """The id up to which the list of notifications is settled; read it before the list."""
    return await _number(database, SETTLED.notifications)


async def _number(database: Database, statement: bytes) -> int:
    row = await database.row(statement)
    assert row is not None  # noqa: S101  a sequence always has a row
    number: int = row[0]
    return number
