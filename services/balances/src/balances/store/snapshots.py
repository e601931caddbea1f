"""The last complete readings, read back from the database."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from balances.api.answers import FeedState, LastRefresh, Reading
from balances.feed.attempt import Proof
from chassis.database.pool import Database
from chassis.database.queries import Queries
from chassis.errors import Unavailable

SQL = Queries("balances.store", "sql/lists.sql")


class _Row(msgspec.Struct, frozen=True):
    """What is read of a row of the table `reading`."""

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
    fetched_at: datetime


_row = msgspec.json.Decoder(_Row)


class Slice(msgspec.Struct, frozen=True):
    """Some items of a list in order, as JSON with their positions, and the reading they belong to."""

    reading: Reading
    items: Sequence[tuple[int, msgspec.Raw]]
    filtered_total: str | None
    """The sum of all that the filters choose, on whichever page; None for a list without filters."""


async def reading(database: Database, feed: str) -> Reading:
    """The last complete reading of a feed.

    Raises:
        Unavailable: there is none yet.
    """
    row = await database.row(SQL.reading, {"feed": feed})
    if row is None:
        raise _unread(feed)
    return _reading(row[0])


async def items(
    database: Database, query: bytes, feed: str, after: int, rows: int, filters: Mapping[str, Any]
) -> Slice:
    """At most `rows` items of a list that come after a position.

    Raises:
        Unavailable: the feed has no complete reading yet.
    """
    found = await database.rows(query, {**filters, "feed": feed, "after": after, "rows": rows})
    if not found:
        raise _unread(feed)
    first, _, _, *totals = found[0]
    return Slice(
        _reading(first),
        [(position, msgspec.Raw(item.encode())) for _, position, item, *_ in found if position is not None],
        totals[0] if totals else None,
    )


async def feeds(database: Database, names: Sequence[str]) -> list[FeedState]:
    """How each of these feeds stands."""
    rows = await database.rows(SQL.feeds, {"names": list(names)})
    return [
        FeedState(
            name,
            None if found is None else _reading(found),
            None if outcome is None else LastRefresh(outcome, finished_at, seconds, detail),
        )
        for name, found, outcome, finished_at, seconds, detail in rows
    ]


def _reading(text: str) -> Reading:
    row = _row.decode(text)

    def money(amount: Decimal) -> str:
        return f"{amount:.{row.digits}f}"

    return Reading(
        feed=row.feed,
        currency=row.currency,
        total=money(row.total),
        total_if_repeats_removed=money(row.total_if_repeats_removed),
        pending_transactions=row.pending,
        pending_total=money(row.pending_total),
        proof=Proof(
            row.feed, row.pages, row.rows, row.total_count, row.digest, row.fetched_at.astimezone(UTC)
        ),
    )


def _unread(feed: str) -> Unavailable:
    return Unavailable(
        f"The feed {feed!r} has not been read completely yet. POST /v1/refresh reads it,"
        " and GET /v1/feeds says how the last attempt ended.",
        retry_after=30,
    )
