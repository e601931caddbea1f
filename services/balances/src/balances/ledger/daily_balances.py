"""Balances day by day: what the account stood at when each day ended."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from balances.ledger.transaction import Transaction


class Day(NamedTuple):
    """A day with transactions; amounts are in minor units."""

    date: dt.date
    transactions: int
    amount: int
    """What the day's transactions come to."""
    balance: int
    """What all transactions up to the end of the day come to."""


class DailyBalances:
    """Adds transactions up by day, in whatever order they come."""

    def __init__(self) -> None:
        self._amounts: dict[dt.date, int] = {}
        self._counts: dict[dt.date, int] = {}

    def add(self, transactions: Iterable[Transaction]) -> None:
        """Count these in."""
        amounts, counts = self._amounts, self._counts
        for transaction in transactions:
            date = transaction.date
            amounts[date] = amounts.get(date, 0) + transaction.amount
            counts[date] = counts.get(date, 0) + 1

    @property
    def total(self) -> int:
        """What all transactions come to."""
        return sum(self._amounts.values())

    def days(self) -> list[Day]:
        """The days that have transactions, in date order."""
        balance = 0
        days = []
        for date, amount in sorted(self._amounts.items()):
            balance += amount
            days.append(Day(date, self._counts[date], amount, balance))
        return days
