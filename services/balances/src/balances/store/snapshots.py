"""Snapshots of feeds, as the last complete refresh stored them, and the states of the feeds."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from balances.feed.proof import Proof
from chassis.database.pool import Database
from chassis.database.queries import Queries
from chassis.errors import Unavailable

SQL = Queries("balances.store", "sql/snapshots.sql")


class SnapshotFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The members about the snapshot that every response has.

    Amounts are decimal numbers as text, in the feed's currency.
    """

    feed: Annotated[str, Meta(description="Name of the feed")]
    currency: Annotated[str, Meta(description="Currency of all amounts, as its ISO 4217 code")]
    pending_transactions: Annotated[
        int,
        Meta(
            description="Number of transactions that the bank has not booked yet. No other number includes them"
        ),
    ]
    pending_total: Annotated[str, Meta(description="Sum of the pending transactions, as a decimal number")]
    proof: Annotated[Proof, Meta(description="Evidence that the feed was read completely")]


Total = Annotated[str, Meta(description="Sum of all booked transactions, as a decimal number")]
TotalWithoutRepeats = Annotated[
    str,
    Meta(
        description="What the sum of all booked transactions would be if only one of each set of possible duplicates"
        " were counted, as a decimal number"
    ),
]


class Snapshot(SnapshotFacts, frozen=True, kw_only=True):
    """The snapshot of a feed, as the last complete refresh stored it."""

    total: Total
    total_if_repeats_removed: TotalWithoutRepeats


class LastRefresh(msgspec.Struct, frozen=True):
    """The result of the last refresh of a feed that has ended."""

    outcome: Annotated[
        Literal["complete", "unreachable", "invalid", "inconsistent"],
        Meta(
            description="`complete`: the snapshot is new. `unreachable`: there was no response, or not in time."
            " `invalid`: a response is not a valid page. `inconsistent`: the pages contradict each other. Unless it is"
            " complete, the snapshot before is kept"
        ),
    ]
    finished_at: Annotated[dt.datetime, Meta(description="When the refresh ended, in UTC")]
    seconds: Annotated[float, Meta(description="How long the refresh took, in seconds")]
    detail: Annotated[
        str,
        Meta(
            description="Why the refresh failed, or what is unusual about a complete one: that the feed has fewer rows"
            " than before. Empty if there is nothing to say"
        ),
    ]


class CurrentRefresh(msgspec.Struct, frozen=True):
    """A refresh that is under way, in whichever process. Its numbers are at most about a second old."""

    started_at: Annotated[dt.datetime, Meta(description="When the refresh began, in UTC")]
    pages: Annotated[
        int,
        Meta(description="Number of pages read so far. It starts again at 0 if the feed must be read again"),
    ]
    rows: Annotated[int, Meta(description="Number of rows read so far")]
    expected_rows: Annotated[
        int | None,
        Meta(
            description="Number of rows of the feed, as its first page states it; null before that page was read"
        ),
    ]


class FeedState(msgspec.Struct, frozen=True):
    """A configured feed: its snapshot, the result of the last refresh, and the refresh under way."""

    feed: Annotated[str, Meta(description="Name of the feed")]
    snapshot: Annotated[
        Snapshot | None, Meta(description="Snapshot of the feed; null if it has never been read completely")
    ] = msgspec.field(name="reading")
    last_refresh: Annotated[
        LastRefresh | None,
        Meta(description="Result of the last refresh that has ended; null if there was none"),
    ]
    current_refresh: Annotated[
        CurrentRefresh | None, Meta(description="The refresh that is under way; null if there is none")
    ]


class _Row(msgspec.Struct, frozen=True):
    """The columns of the table `reading` that are needed."""

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
    fetched_at: dt.datetime


_row_decoder = msgspec.json.Decoder(_Row)


async def current_snapshot(database: Database, feed: str) -> Snapshot:
    """The snapshot of a feed.

    Raises:
        Unavailable: no refresh of the feed has been complete yet.
    """
    row = await database.row(SQL.snapshot, {"feed": feed})
    if row is None:
        raise no_snapshot(feed)
    return decode_snapshot(row[0])


async def feed_states(database: Database, names: Sequence[str]) -> list[FeedState]:
    """The states of these feeds, in the same order."""
    return [_state(*row) for row in await database.rows(SQL.feeds, {"names": list(names)})]


def _state(feed: str, snapshot: str | None, *refreshes: Any) -> FeedState:
    outcome, finished_at, seconds, detail, started_at, pages, rows, expected_rows = refreshes
    last = current = None
    if outcome is not None:
        last = LastRefresh(outcome, finished_at.astimezone(dt.UTC), seconds, detail)
    if started_at is not None:
        current = CurrentRefresh(started_at.astimezone(dt.UTC), pages, rows, expected_rows)
    return FeedState(feed, None if snapshot is None else decode_snapshot(snapshot), last, current)


def decode_snapshot(text: str) -> Snapshot:
    """The snapshot from the JSON of its row."""
    row = _row_decoder.decode(text)

    def money(amount: Decimal) -> str:
        return f"{amount:.{row.digits}f}"

    return Snapshot(
        feed=row.feed,
        currency=row.currency,
        total=money(row.total),
        total_if_repeats_removed=money(row.total_if_repeats_removed),
        pending_transactions=row.pending,
        pending_total=money(row.pending_total),
        proof=Proof(
            row.feed, row.pages, row.rows, row.total_count, row.digest, row.fetched_at.astimezone(dt.UTC)
        ),
    )


def no_snapshot(feed: str) -> Unavailable:
    """The error for a feed that has no snapshot."""
    return Unavailable(
        f"The feed {feed!r} has not been read completely yet. POST /v1/refresh reads it,"
        " and GET /v1/feeds says how the last attempt ended.",
        retry_after=30,
    )
