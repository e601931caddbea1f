"""Repeats: transactions that are alike in everything the feed tells of them, the vendor as the feed writes it.

Two rides on one day look like one ride booked twice, and the feed has no ids to tell them apart. So nothing is
dropped: each repeat is a finding, with the evidence that a person needs to judge it.
"""

from array import array
from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from balances.ledger.sorting import AT_ONCE
from balances.ledger.transaction import Page, Transaction

MOST_OUT_OF_ORDER = 0.1
"""A feed with a larger share of steps against its direction has no date order that a row could break."""


class Occurrence(msgspec.Struct, frozen=True, gc=False):
    """Where one of the alike transactions is; both count from 1."""

    page: int
    row: int

    def __str__(self) -> str:
        """As `page:row`."""
        return f"{self.page}:{self.row}"


class Repeat(msgspec.Struct, frozen=True):
    """Transactions that are alike; amounts are in minor units."""

    transaction: Transaction
    occurrences: list[Occurrence]
    adjacent: bool
    """They follow one another without anything between."""
    out_of_order: bool
    """One of them breaks the date order that its neighbours keep."""

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.occurrences)

    @property
    def excess(self) -> int:
        """What all but one of them come to."""
        return self.transaction.amount * (self.count - 1)


class RepeatFinder:
    """Finds repeats in two passes, holding some bytes of each row and not the rows.

    First `add` every page; then give `repeats` the transactions at the positions that `candidates` names.
    """

    def __init__(self) -> None:
        self._hashes = array("q")
        self._dates = array("i")
        self._page_starts: list[int] = []
        self._pending_rows: dict[int, list[int]] = {}

    def add(self, page: Page) -> None:
        """Take in the booked transactions of the next page."""
        self._page_starts.append(len(self._hashes))
        if page.pending:
            self._pending_rows[len(self._page_starts)] = [one.row for one in page.pending]
        self._hashes.extend(map(hash, page.transactions))
        self._dates.extend(t.date.toordinal() for t in page.transactions)

    def candidates(self) -> list[int]:
        """Positions, from 0, of transactions that may be repeats: all that are, and by rare chance others."""
        several = {
            one for part in self._parts() for one, next_one in pairwise(sorted(part)) if one == next_one
        }
        if not several:
            return []
        return [position for position, one in enumerate(self._hashes) if one in several]

    def _parts(self) -> Sequence[Iterable[int]]:
        """The hashes in parts, equal ones in the same: to sort all at once would keep other threads waiting."""
        parts = [array("q") for _ in range(len(self._hashes) // AT_ONCE + 1)]
        for one in self._hashes:
            parts[one % len(parts)].append(one)
        return parts

    def repeats(self, transactions: Iterable[tuple[int, Transaction]]) -> list[Repeat]:
        """The repeats among transactions given with their positions, ascending, in order of first occurrence."""
        found: dict[Transaction, list[int]] = {}
        for position, transaction in transactions:
            found.setdefault(transaction, []).append(position)
        direction = self._direction()
        return [
            Repeat(
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
        """1 where dates ascend through the feed, -1 where they descend, 0 where they do neither."""
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
