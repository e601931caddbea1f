"""A transaction, and its canonical form: the line that digests and spools are made of."""

import datetime as dt
from collections.abc import Iterable

import msgspec

from balances.money import format_amount, parse_amount


class Transaction(msgspec.Struct, frozen=True, gc=False):
    """One movement of money; the amount is in minor units."""

    date: dt.date
    category: str
    amount: int
    vendor: str


class Page(msgspec.Struct, frozen=True):
    """A page of a feed; `lines` are its transactions in canonical form."""

    number: int
    total_count: int
    transactions: list[Transaction]
    lines: bytes

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.transactions)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[dt.date, str, str, str])


def canonical_lines(transactions: Iterable[Transaction], digits: int) -> bytes:
    r"""One JSON array a line: `["2013-12-22","Phone","-110.71","SHAW"]\n`."""
    return _encoder.encode_lines(
        [(t.date, t.category, format_amount(t.amount, digits), t.vendor) for t in transactions]
    )


def from_canonical_line(line: bytes, digits: int) -> Transaction:
    """The transaction of a line that `canonical_lines` wrote."""
    date, category, amount, vendor = _decoder.decode(line)
    return Transaction(date, category, parse_amount(amount, digits), vendor)
