"""The page of the totals by category."""

from starlette.requests import Request
from starlette.responses import Response

from balances import permissions
from balances.api.lists import CATEGORIES, CategoriesQuery
from balances.pages.feed_choice import FeedChoice, choose_feed
from balances.pages.list_pages import download, read_list, sum_of, view_of
from balances.pages.name_parameters import parameter_of
from balances.pages.snapshot_page import render_for_feed, snapshot_page
from chassis.pages.queries import page_query
from chassis.web.operations import Operation, page

PATH = "/ui/categories"

COLUMNS = {"category": "name", "transactions": "transactions", "total": "total", "currency": "currency"}


async def show_categories(request: Request, choice: FeedChoice) -> Response:
    """`GET /ui/categories`."""
    query = page_query(request, CategoriesQuery)
    found = await read_list(request, choice, CATEGORIES, query)
    return render_for_feed(
        request,
        choice,
        "balances/categories.html",
        view=view_of(request, choice, PATH, query, found),
        found=found,
        sum=sum_of(found),
        parameter_of=parameter_of,
    )


async def download_categories(request: Request) -> Response:
    """`GET /ui/categories.csv`."""
    query = page_query(request, CategoriesQuery)
    return await download(request, choose_feed(request), CATEGORIES, query, COLUMNS)


PAGES: list[Operation] = [
    snapshot_page(PATH, "Categories", show_categories, permissions.CATEGORIES.to("list")),
    page(f"{PATH}.csv", download_categories, "The categories as CSV", permissions.CATEGORIES.to("list")),
]
