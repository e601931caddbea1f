r"""The canonical text of a transaction: one line of JSON, such as `["2013-12-22","Phone","-110.71","SHAW"]\n`.

The digest of a feed is computed from these lines (README.md, "The digest"), and the spool stores them.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from balances.ledger.money import format_amount, parse_amount
from balances.ledger.transaction import Transaction

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[dt.date, str, str, str])
_text_decoder = msgspec.json.Decoder(tuple[str, str, str, str])


def canonical_lines(transactions: Iterable[Transaction], digits: int) -> bytes:
    """The lines of transactions in a currency with `digits` digits after the decimal point."""
    return _encoder.encode_lines(
        [(t.date, t.category, format_amount(t.amount, digits), t.vendor) for t in transactions]
    )


def canonical_lines_with_pending(
    transactions: Sequence[Transaction], pending: Iterable[int], digits: int
) -> bytes:
    """The lines of transactions of which some are pending: the lines of those end with `,true]`.

    Args:
        transactions: all transactions, booked and pending.
        pending: the positions of the pending ones, counted from 0.
        digits: how many digits the currency has after the decimal point.
    """
    lines = canonical_lines(transactions, digits).splitlines(keepends=True)
    for position in pending:
        lines[position] = lines[position].removesuffix(b"]\n") + b",true]\n"
    return b"".join(lines)


def parse_canonical_line(line: bytes, digits: int) -> Transaction:
    """The transaction of a line that `canonical_lines` wrote."""
    date, category, amount, vendor = _decoder.decode(line)
    return Transaction(date, category, parse_amount(amount, digits), vendor)


def split_canonical_line(line: bytes) -> tuple[str, str, str, str]:
    """Date, category, amount and vendor of a line that `canonical_lines` wrote, as text."""
    return _text_decoder.decode(line)
