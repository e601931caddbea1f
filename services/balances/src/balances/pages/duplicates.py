"""The page of the possible duplicates, with the evidence that a person needs to decide."""

from starlette.requests import Request
from starlette.responses import Response

from balances import permissions
from balances.api.lists import POSSIBLE_DUPLICATES, ListQuery
from balances.pages.feed_choice import FeedChoice, choose_feed
from balances.pages.list_pages import download, read_list, view_of
from balances.pages.name_parameters import parameter_of
from balances.pages.snapshot_page import render_for_feed, snapshot_page
from chassis.pages.queries import page_query
from chassis.web.operations import Operation, page

PATH = "/ui/duplicates"

COLUMNS = {
    "date": "date",
    "vendor": "vendor",
    "category": "category",
    "amount": "amount",
    "currency": "currency",
    "count": "count",
    "excess": "excess",
    "adjacent": "adjacent",
    "out_of_order": "out_of_order",
    "places_page_and_row": "occurrences",
}

MOST_PLACES = 20
"""Greatest number of places that are shown for one set of possible duplicates."""


async def show_duplicates(request: Request, choice: FeedChoice) -> Response:
    """`GET /ui/duplicates`."""
    query = page_query(request, ListQuery)
    found = await read_list(request, choice, POSSIBLE_DUPLICATES, query)
    return render_for_feed(
        request,
        choice,
        "balances/duplicates.html",
        view=view_of(request, choice, PATH, query, found),
        found=found,
        parameter_of=parameter_of,
        most_places=MOST_PLACES,
    )


async def download_duplicates(request: Request) -> Response:
    """`GET /ui/duplicates.csv`."""
    query = page_query(request, ListQuery)
    return await download(request, choose_feed(request), POSSIBLE_DUPLICATES, query, COLUMNS)


PAGES: list[Operation] = [
    snapshot_page(PATH, "Possible duplicates", show_duplicates, permissions.REPEATS.to("list")),
    page(
        f"{PATH}.csv", download_duplicates, "The possible duplicates as CSV", permissions.REPEATS.to("list")
    ),
]
