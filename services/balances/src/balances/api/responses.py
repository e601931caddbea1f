"""The JSON of responses, as types: for encoding, and for the OpenAPI document."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from balances.ledger.possible_duplicates import Occurrence
from balances.store.snapshots import (
    CurrencyCode,
    FeedState,
    Snapshot,
    SnapshotFacts,
    Total,
    TotalIfRepeatsRemoved,
)
from chassis.web.pagination import NextCursor

T = TypeVar("T")

Date = Annotated[dt.date, Meta(description="Day of the booking")]
Amount = Annotated[
    str,
    Meta(description="Decimal amount in `currency`; negative for money that was spent", examples=["-227.35"]),
]
Sum = Annotated[str, Meta(description="Sum of its transactions", examples=["-227.35"])]
Transactions = Annotated[int, Meta(description="Number of transactions", examples=[3])]
Category = Annotated[
    str, Meta(description="Name of the category; empty if the feed gives none", examples=["Travel"])
]
RawVendor = Annotated[
    str, Meta(description="Name of the vendor, as the feed has it", examples=["GRANVILLE ROOM VANCOUVER BC"])
]


MatchingItems = Annotated[
    int | UnsetType,
    Meta(
        description="Number of items on all pages together; absent unless the request asks for it",
        examples=[38],
    ),
]


class Listing(Snapshot, Generic[T], frozen=True, kw_only=True):
    """One page of a list; `next` is absent only on the last page."""

    count: MatchingItems = UNSET
    items: Annotated[Sequence[T], Meta(description="The items of this page")]
    next: NextCursor = UNSET


class FilteredListing(SnapshotFacts, Generic[T], frozen=True, kw_only=True):
    """One page of a list that has filters; `next` is absent only on the last page.

    If the request has no filters, the page has the same totals as any other list. If the request has filters, the page
    has two other totals: `filtered_total` is the sum of all items that match the filters, whichever page they are on,
    and `feed_total` is the sum of all items.
    """

    total: Total | UnsetType = UNSET
    total_if_repeats_removed: TotalIfRepeatsRemoved | UnsetType = UNSET
    filtered_total: (
        Annotated[
            str,
            Meta(
                description="The sum of all items that match the filters, whichever page they are on",
                examples=["-227.35"],
            ),
        ]
        | UnsetType
    ) = UNSET
    feed_total: (
        Annotated[str, Meta(description="The sum of all booked transactions", examples=["18377.16"])]
        | UnsetType
    ) = UNSET
    count: MatchingItems = UNSET
    items: Annotated[Sequence[T], Meta(description="The items of this page")]
    next: NextCursor = UNSET


class ListedTransaction(msgspec.Struct, frozen=True):
    """A transaction."""

    position: Annotated[
        int,
        Meta(description="Position among the booked transactions of the feed, counted from 1", examples=[1]),
    ]
    date: Date
    amount: Amount
    currency: CurrencyCode
    category: Category
    vendor: RawVendor


class ListedDay(msgspec.Struct, frozen=True):
    """A day that has transactions."""

    date: Date
    balance: Annotated[str, Meta(description="Balance at the end of the day", examples=["18377.16"])]
    currency: CurrencyCode
    amount: Annotated[str, Meta(description="Sum of the transactions of the day", examples=["-227.35"])]
    transactions: Transactions


class ListedCategory(msgspec.Struct, frozen=True):
    """A category."""

    name: Category
    total: Sum
    currency: CurrencyCode
    transactions: Transactions


class ListedVendor(msgspec.Struct, frozen=True):
    """A vendor."""

    clean: Annotated[
        str, Meta(description="Name without store numbers, cities and the like", examples=["GRANVILLE ROOM"])
    ]
    raw: RawVendor
    kind: Annotated[
        str, Meta(description="`vendor`, or `payment` for a payment to the account", examples=["vendor"])
    ]
    confidence: Annotated[
        str, Meta(description="Confidence in the clean name: `high`, `medium` or `low`", examples=["medium"])
    ]
    rules: Annotated[
        Sequence[str], Meta(description="Rules that made the clean name", examples=[["province", "city"]])
    ]
    total: Sum
    currency: CurrencyCode
    transactions: Transactions


class ListedRepeat(msgspec.Struct, frozen=True):
    """Possible duplicates: two or more equal transactions."""

    date: Date
    amount: Annotated[str, Meta(description="Amount of each of them", examples=["-13.50"])]
    currency: CurrencyCode
    count: Annotated[int, Meta(description="How many they are", examples=[2])]
    excess: Annotated[str, Meta(description="Sum of all of them but one", examples=["-13.50"])]
    category: Category
    vendor: RawVendor
    occurrences: Annotated[Sequence[Occurrence], Meta(description="Where they are in the feed")]
    adjacent: Annotated[
        bool, Meta(description="Whether they follow one another, without other transactions between them")
    ]
    out_of_order: Annotated[
        bool,
        Meta(
            description="Whether one of them is not in the order of dates, while the transactions before and after it"
            " are",
            examples=[False],
        ),
    ]


class FeedStates(msgspec.Struct, frozen=True):
    """All configured feeds."""

    items: Annotated[
        Sequence[FeedState],
        Meta(description="The feeds; the first one is used for requests that name no feed"),
    ]
