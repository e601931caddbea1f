"""Pages of a list in one of its orders: each page starts after the last position of the page before."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from chassis.database.pool import Database
from chassis.database.queries import Queries
from chassis.web.pagination import Walk
from inventory.common.fields import GREATEST_ID
from inventory.common.list_query import ListQuery
from inventory.common.search import search_parameters

IdPosition = Annotated[int, Meta(ge=0, le=GREATEST_ID)]
"""Position in the order of ids."""

TextPosition = tuple[str, IdPosition]
"""Position in the order of a text: the first 50 characters in lower case, and the id."""

TimePosition = tuple[Annotated[datetime, Meta(tz=True)], IdPosition]
"""Position in the order of a time: the time, and the id."""


FEW = 1000
"""Up to this many rows that fulfil the conditions are sorted. If there are more, they are read in their order by an
index until the page is full; with few, that would read the whole table for one page."""


class Listing(msgspec.Struct, frozen=True):
    """A list under /v1: a cursor belongs to the list with this name."""

    name: str
    queries: Queries
    """The file with the blocks of the list."""
    positions: Mapping[str, Any]
    """The type of a position in each order, by the name of the order. The first order is the default."""
    start: Any = 0
    """The position before the first row in the default order. The first page starts there, so that all pages in this
    order have one statement, which is prepared once."""
    without_condition: frozenset[str] = frozenset()
    """The filters that choose a block, and so have no condition."""


async def page(
    database: Database,
    listing: Listing,
    query: ListQuery,
    *,
    block: str = "page",
    count: str = "count",
    more: Mapping[str, object] = MappingProxyType({}),
) -> bytes:
    """One page of a list, as JSON.

    Args:
        database: pool of the database with the rows.
        listing: the list.
        query: query parameters of the request. Each filter that is given is a condition and a parameter of the block.
        block: the block with the page. Its rows have position and JSON, in order.
        count: the block with the number of rows on all pages.
        more: further conditions, with their parameters.

    Raises:
        Malformed: the cursor is not from this list with these filters in this order.
    """
    default = next(iter(listing.positions))
    order: str = getattr(query, "sort", default)
    sort, descending = order.removeprefix("-"), order.startswith("-")
    walk: Walk[Any] = Walk(listing.name, query, listing.positions[sort], None)
    searched = search_parameters(getattr(query, "q", ""))
    filters = {
        name: value for name, value in walk.filters.items() if value is not None and name not in ("q", "sort")
    }
    position = listing.start if walk.after is None and order == default else walk.after
    parameters = {**walk.parameters, **filters, **more, **searched, **after(position)}
    conditions = {*filters, *more, *(["q"] if searched else [])} - listing.without_condition
    if "found" in listing.queries.lists and (searched or (filters and sort != default)):
        statement = listing.queries.statement("found", sort, conditions)
        found = [row for (row,) in await database.rows(statement, parameters | {"few": FEW})]
        if len(found) < FEW:
            conditions.add("found")
            parameters["found"] = found
    statement = listing.queries.statement(
        block, sort, conditions, descending=descending, following=position is not None
    )
    rows = [(position, body.encode()) for position, body in await database.rows(statement, parameters)]
    if not query.total:
        return walk.page(rows)
    if walk.after is None and walk.is_last(rows):
        return walk.page(rows, len(rows))
    counted = await database.row(listing.queries.statement(count, sort, conditions), parameters)
    assert counted is not None  # noqa: S101  a count has a row
    return walk.page(rows, counted[0])


def after(position: Any) -> dict[str, Any]:
    """The parameters for a position: `after_1`, `after_2`, …, and all of them as `after`."""
    if position is None:
        return {}
    values = list(position) if isinstance(position, tuple | list) else [position]
    return {"after": values} | {f"after_{number}": value for number, value in enumerate(values, 1)}
