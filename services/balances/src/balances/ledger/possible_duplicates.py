"""Possible duplicates: transactions with the same date, category, amount and raw vendor.

Two taxi rides on one day look the same as one ride that was booked twice, and the feed has no ids to tell them apart.
So no transaction is removed: possible duplicates are reported, with the evidence that a person needs to decide.
"""

from array import array
from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Annotated

import msgspec
from msgspec import Meta

from balances.ledger.sorting import AT_ONCE
from balances.ledger.transaction import Transaction
from balances.ledger.transaction_page import TransactionPage

MOST_OUT_OF_ORDER = 0.1
"""A feed counts as ordered by date if at most this share of its steps from one date to another goes the other way."""


class Occurrence(msgspec.Struct, frozen=True, gc=False):
    """Where one of the possible duplicates is in the feed: page and row, both counted from 1."""

    page: Annotated[int, Meta(description="Page of the feed, counted from 1", examples=[2])]
    row: Annotated[int, Meta(description="Row of the page, counted from 1", examples=[7])]

    def __str__(self) -> str:
        """As `page:row`."""
        return f"{self.page}:{self.row}"


class PossibleDuplicates(msgspec.Struct, frozen=True):
    """Two or more equal transactions; amounts are in minor units."""

    transaction: Transaction
    occurrences: list[Occurrence]
    adjacent: bool
    """Whether they follow one another, without other transactions between them."""
    out_of_order: bool
    """Whether one of them is not in the order of dates, while the transactions before and after it are."""

    @property
    def count(self) -> int:
        """How many equal transactions there are."""
        return len(self.occurrences)

    @property
    def excess(self) -> int:
        """The sum of all of them but one."""
        return self.transaction.amount * (self.count - 1)


class DuplicateFinder:
    """Finds possible duplicates in two passes, so that only some bytes of each transaction are held in memory.

    First, call `add` with every page. Then call `find` with the transactions at the positions that `candidates`
    returns.
    """

    def __init__(self) -> None:
        self._hashes = array("q")
        self._dates = array("i")
        self._page_starts: list[int] = []
        self._pending_rows: dict[int, list[int]] = {}

    def add(self, page: TransactionPage) -> None:
        """Add the booked transactions of the next page."""
        self._page_starts.append(len(self._hashes))
        if page.pending:
            self._pending_rows[len(self._page_starts)] = [one.row for one in page.pending]
        self._hashes.extend(map(hash, page.transactions))
        self._dates.extend(t.date.toordinal() for t in page.transactions)

    def candidates(self) -> list[int]:
        """Positions, counted from 0, of all possible duplicates and, rarely, of others whose hash is the same."""
        several = {
            one for part in self._parts() for one, next_one in pairwise(sorted(part)) if one == next_one
        }
        if not several:
            return []
        return [position for position, one in enumerate(self._hashes) if one in several]

    def _parts(self) -> Sequence[Iterable[int]]:
        """The hashes in parts, with equal hashes in the same part: to sort all at once would block other threads."""
        parts = [array("q") for _ in range(len(self._hashes) // AT_ONCE + 1)]
        for one in self._hashes:
            parts[one % len(parts)].append(one)
        return parts

    def find(self, transactions: Iterable[tuple[int, Transaction]]) -> list[PossibleDuplicates]:
        """The possible duplicates among these transactions, in the order of their first occurrences.

        Args:
            transactions: transactions with their positions, counted from 0 and ascending.
        """
        found: dict[Transaction, list[int]] = {}
        for position, transaction in transactions:
            found.setdefault(transaction, []).append(position)
        direction = self._direction()
        return [
            PossibleDuplicates(
                transaction,
                [self._occurrence(position) for position in positions],
                positions[-1] - positions[0] == len(positions) - 1,
                any(self._breaks_order(position, direction) for position in positions),
            )
            for transaction, positions in found.items()
            if len(positions) > 1
        ]

    def _occurrence(self, position: int) -> Occurrence:
        page = bisect(self._page_starts, position)
        row = position - self._page_starts[page - 1] + 1
        for pending in self._pending_rows.get(page, ()):
            row += pending <= row
        return Occurrence(page, row)

    def _direction(self) -> int:
        """1 if the dates of the feed ascend, -1 if they descend, 0 if they do neither."""
        rises = sum(one < next_one for one, next_one in pairwise(self._dates))
        falls = sum(one > next_one for one, next_one in pairwise(self._dates))
        if min(rises, falls) > MOST_OUT_OF_ORDER * (rises + falls):
            return 0
        return 1 if rises > falls else -1

    def _breaks_order(self, position: int, direction: int) -> bool:
        if not direction or not 0 < position < len(self._dates) - 1:
            return False
        before, date, after = (direction * one for one in self._dates[position - 1 : position + 2])
        return before <= after and not before <= date <= after
