"""Pages of a list in the order of a key: each page starts after the last key of the page before."""

from typing import Annotated, TypeVar

from msgspec import Meta

from chassis.database.pool import Database
from chassis.web.pagination import Paging, Walk
from inventory.common.fields import GREATEST_ID

T = TypeVar("T")

IdPosition = Annotated[int, Meta(ge=0, le=GREATEST_ID)]
"""Position in a list in the order of ids; 0 is before the first row."""


async def page(
    database: Database, statement: bytes, listing: str, query: Paging, kind: type[T], first: T, **more: object
) -> bytes:
    """One page of a list, as JSON.

    Args:
        database: pool of the database with the rows.
        statement: returns position and JSON of each row, in order. Its parameters are those of a `Walk`.
        listing: name of the list.
        query: query parameters of the request; the fields that `Paging` does not have are parameters of the statement.
        kind: type of a position in this list.
        first: the position before the first row.
        more: further parameters of the statement.

    Raises:
        Malformed: the cursor is not from this list.
    """
    walk = Walk(listing, query, kind, first)
    rows = await database.rows(statement, {**walk.parameters, **more})
    return walk.page([(position, body.encode()) for position, body in rows])


async def page_by_id(database: Database, statement: bytes, listing: str, query: Paging) -> bytes:
    """One page of a list in the order of ids, as JSON; see `page`."""
    return await page(database, statement, listing, query, IdPosition, 0)
