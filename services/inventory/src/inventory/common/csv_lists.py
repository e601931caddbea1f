"""A list of the API as a CSV file, with the fields of its items as columns."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET
from starlette.responses import Response

from chassis.pages.csv_stream import Rows, respond_csv
from chassis.web.pagination import Page, Paging

Q = TypeVar("Q", bound=Paging)

ROWS = 1000
"""Number of rows that are read at a time."""


class Names(msgspec.Struct, frozen=True):
    """Columns with the names of the rows that a field refers to. They stand after the column of the field."""

    field: str
    """Field with the ids of the rows."""
    columns: Sequence[str]
    read: Callable[[Iterable[int]], Awaitable[Mapping[int, Sequence[str]]]]
    """The values of the columns, by id. Those of an id that is absent are empty."""


async def respond_list(
    name: str,
    kind: type[msgspec.Struct],
    query: Q,
    read: Callable[[Q], Awaitable[bytes]],
    names: Names | None = None,
) -> Response:
    """All items that match the filters of a query.

    Args:
        name: name of the file, without `.csv`.
        kind: type of the items.
        query: the query of the list; its page is ignored.
        read: reads one page of the list, as JSON.
        names: columns beside the fields of the items.
    """
    decoder: msgspec.json.Decoder[Page[Any]] = msgspec.json.Decoder(Page[kind])  # type: ignore[valid-type]  # known at run time
    columns = list(kind.__struct_fields__)
    after = columns.index(names.field) + 1 if names else 0

    async def next_page(cursor: str | None) -> tuple[Rows, str | None]:
        found = decoder.decode(await read(msgspec.structs.replace(query, limit=ROWS, cursor=cursor or UNSET)))
        rows = [list(map(_cell, msgspec.structs.astuple(item))) for item in found.items]
        if names:
            known = await names.read({row[after - 1] for row in rows})
            for row in rows:
                row[after:after] = known.get(row[after - 1], [""] * len(names.columns))
        return rows, found.next or None

    if names:
        columns[after:after] = names.columns
    return await respond_csv(name, columns, next_page)


def _cell(value: Any) -> Any:
    """The value of a cell. Spreadsheets read a time in whole seconds, but not with microseconds."""
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value
