"""A transaction, and a page of transactions."""

import datetime as dt

import msgspec


class Transaction(msgspec.Struct, frozen=True, gc=False):
    """One bank transaction; the amount is in minor units of the currency, for example in cents."""

    date: dt.date
    category: str
    amount: int
    vendor: str


class PendingTransaction(msgspec.Struct, frozen=True):
    """A transaction that the bank has not booked yet: it is counted separately, and is in no total."""

    row: int
    """The row of its page that it is in, counted from 1."""
    transaction: Transaction
