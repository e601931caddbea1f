"""The JSON of responses, as types: for encoding, and for the OpenAPI document."""

import datetime as dt
from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from balances.ledger.possible_duplicates import Occurrence
from balances.store.snapshots import FeedState, Snapshot, SnapshotFacts

T = TypeVar("T")


class Listing(Snapshot, Generic[T], frozen=True, kw_only=True):
    """One page of a list; `next` is absent only on the last page."""

    count: int | UnsetType = UNSET
    items: Sequence[T]
    next: str | UnsetType = UNSET


class FilteredListing(SnapshotFacts, Generic[T], frozen=True, kw_only=True):
    """One page of a list that has filters; `next` is absent only on the last page.

    If the request has no filters, the page has the same totals as any other list. If the request has filters, the page
    has two other totals: `filtered_total` is the sum of all items that match the filters, whichever page they are on,
    and `feed_total` is the sum of all items.
    """

    total: str | UnsetType = UNSET
    total_if_repeats_removed: str | UnsetType = UNSET
    filtered_total: str | UnsetType = UNSET
    feed_total: str | UnsetType = UNSET
    count: int | UnsetType = UNSET
    items: Sequence[T]
    next: str | UnsetType = UNSET


class ListedTransaction(msgspec.Struct, frozen=True):
    """A transaction; `position` is its position among the booked transactions of the feed, counted from 1."""

    position: int
    date: dt.date
    amount: str
    currency: str
    category: str
    vendor: str


class ListedDay(msgspec.Struct, frozen=True):
    """A day that has transactions: their sum (`amount`), and the balance at the end of the day."""

    date: dt.date
    balance: str
    currency: str
    amount: str
    transactions: int


class ListedCategory(msgspec.Struct, frozen=True):
    """A category; the name is empty if the feed gave none."""

    name: str
    total: str
    currency: str
    transactions: int


class ListedVendor(msgspec.Struct, frozen=True):
    """A vendor: its raw name, as the feed has it, and its clean name with the rules that made it."""

    clean: str
    raw: str
    kind: str
    confidence: str
    rules: Sequence[str]
    total: str
    currency: str
    transactions: int


class ListedRepeat(msgspec.Struct, frozen=True):
    """Possible duplicates: two or more equal transactions; `excess` is the sum of all of them but one."""

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


class FeedStates(msgspec.Struct, frozen=True):
    """All configured feeds; the first one is used for requests that name no feed."""

    items: Sequence[FeedState]
