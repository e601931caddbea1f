"""Totals by category, which the feed calls Ledger."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from balances.ledger.sorting import in_order
from balances.ledger.transaction import Transaction


class Category(NamedTuple):
    """A category; the name is empty where the feed gave none, the total is in minor units."""

    name: str
    transactions: int
    total: int


class _Sum(msgspec.Struct, gc=False):
    transactions: int = 0
    total: int = 0


class CategoryTotals:
    """Adds transactions up by category.

    Names are kept as UTF-8, which takes up to a quarter of the memory and sorts in the same order.
    """

    def __init__(self) -> None:
        self._sums: dict[bytes, _Sum] = {}

    def add(self, transactions: Iterable[Transaction]) -> None:
        """Count these in."""
        sums = self._sums
        for transaction in transactions:
            name = transaction.category.encode()
            found = sums.get(name)
            if found is None:
                found = sums[name] = _Sum()
            found.transactions += 1
            found.total += transaction.amount

    def categories(self) -> Iterator[Category]:
        """The categories by name, the nameless one first."""
        for name in in_order(self._sums):
            found = self._sums[name]
            yield Category(name.decode(), found.transactions, found.total)
