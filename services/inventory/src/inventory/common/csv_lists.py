"""A list of the API as a CSV file, with the fields of its items as columns."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET
from starlette.responses import Response

from chassis.pages.csv_stream import Rows, respond_csv
from chassis.web.pagination import Page, Paging

Q = TypeVar("Q", bound=Paging)

ROWS = 1000
"""Number of rows that are read at a time."""


async def respond_list(
    name: str, kind: type[msgspec.Struct], query: Q, read: Callable[[Q], Awaitable[bytes]]
) -> Response:
    """All items that match the filters of a query.

    Args:
        name: name of the file, without `.csv`.
        kind: type of the items.
        query: the query of the list; its page is ignored.
        read: reads one page of the list, as JSON.
    """
    decoder: msgspec.json.Decoder[Page[Any]] = msgspec.json.Decoder(Page[kind])  # type: ignore[valid-type]  # known at run time

    async def next_page(cursor: str | None) -> tuple[Rows, str | None]:
        found = decoder.decode(await read(msgspec.structs.replace(query, limit=ROWS, cursor=cursor or UNSET)))
        return [msgspec.structs.astuple(item) for item in found.items], found.next or None

    return await respond_csv(name, kind.__struct_fields__, next_page)
