"""The lists of a snapshot: its days, transactions, categories, vendors and possible duplicates."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from balances.store.optional_lines import with_lines_for
from balances.store.snapshots import Snapshot, decode_snapshot, no_snapshot
from chassis.database.pool import Database
from chassis.database.queries import Queries

SQL = Queries("balances.store", "sql/lists.sql")

MOST_NAMES = 2000
"""If a search finds this many vendors or categories, their names are not sent back to the database."""


class ListItems(msgspec.Struct, frozen=True):
    """Some items of a list in order, with the snapshot that they belong to."""

    snapshot: Snapshot
    items: Sequence[tuple[int, msgspec.Raw]]
    """The position and the JSON of each item."""
    filtered_count: int
    """How many items match the filters, on all pages."""
    filtered_total: str
    """The sum of all items that match the filters, on all pages."""


async def list_items(
    database: Database, statement: bytes, feed: str, after: int | None, rows: int, options: Mapping[str, Any]
) -> ListItems:
    """Items of a list of a feed's snapshot.

    Args:
        database: the database.
        statement: the statement of the list, one of `SQL`.
        feed: name of the feed.
        after: the position of the item after which the page starts; None for the start of the list.
        rows: maximum number of items to return.
        options: the other parameters of the statement: `sort`, and the filters, each of which may be None. `q` is the
            text to search for.

    Raises:
        Unavailable: no refresh of the feed has been complete yet.
    """
    parameters = {**options, "feed": feed, "after": after, "rows": rows, "vendors": None, "categories": None}
    if options["q"] is not None:
        parameters["q"] = _containing(options["q"])
        if statement == SQL.transactions:
            return await _search(database, parameters)
    return await _items(database, statement, parameters)


async def _search(database: Database, parameters: Mapping[str, Any]) -> ListItems:
    """Transactions whose vendor or category matches `q`: first the names are searched, because they are far fewer."""
    while True:
        row = await database.row(SQL.search, {**parameters, "most": MOST_NAMES})
        if row is None:
            raise no_snapshot(parameters["feed"])
        snapshot, vendors, categories = row
        if MOST_NAMES in (len(vendors), len(categories)):
            return await _items(database, SQL.transactions, parameters)
        names = {"q": None, "vendors": vendors, "categories": categories}
        found = await _items(database, SQL.transactions, {**parameters, **names})
        if found.snapshot == decode_snapshot(
            snapshot
        ):  # otherwise a refresh has come between the two statements
            return found


async def _items(database: Database, statement: bytes, parameters: Mapping[str, Any]) -> ListItems:
    # Not prepared: the best plan depends on the values, for example on how many transactions a vendor has
    found = await database.rows(with_lines_for(statement, parameters), parameters, prepare=False)
    if not found:
        raise no_snapshot(parameters["feed"])
    snapshot, filtered_count, filtered_total, *_ = found[0]
    return ListItems(
        decode_snapshot(snapshot),
        [(position, msgspec.Raw(item.encode())) for *_, position, item in found if position is not None],
        filtered_count,
        filtered_total,
    )


def _containing(text: str) -> str:
    r"""The pattern of ILIKE for texts that contain this one; its `%`, `_` and `\` stand for themselves."""
    for special in "\\%_":
        text = text.replace(special, f"\\{special}")
    return f"%{text}%"
