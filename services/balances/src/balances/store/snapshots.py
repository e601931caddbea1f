"""Snapshots of feeds, as the last complete refresh stored them, and the states of the feeds."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from balances.feed.proof import Proof
from chassis.database.pool import Database
from chassis.database.queries import Queries
from chassis.errors import Unavailable

SQL = Queries("balances.store", "sql/snapshots.sql")


class SnapshotMissing(Unavailable):
    """The feed has no snapshot: no refresh of it has been complete yet."""


FeedName = Annotated[str, Meta(description="Name of the feed", examples=["bank"])]
CurrencyCode = Annotated[str, Meta(description="Currency of the amounts (ISO 4217)", examples=["CAD"])]
Total = Annotated[str, Meta(description="The sum of all booked transactions", examples=["18377.16"])]
TotalIfRepeatsRemoved = Annotated[
    str,
    Meta(
        description="The sum of all booked transactions if only one of each set of possible duplicates were counted",
        examples=["18377.16"],
    ),
]


class SnapshotFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The members about the snapshot that every response has.

    Amounts are decimal numbers as text, in the feed's currency.
    """

    feed: FeedName
    currency: CurrencyCode
    pending_transactions: Annotated[
        int,
        Meta(
            description="Number of transactions that the bank has not booked yet; no other number includes them",
            examples=[0],
        ),
    ]
    pending_total: Annotated[str, Meta(description="Sum of those transactions", examples=["0.00"])]
    proof: Annotated[Proof, Meta(description="Evidence that the feed was read completely")]


class Snapshot(SnapshotFacts, frozen=True, kw_only=True):
    """The snapshot of a feed, as the last complete refresh stored it."""

    total: Total
    total_if_repeats_removed: TotalIfRepeatsRemoved


class LastRefresh(msgspec.Struct, frozen=True):
    """The result of the last refresh of a feed."""

    outcome: Annotated[
        str,
        Meta(description="`complete`, `unreachable`, `invalid` or `inconsistent`", examples=["complete"]),
    ]
    finished_at: Annotated[dt.datetime, Meta(tz=True, description="When it ended")]
    seconds: Annotated[float, Meta(description="How long it took", examples=[0.4])]
    detail: Annotated[
        str,
        Meta(
            description="Why it failed, or what is unusual about a complete one: that the feed has fewer rows than"
            " before; otherwise empty",
            examples=[""],
        ),
    ]


class CurrentRefresh(msgspec.Struct, frozen=True):
    """A refresh that is under way, in whichever process."""

    started_at: Annotated[dt.datetime, Meta(tz=True, description="When it began")]
    pages: Annotated[int, Meta(description="Number of pages that were read until now")]
    rows: Annotated[int, Meta(description="Number of rows that were read until now")]
    expected_rows: Annotated[
        int | None,
        Meta(description="Number of rows that the feed says it has; null until its first page was read"),
    ]


class FeedState(msgspec.Struct, frozen=True):
    """A configured feed."""

    feed: FeedName
    snapshot: Annotated[
        Snapshot | None, Meta(description="Its snapshot; null until the first complete refresh")
    ] = msgspec.field(name="reading")
    last_refresh: Annotated[
        LastRefresh | None, Meta(description="The result of its last refresh; null before the first one")
    ]
    current_refresh: Annotated[
        CurrentRefresh | None,
        Meta(description="The refresh that is under way now; null if there is none", examples=[None]),
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
        SnapshotMissing: no refresh of the feed has been complete yet.
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


def no_snapshot(feed: str) -> SnapshotMissing:
    """The error for a feed that has no snapshot."""
    return SnapshotMissing(
        f"The feed {feed!r} has not been read completely yet. POST /v1/refresh reads it,"
        " and GET /v1/feeds says how the last attempt ended.",
        retry_after=30,
    )
