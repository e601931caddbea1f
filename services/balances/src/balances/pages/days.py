"""The page of the days, with the balance at the end of each."""

from starlette.requests import Request
from starlette.responses import Response

from balances import permissions
from balances.api.lists import DAYS, DayOrder, DaysQuery
from balances.api.routes import require_order
from balances.pages.feed_choice import FeedChoice, choose_feed
from balances.pages.list_pages import download, read_list, sum_of, view_of
from balances.pages.snapshot_page import render_for_feed, snapshot_page
from chassis.pages.queries import page_query
from chassis.web.operations import Operation, page

PATH = "/ui/days"

COLUMNS = {
    "date": "date",
    "transactions": "transactions",
    "amount": "amount",
    "balance": "balance",
    "currency": "currency",
}


class LatestDaysQuery(DaysQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of the page, which shows the latest day first."""

    sort: DayOrder = "-date"


async def show_days(request: Request, choice: FeedChoice) -> Response:
    """`GET /ui/days`."""
    query = page_query(request, LatestDaysQuery)
    require_order(query)
    found = await read_list(request, choice, DAYS, query)
    return render_for_feed(
        request,
        choice,
        "balances/days.html",
        view=view_of(request, choice, PATH, query, found),
        found=found,
        sum=sum_of(found),
    )


async def download_days(request: Request) -> Response:
    """`GET /ui/days.csv`."""
    query = page_query(request, LatestDaysQuery)
    require_order(query)
    return await download(request, choose_feed(request), DAYS, query, COLUMNS)


PAGES: list[Operation] = [
    snapshot_page(PATH, "Days", show_days, permissions.BALANCES.to("list")),
    page(f"{PATH}.csv", download_days, "The days as CSV", permissions.BALANCES.to("list")),
]
