"""The base class of all reports, and their filters."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from balances.cli.table import Column, Table
from balances.feed.proof import Proof
from balances.feed.settings import Feed
from balances.ledger.money import format_amount
from balances.ledger.transaction_page import TransactionPage

CURRENCY = Column("currency", in_text=False)


class Filters(NamedTuple):
    """Which rows a report shows; None shows all. Both dates are included."""

    category: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None

    def match(self, date: dt.date, category: str | None = None) -> bool:
        """Whether to show a row with that date and category."""
        return (
            (self.since is None or self.since <= date)
            and (self.until is None or date <= self.until)
            and (self.category is None or self.category == category)
        )


class Report(ABC):
    """A report on the pages of one attempt; if the attempt fails, the report is discarded."""

    def __init__(self, feed: Feed, filters: Filters) -> None:
        self.feed = feed
        self.filters = filters
        self.pending = 0
        self.pending_total = 0

    def add(self, page: TransactionPage) -> None:
        """Add the next page."""
        self.pending += len(page.pending)
        self.pending_total += sum(one.transaction.amount for one in page.pending)
        self._add(page)

    @property
    def note(self) -> str:
        """A message to print with the table; empty if there is none."""
        if not self.pending:
            return ""
        count = "1 pending transaction" if self.pending == 1 else f"{self.pending} pending transactions"
        return f"feed {self.feed.name}: no total counts {count} of {self.money(self.pending_total)}"

    @abstractmethod
    def _add(self, page: TransactionPage) -> None:
        """Add the booked transactions of the next page."""

    @abstractmethod
    def table(self, proof: Proof) -> Table:
        """The table of the report."""

    def close(self) -> None:  # noqa: B027  most reports hold nothing
        """Delete temporary files."""

    def money(self, amount: int) -> str:
        """An amount as text."""
        return format_amount(amount, self.feed.digits)

    def facts(self, **totals: int) -> dict[str, str | int]:
        """Single values for JSON, with these totals."""
        return {
            "feed": self.feed.name,
            "currency": self.feed.currency,
            **{name: self.money(total) for name, total in totals.items()},
            "pending_transactions": self.pending,
            "pending_total": self.money(self.pending_total),
        }

    def named_totals(self, total: int, filtered: int) -> dict[str, int]:
        """The totals by name; with filters, the total of the rows shown and that of the feed have different names."""
        if self.filters == Filters():
            return {"total": total}
        return {"filtered_total": filtered, "feed_total": total}

    def closing(self, **totals: int) -> list[Sequence[str]]:
        """The last rows, each with a name and an amount; pending ones come first, so that the last row is the total."""
        named = {"pending": self.pending_total} | totals if self.pending else totals
        return [(name, self.money(total)) for name, total in named.items()]
