"""A page of a feed after decoding."""

from collections.abc import Sequence

import msgspec

from balances.ledger.canonical_text import canonical_lines
from balances.ledger.transaction import PendingTransaction, Transaction


class TransactionPage(msgspec.Struct, frozen=True):
    """A page of a feed: the booked transactions, the pending ones, and the canonical text of both."""

    number: int
    """The number of the page, counted from 1."""
    total_count: int
    """The number of rows of the whole feed, according to this page (`totalCount`)."""
    transactions: list[Transaction]
    """The booked transactions."""
    lines: bytes
    """The canonical text of all rows, booked and pending, in the order of the page."""
    pending: Sequence[PendingTransaction] = ()

    @property
    def rows(self) -> int:
        """How many rows the page has, pending ones included."""
        return len(self.transactions) + len(self.pending)

    def booked_lines(self, digits: int) -> bytes:
        """The canonical text of the booked transactions."""
        return canonical_lines(self.transactions, digits) if self.pending else self.lines
