"""The statement of the overview, and the function that runs it."""

from chassis.database.pool import Database
from chassis.database.queries import Queries
from inventory.overview.overview import FREEZERS

OVERVIEW = Queries("inventory.overview", "sql/overview.sql")


async def get_overview(database: Database) -> bytes:
    """The overview, as JSON."""
    row = await database.row(OVERVIEW.overview, {"freezers": FREEZERS})
    assert row is not None  # noqa: S101  the statement always returns one row
    return bytes(row[0], "utf-8")
