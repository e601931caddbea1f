"""Checks of a page that its types cannot express."""

import msgspec

from balances.feed.errors import FeedInvalid, Place, shortened
from balances.feed.page_errors import Body, not_json, not_utf_8
from balances.feed.page_json import JsonPage, JsonRow, RawRows
from balances.feed.settings import Feed
from balances.ledger.money import AmountError, parse_amount
from chassis.validation.unique_names import RepeatedName, require_unique_names


def check_names(feed: Feed, number: int, body: Body) -> None:
    """Check that no object of the page has two members of the same name.

    Raises:
        FeedInvalid: an object has two members of the same name, or the page is not JSON in UTF-8.
    """
    try:
        require_unique_names(body)
    except RepeatedName as repeated:
        row = _row_with_repeated_name(body)
        detail = f"is in the {'page' if row is None else 'row'} twice"
        raise FeedInvalid(feed.name, detail, Place(number, row, repeated.name)) from None
    except UnicodeDecodeError as error:
        raise not_utf_8(feed, number, body) from error
    except (ValueError, RecursionError) as error:
        raise not_json(feed, number, body, str(error)) from error


def check_currencies(feed: Feed, number: int, page: JsonPage) -> None:
    """Check that neither the page nor a row of it is in another currency than the feed.

    Raises:
        FeedInvalid: the page or a row is in another currency.
    """
    allowed = {None, feed.currency}
    if not {page.currency, page.capital_currency} <= allowed:
        raise _other_currency(feed, Place(number), page.currency, page.capital_currency)
    rows = page.transactions
    if {row.currency for row in rows} | {row.capital_currency for row in rows} <= allowed:
        return
    for position, row in enumerate(rows, 1):
        if not {row.currency, row.capital_currency} <= allowed:
            raise _other_currency(feed, Place(number, position), row.currency, row.capital_currency)


def check_nul_characters(feed: Feed, number: int, rows: list[JsonRow]) -> None:
    """Check that no text has a NUL character, which PostgreSQL cannot store.

    Raises:
        FeedInvalid: a text has a NUL character.
    """
    for position, row in enumerate(rows, 1):
        for field, text in (("Ledger", row.ledger), ("Company", row.company)):
            if "\0" in text:
                detail = f"{shortened(text)} has a NUL character in it"
                raise FeedInvalid(feed.name, detail, Place(number, position, field))


def first_invalid_amount(feed: Feed, number: int, rows: list[JsonRow]) -> FeedInvalid:
    """The error for the first row whose amount is invalid; there must be one."""
    for position, row in enumerate(rows, 1):
        try:
            parse_amount(row.amount, feed.digits)
        except AmountError as error:
            detail = f"{shortened(row.amount)} {error} ({feed.currency})"
            return FeedInvalid(feed.name, detail, Place(number, position, "Amount"))
    raise AssertionError("only called for a page with an invalid amount")


def _row_with_repeated_name(body: Body) -> int | None:
    for position, row in enumerate(msgspec.json.decode(body, type=RawRows).transactions, 1):
        try:
            require_unique_names(bytes(row))
        except RepeatedName:
            return position
    return None


def _other_currency(feed: Feed, place: Place, small: str | None, capital: str | None) -> FeedInvalid:
    field, value = ("Currency", capital) if small in {None, feed.currency} else ("currency", small)
    detail = (
        f"{shortened(value)} is not the feed's currency, {feed.currency};"
        " amounts in different currencies cannot be added up"
    )
    return FeedInvalid(feed.name, detail, place._replace(field=field))
