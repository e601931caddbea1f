"""Totals by category, which the feed calls Ledger."""

from collections.abc import Iterable
from typing import NamedTuple

from balances.transaction import Transaction


class Category(NamedTuple):
    """A category; the name is empty where the feed gave none, the total is in minor units."""

    name: str
    transactions: int
    total: int


class CategoryTotals:
    """Adds transactions up by category."""

    def __init__(self) -> None:
        self._totals: dict[str, int] = {}
        self._counts: dict[str, int] = {}

    def add(self, transactions: Iterable[Transaction]) -> None:
        """Count these in."""
        totals, counts = self._totals, self._counts
        for transaction in transactions:
            name = transaction.category
            totals[name] = totals.get(name, 0) + transaction.amount
            counts[name] = counts.get(name, 0) + 1

    def categories(self) -> list[Category]:
        """The categories by name, the nameless one first."""
        return [Category(name, self._counts[name], total) for name, total in sorted(self._totals.items())]
