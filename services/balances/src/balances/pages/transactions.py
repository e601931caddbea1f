"""The page of the transactions."""

from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from balances import permissions
from balances.api.lists import TRANSACTIONS, TransactionOrder, TransactionsQuery
from balances.api.responses import ListedTransaction
from balances.api.routes import require_order
from balances.pages.feed_choice import FeedChoice, choose_feed
from balances.pages.list_pages import download, read_list, sum_of, view_of
from balances.pages.name_parameters import name_of, parameter_of
from balances.pages.snapshot_page import render_for_feed, snapshot_page
from balances.store.names import category_names, clean_names, vendor_names
from balances.store.possible_duplicates import Facts, duplicates_among
from chassis.database.pool import Database
from chassis.pages.queries import page_query
from chassis.validation.patterns import TEXT
from chassis.web.operations import Operation, page

PATH = "/ui/transactions"

COLUMNS = {
    "position": "position",
    "date": "date",
    "amount": "amount",
    "currency": "currency",
    "category": "category",
    "vendor": "vendor",
}

NameParameter = Annotated[str, Meta(pattern=TEXT, max_length=4000)]

Choices = list[tuple[str, str]]
"""Parameter and text of each name that a filter offers."""


class TransactionsPageQuery(TransactionsQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of the page: names are written as parameters (`name_parameters`), and the latest day is first."""

    category: NameParameter | UnsetType = UNSET
    vendor: NameParameter | UnsetType = UNSET
    sort: TransactionOrder = "-date"


async def show_transactions(request: Request, choice: FeedChoice) -> Response:
    """`GET /ui/transactions`."""
    database: Database = request.state.database
    feed = choice.feed.name
    query = page_query(request, TransactionsPageQuery)
    asked = _asked(query)
    found = await read_list(request, choice, TRANSACTIONS, asked)
    return render_for_feed(
        request,
        choice,
        "balances/transactions.html",
        view=view_of(request, choice, PATH, query, found),
        found=found,
        sum=sum_of(found),
        clean=await clean_names(database, feed, {item.vendor for item in found.items}),
        duplicates=await duplicates_among(
            database, found.proof, {item.position: _facts(item) for item in found.items}
        ),
        categories=_choices(await category_names(database, feed), asked.category),
        vendors=_choices(await vendor_names(database, feed), asked.vendor),
        parameter_of=parameter_of,
    )


def _facts(item: ListedTransaction) -> Facts:
    return item.date, item.category, Decimal(item.amount), item.vendor


async def download_transactions(request: Request) -> Response:
    """`GET /ui/transactions.csv`."""
    asked = _asked(page_query(request, TransactionsPageQuery))
    return await download(request, choose_feed(request), TRANSACTIONS, asked, COLUMNS)


def _asked(query: TransactionsPageQuery) -> TransactionsPageQuery:
    """The query with the names themselves.

    Raises:
        Invalid: the first date is after the last.
    """
    require_order(query)
    return msgspec.structs.replace(
        query,
        category=UNSET if query.category is UNSET else name_of(query.category),
        vendor=UNSET if query.vendor is UNSET else name_of(query.vendor),
    )


def _choices(names: list[tuple[str, str]] | None, chosen: str | UnsetType) -> Choices:
    """What a filter offers: all names, or only the one that is chosen if there are too many."""
    if names is None:
        names = []
    if chosen is not UNSET and all(name != chosen for name, _ in names):
        names = [(chosen, chosen), *names]
    return [(parameter_of(name), text) for name, text in names]


PAGES: list[Operation] = [
    snapshot_page(PATH, "Transactions", show_transactions, permissions.TRANSACTIONS.to("list")),
    page(
        f"{PATH}.csv", download_transactions, "The transactions as CSV", permissions.TRANSACTIONS.to("list")
    ),
]
