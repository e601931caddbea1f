"""Keyset pagination: a cursor names the position of the last item, so later inserts shift nothing and repeat nothing.

An item that is inserted before the position of a cursor is not listed after it. If a list must not skip such items, its
SQL must ensure it, as the list of events does.
"""

import base64
import binascii
import zlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.errors import Malformed

T = TypeVar("T")

PAGE_BYTES = 1024 * 1024
"""Size limit of the items of a page, in bytes; one item may be larger."""

Limit = Annotated[
    int,
    Meta(
        ge=1,
        le=1000,
        description="Maximum number of items on a page. A page also ends at 1 MiB, so it may have fewer and a `next`",
    ),
]
CursorText = Annotated[
    str,
    Meta(
        max_length=500,
        description="`next` of the previous page, for the same list with the same filters in the same order. Empty"
        " for the first page, like none",
    ),
]


class Paging(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Query parameters of every list. A list with filters adds them in a subclass."""

    limit: Limit = 50
    cursor: CursorText | UnsetType = UNSET


NextCursor = Annotated[
    str | UnsetType,
    Meta(
        description="The `cursor` of the next page; absent only on the last page", examples=["WzE3OTQ1LDUwXQ"]
    ),
]


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list."""

    items: Annotated[Sequence[T], Meta(description="The items of this page, in the order of the list")]
    next: NextCursor = UNSET
    total: Annotated[
        int | UnsetType,
        Meta(
            description="Number of items on all pages together; absent unless the request asks for it",
            examples=[3],
        ),
    ] = UNSET


APART = ("limit", "cursor", "total", "count")
"""Query parameters that do not change which items a list has, or their order; they may change between pages."""


class Walk(Generic[T]):
    """One step of a client through a list: the filters, the position after which the page starts, and the page.

    Args:
        listing: name of the list; cursors of other lists are refused.
        query: query parameters of the request; all fields but those in `APART` are filters. The order counts as one.
        kind: type of a position: any type that msgspec encodes and decodes.
        first: position before the first item.
    """

    def __init__(self, listing: str, query: Paging, kind: type[T], first: T) -> None:
        self.limit = query.limit
        self.filters = {
            name: None if value is UNSET else value
            for name, value in msgspec.structs.asdict(query).items()
            if name not in APART
        }
        self._mark = _mark(listing, query)
        self.after = self._position(query.cursor, kind) if query.cursor else first

    @property
    def rows(self) -> int:
        """Number of rows to read: one more than the page has, which shows whether there is a next page."""
        return self.limit + 1

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the list's SQL: its filters, `after`, `rows` and `bytes`."""
        return {**self.filters, "after": self.after, "rows": self.rows, "bytes": PAGE_BYTES}

    def cursor(self, position: T) -> str:
        """The cursor for the items after a position."""
        raw = msgspec.json.encode((self._mark, position))
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def is_last(self, rows: Sequence[tuple[T, bytes]]) -> bool:
        """Whether the page of these rows is the last one; see `page`."""
        return len(rows) <= self.limit and _fitting([json for _, json in rows]) == len(rows)

    def page(self, rows: Sequence[tuple[T, bytes]], total: int | None = None) -> bytes:
        """The JSON of a page.

        Args:
            rows: position and JSON of up to `rows` items. There may be fewer, but at least two, if their JSON has more
                than `PAGE_BYTES`.
            total: number of items on all pages, if the request asks for it.
        """
        items = [json for _, json in rows[: self.limit]]
        del items[_fitting(items) :]
        body = b'{"items":[' + b",".join(items) + b"]"
        if len(items) < len(rows):
            body += b',"next":' + msgspec.json.encode(self.cursor(rows[len(items) - 1][0]))
        if total is not None:
            body += b',"total":%d' % total
        return body + b"}"

    def _position(self, cursor: str, kind: type[T]) -> T:
        """The position in a cursor.

        Raises:
            Malformed: the cursor is not from a page of this list with these filters.
        """
        with suppress(ValueError, binascii.Error, msgspec.DecodeError):
            raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), b"-_", validate=True)
            mark, position = msgspec.json.decode(raw, type=tuple[int, kind])  # type: ignore[valid-type]  # known at run time
            if mark == self._mark:
                return position
        raise Malformed(
            "The cursor does not belong to this list with these filters in this order."
            " Send `next` of the previous page unchanged, with the same other parameters."
        )


def _mark(listing: str, query: Paging) -> int:
    """A digest of the list and its filters, for its cursors.

    A parameter with its default does not count, so that a release may add one and still accept older cursors.
    """
    given = {
        field.name: value
        for field in msgspec.structs.fields(query)
        if field.name not in APART and (value := getattr(query, field.name)) != field.default
    }
    return zlib.crc32(msgspec.json.encode([listing, given], order="sorted"))


def _fitting(items: Sequence[bytes]) -> int:
    """Number of items that fit on a page, at least one."""
    if sum(map(len, items)) <= PAGE_BYTES:
        return len(items)
    size = 0
    for count, item in enumerate(items):
        size += len(item)
        if size > PAGE_BYTES:
            return max(count, 1)
    raise AssertionError("they do not all fit")
