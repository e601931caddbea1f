"""A page's bytes to a `Page`, strictly: whatever is wrong is named by page, row, field and value."""

import codecs
import datetime as dt
import re
from typing import Annotated

import msgspec
from msgspec import Meta

from balances.errors import AmountError, FeedInvalid, Place, shortened
from balances.feed.settings import Feed
from balances.feed.unique_names import Repeated, require_unique_names
from balances.ledger.money import parse_amount
from balances.ledger.transaction import Page, Pending, Transaction, canonical_lines, canonical_lines_of_all

Text = Annotated[str, Meta(max_length=500)]  # as much as an index takes in any script
Bytes = bytes | bytearray


class _Row(msgspec.Struct, gc=False):
    date: dt.date = msgspec.field(name="Date")
    ledger: Text = msgspec.field(name="Ledger")
    amount: str = msgspec.field(name="Amount")
    company: Text = msgspec.field(name="Company")
    # What a feed may say beside that, written as it likes
    currency: str | None = None
    capital_currency: str | None = msgspec.field(name="Currency", default=None)
    pending: bool | None = None
    capital_pending: bool | None = msgspec.field(name="Pending", default=None)


class _Body(msgspec.Struct, gc=False):
    total_count: Annotated[int, Meta(ge=0)] = msgspec.field(name="totalCount")
    page: int
    transactions: list[_Row]
    currency: str | None = None
    capital_currency: str | None = msgspec.field(name="Currency", default=None)


class _RawRows(msgspec.Struct, gc=False):
    transactions: list[msgspec.Raw]


QUOTES_A_ROW = 16
"""Quotation marks of a row that has its four members, of which name and value are a string, and no others."""
OTHER_QUOTES = 6
"""Quotation marks of a page beside its rows: the names of its three members."""

_decoder = msgspec.json.Decoder(_Body)
_LOCATION = re.compile(r"^(.*) - at `\$(?:\.transactions\[(\d+)\])?(?:\.(\w+))?`$", re.DOTALL)
_MISSING = re.compile(r"required field `(\w+)`")


def is_cut(body: Bytes) -> bool:
    """Whether the JSON ends in its middle, as when the connection was lost before the end of the page."""
    try:
        msgspec.json.decode(_without_mark(body), type=msgspec.Raw)
    except msgspec.DecodeError as error:
        return str(error) == "Input data was truncated"
    except RecursionError:
        return False
    return False


def decode_page(feed: Feed, number: int, body: Bytes) -> Page:
    """The page that `body` is.

    Raises:
        FeedInvalid: it is not a page of this feed.
    """
    body = _without_mark(body)
    try:
        raw = _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _misshapen(feed, number, body, str(error)) from error
    except UnicodeDecodeError as error:
        raise _not_utf_8(feed, number, body) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise _not_json(feed, number, body, str(error)) from error
    if raw.page != number:
        detail = f"the page says that it is page {raw.page}"
        raise FeedInvalid(feed.title, detail, Place(number, None, "page"))
    if b"\\u0000" in body:
        _refuse_nul(feed, number, raw.transactions)
    # Every row has at least its four members. If there are no more strings than those, there is nothing else in it
    plain = body.count(b'"') == QUOTES_A_ROW * len(raw.transactions) + OTHER_QUOTES
    if not plain:
        _refuse_repeated_names(feed, number, body)
        _refuse_other_currencies(feed, number, raw)
    digits = feed.digits
    try:
        transactions = [
            Transaction(row.date, row.ledger, parse_amount(row.amount, digits), row.company)
            for row in raw.transactions
        ]
    except AmountError:
        raise _bad_amount(feed, number, raw.transactions) from None
    pending = [] if plain else _pending(raw.transactions)
    if not pending:
        return Page(number, raw.total_count, transactions, canonical_lines(transactions, digits))
    apart = set(pending)
    return Page(
        number,
        raw.total_count,
        [one for position, one in enumerate(transactions) if position not in apart],
        canonical_lines_of_all(transactions, pending, digits),
        [Pending(position + 1, transactions[position]) for position in pending],
    )


def _pending(rows: list[_Row]) -> list[int]:
    """The positions, from 0, of rows that say so."""
    return [position for position, row in enumerate(rows) if row.pending or row.capital_pending]


