"""The balance of the account at the end of each day."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from balances.ledger.transaction import Transaction


class Day(NamedTuple):
    """A day that has transactions; amounts are in minor units."""

    date: dt.date
    transactions: int
    amount: int
    """The sum of the day's transactions."""
    balance: int
    """The sum of all transactions up to the end of the day."""


class DailyBalances:
    """Sums of transactions by day; the order in which transactions are added does not matter."""

    def __init__(self) -> None:
        self._amounts: dict[dt.date, int] = {}
        self._counts: dict[dt.date, int] = {}

    def add(self, transactions: Iterable[Transaction]) -> None:
        """Add transactions to the sums."""
        amounts, counts = self._amounts, self._counts
        for transaction in transactions:
            date = transaction.date
            amounts[date] = amounts.get(date, 0) + transaction.amount
            counts[date] = counts.get(date, 0) + 1

    @property
    def total(self) -> int:
        """The sum of all transactions, in minor units."""
        return sum(self._amounts.values())

    def days(self) -> list[Day]:
        """The days that have transactions, in the order of their dates."""
        balance = 0
        days = []
        for date, amount in sorted(self._amounts.items()):
            balance += amount
            days.append(Day(date, self._counts[date], amount, balance))
        return days
