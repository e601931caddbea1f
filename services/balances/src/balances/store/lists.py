"""The lists of a snapshot: its days, transactions, categories, vendors and possible duplicates."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from balances.store.snapshots import Snapshot, decode_snapshot, no_snapshot
from chassis.database.pool import Database
from chassis.database.queries import Queries

SQL = Queries("balances.store", "sql/lists.sql")


class ListItems(msgspec.Struct, frozen=True):
    """Some items of a list in order, with the snapshot that they belong to."""

    snapshot: Snapshot
    items: Sequence[tuple[int, msgspec.Raw]]
    """The position and the JSON of each item."""
    filtered_total: str | None
    """The sum of all items that match the filters, whichever page they are on; None for a list without filters."""


async def list_items(
    database: Database, statement: bytes, feed: str, after: int, rows: int, filters: Mapping[str, Any]
) -> ListItems:
    """Items of a list of a feed's snapshot.

    Args:
        database: the database.
        statement: the statement of the list, one of `SQL`.
        feed: name of the feed.
        after: the position after which the items start; 0 for the start of the list.
        rows: maximum number of items to return.
        filters: the other parameters of the statement.

    Raises:
        Unavailable: no refresh of the feed has been complete yet.
    """
    found = await database.rows(statement, {**filters, "feed": feed, "after": after, "rows": rows})
    if not found:
        raise no_snapshot(feed)
    snapshot, _, _, *totals = found[0]
    return ListItems(
        decode_snapshot(snapshot),
        [(position, msgspec.Raw(item.encode())) for _, position, item, *_ in found if position is not None],
        totals[0] if totals else None,
    )
