"""Keyset paging: a page says after which position the next one starts, so nothing is listed twice or shifted.

What gets a position before a cursor after the cursor was given out is skipped. A list that promises more must see to it
in its SQL, as the list of events does.
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
"""Most bytes of the items of a page, unless its first item alone has more."""

Limit = Annotated[
    int,
    Meta(
        ge=1,
        le=1000,
        description="Most items on a page. A page also ends at 1 MiB: `next` may be given although fewer came",
    ),
]
CursorText = Annotated[
    str,
    Meta(
        max_length=500,
        description="`next` of the page before; opaque, and only for the same filters. Empty is the first page",
    ),
]


class Paging(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Query parameters of every list; a list with filters extends it."""

    limit: Limit = 50
    cursor: CursorText | UnsetType = UNSET


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list; `next` is absent only on the last."""

    items: Sequence[T]
    next: str | UnsetType = UNSET


class Walk(Generic[T]):
    """A list that is walked page by page: which list, with which filters, and where it goes on.

    Args:
        listing: name of the list; its cursors are of no use to another.
        query: what the caller asked for; its fields beyond paging are filters.
        kind: type of a position: anything that msgspec reads and writes.
        first: the position before the first item.
    """

    def __init__(self, listing: str, query: Paging, kind: type[T], first: T) -> None:
        self.limit = query.limit
        self.filters = {
            name: None if value is UNSET else value
            for name, value in msgspec.structs.asdict(query).items()
            if name not in ("limit", "cursor")
        }
        self._mark = zlib.crc32(msgspec.json.encode([listing, self.filters], order="sorted"))
        self.after = self._position(query.cursor, kind) if query.cursor else first

    @property
    def rows(self) -> int:
        """How many rows to ask for: one more than is shown tells whether there is a next page."""
        return self.limit + 1

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the list's SQL: its filters, `after`, `rows` and `bytes`."""
        return {**self.filters, "after": self.after, "rows": self.rows, "bytes": PAGE_BYTES}

    def cursor(self, position: T) -> str:
        """What leads to the items after a position."""
        raw = msgspec.json.encode((self._mark, position))
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def page(self, rows: Sequence[tuple[T, bytes]]) -> bytes:
        """A page of rows that are JSON already.

        Args:
            rows: (position, JSON) of `rows` items, if there are so many. They may be fewer once their JSON has more
                than `PAGE_BYTES`, but not fewer than two.
        """
        items = [json for _, json in rows[: self.limit]]
        del items[_fitting(items) :]
        body = b'{"items":[' + b",".join(items)
        if len(items) == len(rows):
            return body + b"]}"
        following = self.cursor(rows[len(items) - 1][0])
        return body + b'],"next":' + msgspec.json.encode(following) + b"}"

    def _position(self, cursor: str, kind: type[T]) -> T:
        """Where a cursor leads.

        Raises:
            Malformed: no page of this list, with these filters, has given it out.
        """
        with suppress(ValueError, binascii.Error, msgspec.DecodeError):
            raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), b"-_", validate=True)
            mark, position = msgspec.json.decode(raw, type=tuple[int, kind])  # type: ignore[valid-type]  # known at run time
            if mark == self._mark:
                return position
        raise Malformed(
            "The cursor is not one that this list gave out with these filters."
            " Take `next` from the page before, as it is, and repeat its other parameters."
        )


def _fitting(items: Sequence[bytes]) -> int:
    """How many items fit on a page; one always does."""
    if sum(map(len, items)) <= PAGE_BYTES:
        return len(items)
    size = 0
    for count, item in enumerate(items):
        size += len(item)
        if size > PAGE_BYTES:
            return max(count, 1)
    raise AssertionError("they do not all fit")
