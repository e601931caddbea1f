"""A page's bytes to a `Page`, strictly: whatever is wrong is named by page, row, field and value."""

import datetime as dt
import re
from typing import Annotated

import msgspec
from msgspec import Meta

from balances.errors import AmountError, FeedInvalid, Place, shortened
from balances.feed import Feed
from balances.money import parse_amount
from balances.transaction import Page, Transaction, canonical_lines

Text = Annotated[str, Meta(max_length=500)]  # as much as an index takes in any script


class _Row(msgspec.Struct, gc=False):
    date: dt.date = msgspec.field(name="Date")
    ledger: Text = msgspec.field(name="Ledger")
    amount: str = msgspec.field(name="Amount")
    company: Text = msgspec.field(name="Company")


class _Body(msgspec.Struct, gc=False):
    total_count: Annotated[int, Meta(ge=0)] = msgspec.field(name="totalCount")
    page: int
    transactions: list[_Row]


_decoder = msgspec.json.Decoder(_Body)
_LOCATION = re.compile(r"^(.*) - at `\$(?:\.transactions\[(\d+)\])?(?:\.(\w+))?`$", re.DOTALL)
_MISSING = re.compile(r"required field `(\w+)`")


def is_cut(body: bytes | bytearray) -> bool:
    """Whether the JSON ends in its middle, as when the connection was lost before the end of the page."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        return str(error) == "Input data was truncated"
    except RecursionError:
        return False
    return False


def decode_page(feed: Feed, number: int, body: bytes | bytearray) -> Page:
    """The page that `body` is.

    Raises:
        FeedInvalid: it is not a page of this feed.
    """
    try:
        raw = _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _misshapen(feed, number, body, str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        kind = "HTML" if body.lstrip()[:1] == b"<" else f"not JSON ({error})"
        detail = f"the answer is {kind} where a page of JSON was expected: {shortened(bytes(body[:60]))}"
        raise FeedInvalid(feed.title, detail, Place(number)) from error
    if raw.page != number:
        detail = f"the page says that it is page {raw.page}"
        raise FeedInvalid(feed.title, detail, Place(number, None, "page"))
    if b"\\u0000" in body:
        _refuse_nul(feed, number, raw.transactions)
    digits = feed.digits
    try:
        transactions = [
            Transaction(row.date, row.ledger, parse_amount(row.amount, digits), row.company)
            for row in raw.transactions
        ]
    except AmountError:
        raise _bad_amount(feed, number, raw.transactions) from None
    return Page(number, raw.total_count, transactions, canonical_lines(transactions, digits))


def _bad_amount(feed: Feed, number: int, rows: list[_Row]) -> FeedInvalid:
    for position, row in enumerate(rows, 1):
        try:
            parse_amount(row.amount, feed.digits)
        except AmountError as error:
            place = Place(number, position, "Amount")
            detail = f"{shortened(row.amount)} {error} ({feed.currency})"
            return FeedInvalid(feed.title, detail, place)
    raise AssertionError("only called for a page with a bad amount")


def _refuse_nul(feed: Feed, number: int, rows: list[_Row]) -> None:
    for position, row in enumerate(rows, 1):
        for field, text in (("Ledger", row.ledger), ("Company", row.company)):
            if "\0" in text:
                detail = f"{shortened(text)} has a NUL character in it"
                raise FeedInvalid(feed.title, detail, Place(number, position, field))


def _misshapen(feed: Feed, number: int, body: bytes | bytearray, message: str) -> FeedInvalid:
    detail, row, field = message, None, None
    if found := _LOCATION.match(message):
        detail, row, field = found.groups()
    if missing := _MISSING.search(message):
        field = missing[1]
        detail = "is missing"
    else:
        detail += _value_at(body, row, field)
    return FeedInvalid(feed.title, detail, Place(number, int(row) + 1 if row else None, field))


def _value_at(body: bytes | bytearray, row: str | None, field: str | None) -> str:
    try:
        value = msgspec.json.decode(body)
        if row is not None:
            value = value["transactions"][int(row)]
        if field is not None:
            value = value[field]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LookupError, TypeError):
        return ""  # beyond the first error, the page is worse still
    return f"; it is {shortened(value)}"
