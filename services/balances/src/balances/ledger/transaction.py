"""A transaction, and its canonical form: the line that digests and spools are made of."""

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from balances.ledger.money import format_amount, parse_amount


class Transaction(msgspec.Struct, frozen=True, gc=False):
    """One movement of money; the amount is in minor units."""

    date: dt.date
    category: str
    amount: int
    vendor: str


class Pending(msgspec.Struct, frozen=True):
    """A transaction that the bank has not booked yet: it is counted apart, and in no total."""

    row: int
    """Its row on the page, counted from 1."""
    transaction: Transaction


class Page(msgspec.Struct, frozen=True):
    """A page of a feed: the booked transactions, and those that are pending; `lines` are all in canonical form."""

    number: int
    total_count: int
    transactions: list[Transaction]
    lines: bytes
    pending: Sequence[Pending] = ()

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.transactions) + len(self.pending)

    def booked_lines(self, digits: int) -> bytes:
        """The booked transactions in canonical form."""
        return canonical_lines(self.transactions, digits) if self.pending else self.lines


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[dt.date, str, str, str])
_text_decoder = msgspec.json.Decoder(tuple[str, str, str, str])


def canonical_lines(transactions: Iterable[Transaction], digits: int) -> bytes:
    r"""One JSON array a line: `["2013-12-22","Phone","-110.71","SHAW"]\n`."""
    return _encoder.encode_lines(
        [(t.date, t.category, format_amount(t.amount, digits), t.vendor) for t in transactions]
    )


def canonical_lines_of_all(transactions: Sequence[Transaction], pending: Iterable[int], digits: int) -> bytes:
    """As `canonical_lines`, with `true` at the end of the lines of pending ones, given by their positions from 0."""
    lines = canonical_lines(transactions, digits).splitlines(keepends=True)
    for position in pending:
        lines[position] = lines[position].removesuffix(b"]\n") + b",true]\n"
    return b"".join(lines)


def from_canonical_line(line: bytes, digits: int) -> Transaction:
    """The transaction of a line that `canonical_lines` wrote."""
    date, category, amount, vendor = _decoder.decode(line)
    return Transaction(date, category, parse_amount(amount, digits), vendor)


def texts_of_canonical_line(line: bytes) -> tuple[str, str, str, str]:
    """Date, category, amount and vendor of a line that `canonical_lines` wrote, as it has them."""
    return _text_decoder.decode(line)
