"""Keyset paging: a page knows where the next one starts, so that a list stays whole while it changes."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chassis.errors import Malformed

T = TypeVar("T")

Limit = Annotated[int, Meta(ge=1, le=1000, description="Most items on a page")]
CursorText = Annotated[
    str,
    Meta(
        max_length=500,
        description="`next` of the page before; opaque, and only for the same filters",
    ),
]


class Paging(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Query parameters of every list; a list with filters extends it."""

    limit: Limit = 50
    cursor: CursorText | None = None


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list; `next` is absent only on the last."""

    items: Sequence[T]
    next: str | UnsetType = UNSET


def encode(position: object) -> str:
    """The cursor for a position: any value that msgspec can write."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def decode(cursor: str | None, kind: type[T], first: T) -> T:
    """The position in a cursor, or `first` without one.

    Raises:
        Malformed: no list of this kind has given that cursor out.
    """
    if cursor is None:
        return first
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), b"-_", validate=True)
        return msgspec.json.decode(raw, type=kind)
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise Malformed(
            "The cursor is not one that this list gave out. Take `next` from the page before, as it is."
        ) from error


def page(rows: Sequence[tuple[object, bytes]], limit: int) -> bytes:
    """A page of rows that are JSON already, given as (position, JSON); ask the database for `limit` + 1."""
    items = b",".join(json for _, json in rows[:limit])
    if len(rows) <= limit:
        return b'{"items":[' + items + b"]}"
    return b'{"items":[' + items + b'],"next":' + msgspec.json.encode(encode(rows[limit - 1][0])) + b"}"
