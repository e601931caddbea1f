"""What the service answers, as types: for encoding, and for the OpenAPI document."""

import datetime as dt
from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from balances.feed.attempt import Proof
from balances.ledger.possible_duplicates import Occurrence

T = TypeVar("T")


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What every answer rests on; amounts are decimal strings in the feed's currency."""

    feed: str
    currency: str
    pending_transactions: int
    """How many transactions the bank has not booked yet; they are in no other number."""
    pending_total: str
    proof: Proof


class Reading(Basis, frozen=True, kw_only=True):
    """The last complete reading of a feed."""

    total: str
    """The sum of all booked transactions."""
    total_if_repeats_removed: str


class Listing(Reading, Generic[T], frozen=True, kw_only=True):
    """One page of a list; `next` is absent only on the last."""

    items: Sequence[T]
    next: str | UnsetType = UNSET


class FilteredListing(Basis, Generic[T], frozen=True, kw_only=True):
    """One page of a list that may be filtered; `next` is absent only on the last.

    Without filters it has the same totals as any other list. With filters it names both sums instead: that of all items
    that the filters choose, on whichever page, and that of the whole feed.
    """

    total: str | UnsetType = UNSET
    total_if_repeats_removed: str | UnsetType = UNSET
    filtered_total: str | UnsetType = UNSET
    feed_total: str | UnsetType = UNSET
    items: Sequence[T]
    next: str | UnsetType = UNSET


class ListedTransaction(msgspec.Struct, frozen=True):
    """A transaction; `position` counts from 1 through the feed."""

    position: int
    date: dt.date
    amount: str
    currency: str
    category: str
    vendor: str


class ListedDay(msgspec.Struct, frozen=True):
    """A day with transactions: what they come to, and the balance at its end."""

    date: dt.date
    balance: str
    currency: str
    amount: str
    transactions: int


class ListedCategory(msgspec.Struct, frozen=True):
    """A category; the name is empty where the feed gave none."""

    name: str
    total: str
    currency: str
    transactions: int


class ListedVendor(msgspec.Struct, frozen=True):
    """A vendor as the feed writes it, and the clean name with what made it."""

    clean: str
    raw: str
    kind: str
    confidence: str
    rules: Sequence[str]
    total: str
    currency: str
    transactions: int


class ListedRepeat(msgspec.Struct, frozen=True):
    """Transactions that are alike; `excess` is what all but one of them come to."""

    date: dt.date
    amount: str
    currency: str
    count: int
    excess: str
    category: str
    vendor: str
    occurrences: Sequence[Occurrence]
    adjacent: bool
    out_of_order: bool


class LastRefresh(msgspec.Struct, frozen=True):
    """How the last attempt at a feed ended: `complete`, `unreachable`, `invalid` or `inconsistent`.

    `detail` says why it failed, or what is remarkable about a complete one: that the feed has shrunk.
    """

    outcome: str
    finished_at: dt.datetime
    seconds: float
    detail: str


class FeedState(msgspec.Struct, frozen=True):
    """A configured feed: its last complete reading, and the last attempt at a new one."""

    feed: str
    reading: Reading | None
    last_refresh: LastRefresh | None


class FeedStates(msgspec.Struct, frozen=True):
    """All configured feeds; the first is the one that is answered for where none is named."""

    items: Sequence[FeedState]
