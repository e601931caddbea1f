"""The page of the vendors: clean and raw names, and the totals."""

from collections import Counter
from collections.abc import Iterable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from balances import permissions
from balances.api.lists import VENDORS, VendorsQuery
from balances.api.responses import ListedVendor
from balances.pages.feed_choice import FeedChoice, choose_feed
from balances.pages.list_pages import download, read_list, sum_of, view_of
from balances.pages.name_parameters import parameter_of
from balances.pages.snapshot_page import render_for_feed, snapshot_page
from chassis.pages.queries import page_query
from chassis.web.operations import Operation, page

PATH = "/ui/vendors"

COLUMNS = {
    "vendor": "clean",
    "raw_name": "raw",
    "kind": "kind",
    "confidence": "confidence",
    "rules": "rules",
    "transactions": "transactions",
    "total": "total",
    "currency": "currency",
}

RULES: Mapping[str, str] = {
    "spaces": "several spaces made one",
    "processor": "name of the payment processor removed",
    "exchange": "exchange rate removed",
    "masked-digits": "hidden card digits removed",
    "store-number": "store number removed",
    "province": "province removed",
    "city": "city removed",
    "glued-city": "city removed that follows without a space",
    "alias": "replaced by the alias in the settings",
}
"""What each rule for clean names did, in words."""


async def show_vendors(request: Request, choice: FeedChoice) -> Response:
    """`GET /ui/vendors`."""
    query = page_query(request, VendorsQuery)
    found = await read_list(request, choice, VENDORS, query)
    return render_for_feed(
        request,
        choice,
        "balances/vendors.html",
        view=view_of(request, choice, PATH, query, found),
        found=found,
        sum=sum_of(found),
        parameter_of=parameter_of,
        rules=RULES,
        spellings=_shared_beginnings(found.items),
    )


def _shared_beginnings(vendors: Iterable[ListedVendor]) -> Mapping[str, str]:
    """The first two words of the clean names that begin with the same two words as another one, by raw name."""
    words = {vendor.raw: vendor.clean.split() for vendor in vendors if vendor.kind != "payment"}
    beginnings = {raw: " ".join(some[:2]) for raw, some in words.items() if len(some) > 1}
    times = Counter(beginnings.values())
    return {raw: beginning for raw, beginning in beginnings.items() if times[beginning] > 1}


async def download_vendors(request: Request) -> Response:
    """`GET /ui/vendors.csv`."""
    query = page_query(request, VendorsQuery)
    return await download(request, choose_feed(request), VENDORS, query, COLUMNS)


PAGES: list[Operation] = [
    snapshot_page(PATH, "Vendors", show_vendors, permissions.VENDORS.to("list")),
    page(f"{PATH}.csv", download_vendors, "The vendors as CSV", permissions.VENDORS.to("list")),
]
