"""The first page: the total and why it can be trusted, the running balance, and what is worth a look."""

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from balances import permissions
from balances.api.lists import (
    CATEGORIES,
    DAYS,
    POSSIBLE_DUPLICATES,
    TRANSACTIONS,
    CategoriesQuery,
    DaysQuery,
    ListQuery,
    TransactionsQuery,
)
from balances.ledger.step_chart import DayBalance, step_chart
from balances.pages.feed_age import is_old
from balances.pages.feed_choice import FeedChoice
from balances.pages.list_pages import Found, read_list
from balances.pages.name_parameters import parameter_of
from balances.pages.refresh_results import RESULTS
from balances.pages.snapshot_page import render_for_feed, snapshot_page
from balances.store.balance_history import BalanceHistory, balance_history
from balances.store.names import clean_names
from balances.store.snapshots import FeedState, feed_states
from chassis.web.operations import Operation

WIDTH = 360
"""Width in pixels for which the chart has dates; on a wider page, it is stretched."""
HEIGHT = 200
LARGEST = 6
LATEST = 8
READS = 3
"""How often the parts of the page are read, until no refresh has come between them."""


class Parts(msgspec.Struct, frozen=True):
    """What the page shows, as it was read by several statements."""

    state: FeedState
    history: BalanceHistory
    latest: Found
    duplicates: Found
    highest: Found
    """The categories with the highest totals."""
    lowest: Found
    first_day: Found

    @property
    def are_consistent(self) -> bool:
        """Whether no refresh came between the statements."""
        lists = (self.latest, self.duplicates, self.highest, self.lowest, self.first_day)
        return all(one.proof == self.history.snapshot.proof for one in lists)


async def show_overview(request: Request, choice: FeedChoice) -> Response:
    """`GET /ui/`."""
    database, feed = request.state.database, choice.feed.name
    parts = await _read(request, choice)
    for _ in range(READS - 1):
        if not parts.are_consistent:
            parts = await _read(request, choice)
    points = parts.history.points
    balances = [Decimal(point.balance) for point in points]
    days = [DayBalance(point.date, balance) for point, balance in zip(points, balances, strict=True)]
    return render_for_feed(
        request,
        choice,
        "balances/overview.html",
        state=parts.state,
        snapshot=parts.history.snapshot,
        is_old=is_old(parts.history.snapshot),
        results=RESULTS,
        history=parts.history,
        chart=step_chart(days, WIDTH, HEIGHT),
        top=points[balances.index(max(balances))] if points else None,
        bottom=points[balances.index(min(balances))] if points else None,
        latest=parts.latest.items,
        clean=await clean_names(database, feed, (item.vendor for item in parts.latest.items)),
        days=_days(parts),
        duplicates=parts.duplicates.count,
        categories=_largest(parts),
        category_count=parts.highest.count,
        parameter_of=parameter_of,
    )


async def _read(request: Request, choice: FeedChoice) -> Parts:
    database, feed = request.state.database, choice.feed.name
    (state,) = await feed_states(database, [feed])
    history = await balance_history(database, feed)
    return Parts(
        state,
        history,
        await read_list(request, choice, TRANSACTIONS, TransactionsQuery(sort="-date"), LATEST),
        await read_list(request, choice, POSSIBLE_DUPLICATES, ListQuery(), 1),
        await read_list(request, choice, CATEGORIES, CategoriesQuery(sort="-total"), LARGEST),
        await read_list(request, choice, CATEGORIES, CategoriesQuery(sort="total"), LARGEST),
        await read_list(request, choice, DAYS, DaysQuery(), 1),
    )


def _days(parts: Parts) -> tuple[dt.date, dt.date] | None:
    """The first and the last day that has transactions; None if there is no such day."""
    points = parts.history.points
    return (parts.first_day.items[0].date, points[-1].date) if points else None


def _largest(parts: Parts) -> list[Any]:
    """The categories with the largest totals, above or below zero."""
    found = {category.name: category for category in [*parts.highest.items, *parts.lowest.items]}
    return sorted(found.values(), key=lambda category: abs(Decimal(category.total)), reverse=True)[:LARGEST]


NEEDS = (
    permissions.BALANCES.to("get"),
    permissions.BALANCES.to("list"),
    permissions.TRANSACTIONS.to("list"),
    permissions.CATEGORIES.to("list"),
    permissions.REPEATS.to("list"),
)
"""The page shows the total, and a part of each of these lists."""

PAGES: list[Operation] = [snapshot_page("/ui/", "Balances", show_overview, NEEDS)]
