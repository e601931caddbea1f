"""The lists of the API, each described once.

A new list needs a struct for its items in `responses`, a statement in `store/sql/lists.sql`, a description here, and an
endpoint in `routes`.
"""

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from balances import permissions
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
from chassis.access.permissions import Permission
from chassis.validation.patterns import TEXT
from chassis.web.pagination import Paging

Count = Annotated[
    bool,
    Meta(
        description="Whether the page has the number of items that match, on all pages (`count`). Default: false"
    ),
]
CategoryName = Annotated[
    str,
    Meta(
        pattern=TEXT,
        max_length=500,
        description="Only transactions of this category. Empty: those without a category. Default: all",
    ),
]
VendorName = Annotated[
    str,
    Meta(
        pattern=TEXT,
        max_length=500,
        description="Only transactions of the vendor with this raw name, exactly as the feed has it. Default: all",
    ),
]
Direction = Annotated[
    Literal["in", "out"],
    Meta(description="`in`: only amounts above zero; `out`: only amounts below zero. Default: all"),
]
From = Annotated[dt.date, Meta(description="Only from this date on, as YYYY-MM-DD. Default: from the first")]
To = Annotated[
    dt.date, Meta(description="Only up to this date and including it, as YYYY-MM-DD. Default: to the last")
]


def _search(fields: str) -> Meta:
    return Meta(
        pattern=TEXT,
        max_length=200,
        description=f"Only items that contain this text, in upper or lower case, in {fields}. Spaces at its start and"
        " end are ignored. Empty: all. Default: all",
    )


TransactionSearch = Annotated[str, _search("the category, or in the raw or clean name of the vendor")]
CategorySearch = Annotated[str, _search("the name")]
VendorSearch = Annotated[str, _search("the raw or clean name")]
DayOrder = Annotated[
    Literal["date", "-date"],
    Meta(description="Order of the items; with a minus sign, descending. Default: `date`"),
]
TransactionOrder = Annotated[
    Literal["position", "-position", "date", "-date", "amount", "-amount"],
    Meta(
        description="Order of the items; with a minus sign, descending. Equal items are in the order of the feed, or in"
        " the opposite order if the order is descending. Default: `position`, the order of the feed"
    ),
]
SumOrder = Annotated[
    Literal["name", "-name", "total", "-total", "transactions", "-transactions"],
    Meta(
        description="Order of the items; with a minus sign, descending. `transactions` is their number. Equal items are"
        " in the order of their names, or in the opposite order if the order is descending. Default: `name`"
    ),
]


class ListQuery(Paging, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Query parameters of every list."""

    feed: FeedParameter | UnsetType = UNSET
    count: Count = False


class DatesQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Query parameters of a list that can be filtered by date."""

    since: From | UnsetType = msgspec.field(default=UNSET, name="from")
    until: To | UnsetType = msgspec.field(default=UNSET, name="to")


class DaysQuery(DatesQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Query parameters of the list of days."""

    sort: DayOrder = "date"


class TransactionsQuery(DatesQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Query parameters of the list of transactions."""

    category: CategoryName | UnsetType = UNSET
    vendor: VendorName | UnsetType = UNSET
    direction: Direction | UnsetType = UNSET
    q: TransactionSearch | UnsetType = UNSET
    sort: TransactionOrder = "position"


class CategoriesQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Query parameters of the list of categories."""

    q: CategorySearch | UnsetType = UNSET
    sort: SumOrder = "name"


class VendorsQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Query parameters of the list of vendors."""

    q: VendorSearch | UnsetType = UNSET
    sort: SumOrder = "name"


class ListDescription(msgspec.Struct, frozen=True, kw_only=True):
    """One list of the API: its path, its query parameters, and the type of its pages."""

    name: str
    """The name of the list in its cursors. If it changes, the cursors that clients hold become invalid."""
    path: str
    summary: str
    """One line for the API documents."""
    needs: Permission
    """What the caller needs to read the list."""
    query: type[ListQuery] = ListQuery
    """Query parameters; those that are not in `ListQuery` are filters and the order: parameters of the statement."""
    page: type[Listing[Any]] | type[FilteredListing[Any]]
    """The JSON of a page; its items have the members that the statement puts into them."""
    statement: bytes
    """The statement in `store/sql/lists.sql`, which returns the items as JSON."""


DAYS = ListDescription(
    name="days",
    path="/v1/balances/daily",
    summary="List days, with the balance at the end of each",
    needs=permissions.BALANCES.to("list"),
    query=DaysQuery,
    page=FilteredListing[ListedDay],
    statement=SQL.days,
)
TRANSACTIONS = ListDescription(
    name="transactions",
    path="/v1/transactions",
    summary="List transactions, with their sum",
    needs=permissions.TRANSACTIONS.to("list"),
    query=TransactionsQuery,
    page=FilteredListing[ListedTransaction],
    statement=SQL.transactions,
)
CATEGORIES = ListDescription(
    name="categories",
    path="/v1/categories",
    summary="List categories, with their totals",
    needs=permissions.CATEGORIES.to("list"),
    query=CategoriesQuery,
    page=FilteredListing[ListedCategory],
    statement=SQL.categories,
)
VENDORS = ListDescription(
    name="vendors",
    path="/v1/vendors",
    summary="List vendors, with their totals",
    needs=permissions.VENDORS.to("list"),
    query=VendorsQuery,
    page=FilteredListing[ListedVendor],
    statement=SQL.vendors,
)
POSSIBLE_DUPLICATES = ListDescription(
    name="repeats",
    path="/v1/repeats",
    summary="List possible duplicates",
    needs=permissions.REPEATS.to("list"),
    page=Listing[ListedRepeat],
    statement=SQL.possible_duplicates,
)