def _without_mark(body: Bytes) -> Bytes:
    """Without the byte order mark that some editors write; RFC 8259, section 8.1, allows to ignore it."""
    # Not `removeprefix`, which copies a bytearray even where it has no prefix
    return body[len(codecs.BOM_UTF8) :] if body.startswith(codecs.BOM_UTF8) else body  # noqa: FURB188


def _not_json(feed: Feed, number: int, body: Bytes, reason: str) -> FeedInvalid:
    kind = "HTML" if body.lstrip()[:1] == b"<" else f"not JSON ({reason})"
    detail = f"the answer is {kind} where a page of JSON was expected: {shortened(bytes(body[:60]))}"
    return FeedInvalid(feed.title, detail, Place(number))


def _not_utf_8(feed: Feed, number: int, body: Bytes) -> FeedInvalid:
    """The error for a byte that cannot be; msgspec's own position counts from the start of the string it is in."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return FeedInvalid(
            feed.title,
            f"the answer is not JSON: it has the byte 0x{body[error.start]:02x} at offset {error.start},"
            f" which is not UTF-8 ({error.reason})",
            Place(number, _row_at(body, error.start)),
        )
    return _not_json(feed, number, body, "it is not UTF-8")


def _row_at(body: Bytes, offset: int) -> int | None:
    """The row that has this byte, counted from 1; None where it is in none or cannot be told."""
    end = 0
    try:
        rows = msgspec.json.decode(body, type=_RawRows).transactions
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    for position, row in enumerate(rows, 1):
        start = body.find(bytes(row), end)
        end = start + len(bytes(row))
        if start <= offset < end:
            return position
    return None


def _refuse_repeated_names(feed: Feed, number: int, body: Bytes) -> None:
    try:
        require_unique_names(body)
    except Repeated as repeated:
        row = _row_with_repeated_names(body)
        detail = f"is in the {'page' if row is None else 'row'} twice"
        raise FeedInvalid(feed.title, detail, Place(number, row, repeated.name)) from None
    except UnicodeDecodeError as error:
        raise _not_utf_8(feed, number, body) from error
    except (ValueError, RecursionError) as error:
        raise _not_json(feed, number, body, str(error)) from error


def _row_with_repeated_names(body: Bytes) -> int | None:
    for position, row in enumerate(msgspec.json.decode(body, type=_RawRows).transactions, 1):
        try:
            require_unique_names(bytes(row))
        except Repeated:
            return position
    return None


def _refuse_other_currencies(feed: Feed, number: int, raw: _Body) -> None:
    known = {None, feed.currency}
    if not {raw.currency, raw.capital_currency} <= known:
        raise _other_currency(feed, Place(number), raw.currency, raw.capital_currency)
    rows = raw.transactions
    if {row.currency for row in rows} | {row.capital_currency for row in rows} <= known:
        return
    for position, row in enumerate(rows, 1):
        if not {row.currency, row.capital_currency} <= known:
            raise _other_currency(feed, Place(number, position), row.currency, row.capital_currency)


def _other_currency(feed: Feed, place: Place, small: str | None, capital: str | None) -> FeedInvalid:
    field, value = ("Currency", capital) if small in {None, feed.currency} else ("currency", small)
    detail = (
        f"{shortened(value)} is not the feed's currency, {feed.currency}; amounts in two cannot be added up"
    )
    return FeedInvalid(feed.title, detail, place._replace(field=field))


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


def _misshapen(feed: Feed, number: int, body: Bytes, message: str) -> FeedInvalid:
    detail, row, field = message, None, None
    if found := _LOCATION.match(message):
        detail, row, field = found.groups()
    if missing := _MISSING.search(message):
        field = missing[1]
        detail = "is missing"
    else:
        detail += _value_at(body, row, field)
    return FeedInvalid(feed.title, detail, Place(number, int(row) + 1 if row else None, field))


def _value_at(body: Bytes, row: str | None, field: str | None) -> str:
    try:
        value = msgspec.json.decode(body)
        if row is not None:
            value = value["transactions"][int(row)]
        if field is not None:
            value = value[field]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LookupError, TypeError):
        return ""  # beyond the first error, the page is worse still
    return f"; it is {shortened(value)}"
