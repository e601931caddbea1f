"""Error messages for pages that cannot be decoded: each says what is wrong, and in which row and field."""

import re

import msgspec

from balances.feed.errors import FeedInvalid, Place, shortened
from balances.feed.page_json import RawRows
from balances.feed.settings import Feed

Body = bytes | bytearray

# Patterns in msgspec's messages, which are compiled only if there is an error
LOCATION = r"(?s)^(.*) - at `\$(?:\.transactions\[(\d+)\])?(?:\.(\w+))?`$"
MISSING = r"required field `(\w+)`"


def not_json(feed: Feed, number: int, body: Body, reason: str) -> FeedInvalid:
    """The error for a page that is not JSON."""
    kind = "HTML" if body.lstrip()[:1] == b"<" else f"not JSON ({reason})"
    detail = f"the response is {kind}, but a page of JSON was expected: {shortened(bytes(body[:60]))}"
    return FeedInvalid(feed.name, detail, Place(number))


def not_utf_8(feed: Feed, number: int, body: Body) -> FeedInvalid:
    """The error for a page that is not UTF-8.

    It gives the position in the page; the position in msgspec's error is the one in the string with the invalid byte.
    """
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return FeedInvalid(
            feed.name,
            f"the response is not JSON: it has the byte 0x{body[error.start]:02x} at offset {error.start},"
            f" which is not UTF-8 ({error.reason})",
            Place(number, _row_at(body, error.start)),
        )
    return not_json(feed, number, body, "it is not UTF-8")


def wrong_structure(feed: Feed, number: int, body: Body, message: str) -> FeedInvalid:
    """The error for JSON that is not a page.

    Args:
        feed: the feed.
        number: the number of the page.
        body: the page.
        message: msgspec's message, which contains the position.
    """
    detail, row, field = message, None, None
    if found := re.match(LOCATION, message):
        detail, row, field = found.groups()
    if missing := re.search(MISSING, message):
        field = missing[1]
        detail = "is missing"
    else:
        detail += _value_at(body, row, field)
    return FeedInvalid(feed.name, detail, Place(number, int(row) + 1 if row else None, field))


def _row_at(body: Body, offset: int) -> int | None:
    """The row that contains a byte, counted from 1; None if the byte is in no row or the row is not known."""
    end = 0
    try:
        rows = msgspec.json.decode(body, type=RawRows).transactions
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    for position, row in enumerate(rows, 1):
        start = body.find(bytes(row), end)
        end = start + len(bytes(row))
        if start <= offset < end:
            return position
    return None


def _value_at(body: Body, row: str | None, field: str | None) -> str:
    try:
        value = msgspec.json.decode(body)
        if row is not None:
            value = value["transactions"][int(row)]
        if field is not None:
            value = value[field]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LookupError, TypeError):
        return ""  # the page has further errors, and its values cannot be looked up
    return f"; it is {shortened(value)}"
