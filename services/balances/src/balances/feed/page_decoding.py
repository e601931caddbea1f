"""Strict decoding of a page: an error names the page, row, field and value that is wrong."""

import codecs

import msgspec

from balances.feed.errors import FeedInvalid, Place
from balances.feed.page_checks import (
    check_currencies,
    check_names,
    check_nul_characters,
    first_invalid_amount,
)
from balances.feed.page_errors import Body, not_json, not_utf_8, wrong_structure
from balances.feed.page_json import JsonPage, JsonRow
from balances.feed.settings import Feed
from balances.ledger.canonical_text import canonical_lines, canonical_lines_with_pending
from balances.ledger.money import AmountError, parse_amount
from balances.ledger.transaction import PendingTransaction, Transaction
from balances.ledger.transaction_page import TransactionPage

QUOTES_A_ROW = 16
"""Quotation marks in a row that has only its four required members: four names and four strings."""
OTHER_QUOTES = 6
"""Quotation marks in a page outside its rows: the names of its three members."""

_decoder = msgspec.json.Decoder(JsonPage)


def is_cut(body: Body) -> bool:
    """Whether the JSON ends too early, as when the connection was lost before the end of the page."""
    try:
        msgspec.json.decode(_without_mark(body), type=msgspec.Raw)
    except msgspec.DecodeError as error:
        return str(error) == "Input data was truncated"
    except RecursionError:
        return False
    return False


def decode_page(feed: Feed, number: int, body: Body) -> TransactionPage:
    """Decode the body of a page.

    Raises:
        FeedInvalid: it is not a valid page of this feed.
    """
    body = _without_mark(body)
    page = _decode_json(feed, number, body)
    if page.page != number:
        detail = f"the page says that it is page {page.page}"
        raise FeedInvalid(feed.name, detail, Place(number, None, "page"))
    rows = page.transactions
    if b"\\u0000" in body:
        check_nul_characters(feed, number, rows)
    # Every row has at least its four members. If there are no more strings than those, the page has nothing else
    plain = body.count(b'"') == QUOTES_A_ROW * len(rows) + OTHER_QUOTES
    if not plain:
        check_names(feed, number, body)
        check_currencies(feed, number, page)
    digits = feed.digits
    try:
        transactions = [
            Transaction(row.date, row.ledger, parse_amount(row.amount, digits), row.company) for row in rows
        ]
    except AmountError:
        raise first_invalid_amount(feed, number, rows) from None
    pending = [] if plain else _pending_positions(rows)
    if not pending:
        return TransactionPage(number, page.total_count, transactions, canonical_lines(transactions, digits))
    separate = set(pending)
    return TransactionPage(
        number,
        page.total_count,
        [one for position, one in enumerate(transactions) if position not in separate],
        canonical_lines_with_pending(transactions, pending, digits),
        [PendingTransaction(position + 1, transactions[position]) for position in pending],
    )


def _decode_json(feed: Feed, number: int, body: Body) -> JsonPage:
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise wrong_structure(feed, number, body, str(error)) from error
    except UnicodeDecodeError as error:
        raise not_utf_8(feed, number, body) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise not_json(feed, number, body, str(error)) from error


def _pending_positions(rows: list[JsonRow]) -> list[int]:
    """The positions, counted from 0, of the rows that are pending."""
    return [position for position, row in enumerate(rows) if row.pending or row.capital_pending]


def _without_mark(body: Body) -> Body:
    """The body without the byte order mark that some editors write; RFC 8259, section 8.1, allows ignoring it."""
    # Not `removeprefix`, which copies a bytearray even if it has no prefix
    return body[len(codecs.BOM_UTF8) :] if body.startswith(codecs.BOM_UTF8) else body  # noqa: FURB188
