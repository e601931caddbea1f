"""The lists of the API, each described once.

A new list needs a struct for its items in `responses`, a statement in `store/sql/lists.sql`, a description here, and an
endpoint in `routes`.
"""

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from balances.api.feed_parameter import FeedParameter
from balances.api.responses import (
    FilteredListing,
    ListedCategory,
    ListedDay,
    ListedRepeat,
    ListedTransaction,
    ListedVendor,
    Listing,
)
from balances.store.lists import SQL
from chassis.validation.patterns import TEXT
from chassis.web.pagination import Paging

CategoryName = Annotated[
    str, Meta(pattern=TEXT, max_length=500, description="Only this category; empty: the one without a name")
]
From = Annotated[dt.date, Meta(description="Only from this day on")]
To = Annotated[dt.date, Meta(description="Only up to this day")]


class ListQuery(Paging, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Query parameters of every list."""

    feed: FeedParameter | UnsetType = UNSET


class DaysQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Query parameters of a list that can be filtered by date."""

    since: From | UnsetType = msgspec.field(default=UNSET, name="from")
    until: To | UnsetType = msgspec.field(default=UNSET, name="to")


class TransactionsQuery(DaysQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Query parameters of the list of transactions."""

    category: CategoryName | UnsetType = UNSET


class ListDescription(msgspec.Struct, frozen=True, kw_only=True):
    """One list of the API: its path, its query parameters, and the type of its pages."""

    name: str
    """The name of the list in its cursors. If it changes, the cursors that clients hold become invalid."""
    path: str
    summary: str
    """One line for the API documents."""
    query: type[ListQuery] = ListQuery
    """Query parameters; those that are not in `ListQuery` are filters, and parameters of the statement."""
    page: type[Listing[Any]] | type[FilteredListing[Any]]
    """The JSON of a page; its items have the members that the statement puts into them."""
    statement: bytes
    """The statement in `store/sql/lists.sql`, which returns the items as JSON."""


DAYS = ListDescription(
    name="days",
    path="/v1/balances/daily",
    summary="The balance at the end of each day",
    query=DaysQuery,
    page=FilteredListing[ListedDay],
    statement=SQL.days,
)
TRANSACTIONS = ListDescription(
    name="transactions",
    path="/v1/transactions",
    summary="Transactions, in the feed's order",
    query=TransactionsQuery,
    page=FilteredListing[ListedTransaction],
    statement=SQL.transactions,
)
CATEGORIES = ListDescription(
    name="categories",
    path="/v1/categories",
    summary="Totals by category",
    page=Listing[ListedCategory],
    statement=SQL.categories,
)
VENDORS = ListDescription(
    name="vendors",
    path="/v1/vendors",
    summary="Vendors, with clean names and totals",
    page=Listing[ListedVendor],
    statement=SQL.vendors,
)
POSSIBLE_DUPLICATES = ListDescription(
    name="repeats",
    path="/v1/repeats",
    summary="Possible duplicates: equal transactions, with the evidence",
    page=Listing[ListedRepeat],
    statement=SQL.possible_duplicates,
)
