"""What the pages of all lists do: read one page of a list of the API, and send the whole list as CSV."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response

from balances.api.list_pages import read_page
from balances.api.lists import ListDescription, ListQuery
from balances.api.responses import FilteredListing, Listing
from balances.pages.feed_choice import FeedChoice
from chassis.pages.csv_stream import Rows, respond_csv
from chassis.pages.lists import ListView
from chassis.pages.rendering import page_path

ROWS = 50
CSV_ROWS = 1000
"""Number of rows that are read at a time for a CSV file."""

Found = Listing[Any] | FilteredListing[Any]


async def read_list(
    request: Request, choice: FeedChoice, described: ListDescription, query: ListQuery, rows: int = ROWS
) -> Found:
    """One page of a list of the feed, with the number of its items on all pages.

    Raises:
        SnapshotMissing: the feed has no snapshot.
        Malformed: the cursor is invalid.
        Conflict: the snapshot has changed since the cursor was given out.
    """
    wanted = msgspec.structs.replace(query, feed=choice.feed.name, limit=rows, count=True)
    return _decoder(described.page).decode(await read_page(request, described, wanted))


def sum_of(found: Found) -> str:
    """The sum of the items that match the filters, on all pages."""
    if isinstance(found, FilteredListing) and found.filtered_total is not UNSET:
        return found.filtered_total
    assert found.total is not UNSET  # noqa: S101  a page has one of the two
    return found.total


def view_of(request: Request, choice: FeedChoice, path: str, query: ListQuery, found: Found) -> ListView[Any]:
    """What a page of a list shows."""
    return ListView(
        page_path(request, path),
        msgspec.structs.replace(query, feed=UNSET),
        found.items,
        found.next,
        found.count,
        kept=choice.kept,
    )


async def download(
    request: Request,
    choice: FeedChoice,
    described: ListDescription,
    query: ListQuery,
    columns: Mapping[str, str],
) -> Response:
    """The whole list as CSV.

    Args:
        request: the request.
        choice: the feed.
        described: the list.
        query: its filters and order.
        columns: for each column its name and the member of the items that it shows. A sequence is joined by spaces.
    """

    async def next_page(cursor: str | None) -> tuple[Rows, str | None]:
        part = msgspec.structs.replace(query, cursor=cursor or UNSET)
        found = await read_list(request, choice, described, part, CSV_ROWS)
        rows = [[_cell(getattr(item, member)) for member in columns.values()] for item in found.items]
        return rows, found.next or None

    name = "-".join([described.name, *choice.kept.values()])
    return await respond_csv(name, list(columns), next_page)


def _cell(value: Any) -> object:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else value


@functools.cache
def _decoder(kind: type[Found]) -> msgspec.json.Decoder[Found]:
    return msgspec.json.Decoder(kind)
