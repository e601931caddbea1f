"""The last complete readings, read back from the database."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from balances.answers import FeedState, LastRefresh, Reading
from chassis.database import Database
from chassis.errors import Unavailable
from chassis.queries import Queries

SQL = Queries("balances", "sql/reading.sql")

_reading = msgspec.json.Decoder(Reading)


class Slice(msgspec.Struct, frozen=True):
    """Some items of a list in order, as JSON with their positions, and the reading they belong to."""

    reading: Reading
    items: Sequence[tuple[int, msgspec.Raw]]


async def reading(database: Database, feed: str) -> Reading:
    """The last complete reading of a feed.

    Raises:
        Unavailable: there is none yet.
    """
    row = await database.row(SQL.reading, {"feed": feed})
    if row is None:
        raise _unread(feed)
    return _reading.decode(row[0])


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
    return Slice(
        _reading.decode(found[0][0]),
        [(position, msgspec.Raw(item.encode())) for _, position, item in found if position is not None],
    )


async def feeds(database: Database, names: Sequence[str]) -> list[FeedState]:
    """How each of these feeds stands."""
    rows = await database.rows(SQL.feeds, {"names": list(names)})
    return [
        FeedState(
            name,
            None if found is None else _reading.decode(found),
            age_seconds,
            None if outcome is None else LastRefresh(outcome, finished_at, seconds, detail),
        )
        for name, found, age_seconds, outcome, finished_at, seconds, detail in rows
    ]


def _unread(feed: str) -> Unavailable:
    return Unavailable(
        f"The feed {feed!r} has not been read completely yet. POST /v1/refresh reads it,"
        " and GET /v1/feeds says how the last attempt ended.",
        retry_after=30,
    )
