"""The JSON of a page, as types."""

import datetime as dt
from typing import Annotated

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(max_length=500)]
"""The maximum length is short enough for an index of PostgreSQL, whatever script the text is in."""


class JsonRow(msgspec.Struct, gc=False):
    """A row; the feed may write `currency` and `pending` with a capital, too."""

    date: dt.date = msgspec.field(name="Date")
    ledger: Text = msgspec.field(name="Ledger")
    amount: str = msgspec.field(name="Amount")
    company: Text = msgspec.field(name="Company")
    currency: str | None = None
    capital_currency: str | None = msgspec.field(name="Currency", default=None)
    pending: bool | None = None
    capital_pending: bool | None = msgspec.field(name="Pending", default=None)


class JsonPage(msgspec.Struct, gc=False):
    """A page."""

    total_count: Annotated[int, Meta(ge=0)] = msgspec.field(name="totalCount")
    page: int
    transactions: list[JsonRow]
    currency: str | None = None
    capital_currency: str | None = msgspec.field(name="Currency", default=None)


class RawRows(msgspec.Struct, gc=False):
    """The rows of a page, not decoded."""

    transactions: list[msgspec.Raw]
