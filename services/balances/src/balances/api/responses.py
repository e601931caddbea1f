"""The JSON of responses, as types: for encoding, and for the OpenAPI document."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from balances.ledger.possible_duplicates import Occurrence
from balances.store.snapshots import FeedState, Snapshot, SnapshotFacts, Total, TotalWithoutRepeats

T = TypeVar("T")

ItemCount = Annotated[
    int, Meta(description="Number of items that match, on all pages. Only if the request has `count=true`")
]
NextPage = Annotated[
    str, Meta(description="Value of `cursor` for the next page. Absent only on the last page")
]
Currency = Annotated[str, Meta(description="Currency of the amounts, as its ISO 4217 code")]
CategoryOfTransaction = Annotated[
    str, Meta(description="Category, as the feed has it. Empty if the feed gave none")
]
RawVendor = Annotated[str, Meta(description="Raw name of the vendor, as the feed has it")]
SumOfAmounts = Annotated[str, Meta(description="Sum of the transactions, as a decimal number")]
TransactionCount = Annotated[int, Meta(description="Number of transactions")]


class Listing(Snapshot, Generic[T], frozen=True, kw_only=True):
    """One page of a list."""

    count: ItemCount | UnsetType = UNSET
    items: Annotated[Sequence[T], Meta(description="Items of this page, in order")]
    next: NextPage | UnsetType = UNSET


class FilteredListing(SnapshotFacts, Generic[T], frozen=True, kw_only=True):
    """One page of a list that has filters.

    If the request has no filters, the page has the same totals as any other list. If the request has filters, the page
    has two other totals, each with its own name.
    """

    total: Total | UnsetType = UNSET
    total_if_repeats_removed: TotalWithoutRepeats | UnsetType = UNSET
    filtered_total: (
        Annotated[
            str,
            Meta(
                description="Sum of all items that match the filters, on all pages, as a decimal number. Only if the"
                " request has filters"
            ),
        ]
        | UnsetType
    ) = UNSET
    feed_total: (
        Annotated[
            str,
            Meta(
                description="Sum of all booked transactions, as a decimal number. Only if the request has filters;"
                " otherwise it is called `total`"
            ),
        ]
        | UnsetType
    ) = UNSET
    count: ItemCount | UnsetType = UNSET
    items: Annotated[Sequence[T], Meta(description="Items of this page, in order")]
    next: NextPage | UnsetType = UNSET


class ListedTransaction(msgspec.Struct, frozen=True):
    """A booked transaction."""

    position: Annotated[
        int, Meta(description="Position among the booked transactions of the feed, counted from 1")
    ]
    date: Annotated[dt.date, Meta(description="Date of the transaction")]
    amount: Annotated[
        str, Meta(description="Amount, as a decimal number: above zero is money in, below zero is money out")
    ]
    currency: Currency
    category: CategoryOfTransaction
    vendor: RawVendor


class ListedDay(msgspec.Struct, frozen=True):
    """A day that has transactions."""

    date: Annotated[dt.date, Meta(description="The day")]
    balance: Annotated[
        str,
        Meta(
            description="Balance at the end of the day: the sum of all transactions up to then, as a decimal number."
            " Filters do not change it"
        ),
    ]
    currency: Currency
    amount: Annotated[str, Meta(description="Sum of the transactions of the day, as a decimal number")]
    transactions: Annotated[int, Meta(description="Number of transactions of the day")]


class ListedCategory(msgspec.Struct, frozen=True):
    """A category."""

    name: Annotated[str, Meta(description="Name of the category. Empty for transactions without a category")]
    total: SumOfAmounts
    currency: Currency
    transactions: TransactionCount


class ListedVendor(msgspec.Struct, frozen=True):
    """A vendor: its raw name, and its clean name with the rules that made it."""

    clean: Annotated[
        str,
        Meta(
            description="Name without the details that banks add, such as cities. Several raw names may have the same"
        ),
    ]
    raw: RawVendor
    kind: Annotated[
        Literal["vendor", "payment"],
        Meta(description="`payment` for a payment to the account, otherwise `vendor`"),
    ]
    confidence: Annotated[
        Literal["high", "medium", "low"], Meta(description="How certain it is that the clean name is right")
    ]
    rules: Annotated[
        Sequence[str],
        Meta(
            description="Names of the rules that made the clean name, in the order in which they were applied"
        ),
    ]
    total: SumOfAmounts
    currency: Currency
    transactions: TransactionCount


class ListedRepeat(msgspec.Struct, frozen=True):
    """Possible duplicates: two or more transactions with the same date, amount, category and raw vendor."""

    date: Annotated[dt.date, Meta(description="Date of each of the transactions")]
    amount: Annotated[str, Meta(description="Amount of each of the transactions, as a decimal number")]
    currency: Currency
    count: Annotated[int, Meta(description="Number of equal transactions, at least 2")]
    excess: Annotated[
        str,
        Meta(
            description="Sum of all of the transactions but one, as a decimal number: too much, if they are duplicates"
        ),
    ]
    category: CategoryOfTransaction
    vendor: RawVendor
    occurrences: Annotated[Sequence[Occurrence], Meta(description="Where the transactions are in the feed")]
    adjacent: Annotated[
        bool, Meta(description="Whether the transactions follow one another, without others between them")
    ]
    out_of_order: Annotated[
        bool,
        Meta(
            description="Whether one of the transactions is not in the order of dates, while the transactions before"
            " and after it are"
        ),
    ]


class FeedStates(msgspec.Struct, frozen=True):
    """All configured feeds."""

    items: Annotated[
        Sequence[FeedState],
        Meta(
            description="The feeds, in the order of the settings; the first is used for requests that name no feed"
        ),
    ]
