"""What each command gathers while a feed is read, and the table it makes of it once the reading is complete."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from balances.cli.table import Column, Table, Value
from balances.feed.attempt import Proof
from balances.feed.settings import Feed
from balances.feed.spool import Spool
from balances.ledger.categories import CategoryTotals
from balances.ledger.daily_balances import DailyBalances
from balances.ledger.money import format_amount
from balances.ledger.possible_duplicates import RepeatFinder
from balances.ledger.transaction import Page, canonical_lines
from balances.ledger.vendors import VendorTotals

CURRENCY = Column("currency", in_text=False)


class Filters(NamedTuple):
    """Which rows to show; None shows all. Both dates are included."""

    category: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None

    def take(self, date: dt.date, category: str | None = None) -> bool:
        """Whether to show what has that date and category."""
        return (
            (self.since is None or self.since <= date)
            and (self.until is None or date <= self.until)
            and (self.category is None or self.category == category)
        )


class Report(ABC):
    """Gathers from one attempt at reading, and is discarded with it."""

    def __init__(self, feed: Feed, filters: Filters) -> None:
        self._feed = feed
        self._filters = filters
        self._pending = 0
        self._pending_total = 0

    def add(self, page: Page) -> None:
        """Take in the next page."""
        self._pending += len(page.pending)
        self._pending_total += sum(one.transaction.amount for one in page.pending)
        self._add(page)

    @property
    def note(self) -> str:
        """What a person must know beside the table; empty if there is nothing."""
        if not self._pending:
            return ""
        count = "1 pending transaction" if self._pending == 1 else f"{self._pending} pending transactions"
        return f"feed {self._feed.title}: no total counts {count} of {self._money(self._pending_total)}"

    @abstractmethod
    def _add(self, page: Page) -> None:
        """Take in the booked transactions of the next page."""

    @abstractmethod
    def table(self, proof: Proof) -> Table:
        """What was asked for."""

    def close(self) -> None:  # noqa: B027  most hold nothing
        """Free what it holds."""

    def _money(self, amount: int) -> str:
        return format_amount(amount, self._feed.digits)

    def _facts(self, **totals: int) -> dict[str, str | int]:
        return {
            "feed": self._feed.title,
            "currency": self._feed.currency,
            **{name: self._money(total) for name, total in totals.items()},
            "pending_transactions": self._pending,
            "pending_total": self._money(self._pending_total),
        }

    def _named_totals(self, total: int, filtered: int) -> dict[str, int]:
        """The totals by name: beside filtered rows, both are named, so that neither is taken for the other."""
        if self._filters == Filters():
            return {"total": total}
        return {"filtered_total": filtered, "feed_total": total}

    def _closing(self, **totals: int) -> list[Sequence[str]]:
        """Rows of a name and an amount; pending transactions come first, for the last row is the total."""
        named = {"pending": self._pending_total} | totals if self._pending else totals
        return [(name, self._money(total)) for name, total in named.items()]


class Daily(Report):
    """The balance at the end of each day."""

    def __init__(self, feed: Feed, filters: Filters) -> None:
        super().__init__(feed, filters)
        self._balances = DailyBalances()

    def _add(self, page: Page) -> None:
        self._balances.add(page.transactions)

    def table(self, proof: Proof) -> Table:
        """A row a day; the balance counts the days that are filtered out, too."""
        columns = (
            Column("date"),
            Column("balance", "number"),
            CURRENCY,
            Column("amount", "number", in_text=False),
            Column("transactions", "number", in_text=False),
        )
        days = [day for day in self._balances.days() if self._filters.take(day.date)]
        rows = [
            (
                day.date,
                self._money(day.balance),
                self._feed.currency,
                self._money(day.amount),
                day.transactions,
            )
            for day in days
        ]
        totals = self._named_totals(self._balances.total, sum(day.amount for day in days))
        return Table(columns, rows, self._facts(**totals), self._closing(**totals), proof)


class Total(Daily):
    """What all transactions come to."""

    def table(self, proof: Proof) -> Table:
        """One row."""
        columns = (Column("total", "number"), CURRENCY)
        rows = [(self._money(self._balances.total), self._feed.currency)]
        return Table(columns, rows, self._facts(), (), proof, single=True)


class Categories(Report):
    """Totals by category."""

    def __init__(self, feed: Feed, filters: Filters) -> None:
        super().__init__(feed, filters)
        self._totals = CategoryTotals()

    def _add(self, page: Page) -> None:
        self._totals.add(page.transactions)

    def table(self, proof: Proof) -> Table:
        """A row a category."""
        columns = (
            Column("total", "number"),
            CURRENCY,
            Column("transactions", "number"),
            Column("name", "text"),
        )
        categories = list(self._totals.categories())
        rows = [
            (self._money(one.total), self._feed.currency, one.transactions, one.name) for one in categories
        ]
        total = sum(one.total for one in categories)
        closing = [(self._money(total), str(proof.rows - self._pending), "total")]
        if self._pending:
            closing.insert(0, (self._money(self._pending_total), str(self._pending), "pending"))
        return Table(columns, rows, self._facts(total=total), closing, proof)


class Transactions(Report):
    """The transactions themselves, in the feed's order."""

    def __init__(self, feed: Feed, filters: Filters) -> None:
        super().__init__(feed, filters)
        self._spool = Spool(feed.digits)
        self._total = 0
        self._filtered_total = 0

    def _add(self, page: Page) -> None:
        self._total += sum(one.amount for one in page.transactions)
        if self._filters == Filters():
            self._spool.add(page.booked_lines(self._feed.digits))
        else:
            shown = [one for one in page.transactions if self._filters.take(one.date, one.category)]
            self._filtered_total += sum(one.amount for one in shown)
            self._spool.add(canonical_lines(shown, self._feed.digits))

    def close(self) -> None:
        """Free the spool."""
        self._spool.close()

    def table(self, proof: Proof) -> Table:
        """A row a transaction."""
        columns = (
            Column("date"),
            Column("amount", "number"),
            CURRENCY,
            Column("category", "text"),
            Column("vendor", "text"),
        )
        facts = self._facts(**self._named_totals(self._total, self._filtered_total))
        return Table(columns, self, facts, (), proof)

    def __iter__(self) -> Iterator[tuple[Value, ...]]:
        """The rows."""
        for one in self._spool:
            yield one.date, self._money(one.amount), self._feed.currency, one.category, one.vendor


class Repeats(Report):
    """Transactions that are alike."""

    def __init__(self, feed: Feed, filters: Filters) -> None:
        super().__init__(feed, filters)
        self._spool = Spool(feed.digits)
        self._finder = RepeatFinder()
        self._total = 0

    def _add(self, page: Page) -> None:
        self._spool.add(page.booked_lines(self._feed.digits))
        self._finder.add(page)
        self._total += sum(one.amount for one in page.transactions)

    def close(self) -> None:
        """Free the spool."""
        self._spool.close()

    def table(self, proof: Proof) -> Table:
        """A row for each set of alike transactions; all of them still count in the total."""
        columns = (
            Column("date"),
            Column("amount", "number"),
            CURRENCY,
            Column("count", "number"),
            Column("excess", "number"),
            Column("category", "text"),
            Column("vendor", "text"),
            Column("occurrences"),
            Column("adjacent"),
            Column("out_of_order"),
        )
        repeats = self._finder.repeats(self._spool.at(self._finder.candidates()))
        rows = [
            (
                repeat.transaction.date,
                self._money(repeat.transaction.amount),
                self._feed.currency,
                repeat.count,
                self._money(repeat.excess),
                repeat.transaction.category,
                repeat.transaction.vendor,
                repeat.occurrences,
                repeat.adjacent,
                repeat.out_of_order,
            )
            for repeat in repeats
        ]
        without = self._total - sum(repeat.excess for repeat in repeats)
        facts = self._facts(total=self._total, total_if_repeats_removed=without)
        closing = self._closing(**{"total": self._total, "if removed": without})
        return Table(columns, rows, facts, closing, proof)


class Vendors(Report):
    """Vendors with clean names."""

    def __init__(self, feed: Feed, filters: Filters) -> None:
        super().__init__(feed, filters)
        self._totals = VendorTotals(feed.aliases)

    def _add(self, page: Page) -> None:
        self._totals.add(page.transactions)

    def table(self, proof: Proof) -> Table:
        """A row for each name that the feed uses."""
        columns = (
            Column("total", "number"),
            CURRENCY,
            Column("transactions", "number"),
            Column("clean", "text"),
            Column("raw", "text"),
            Column("kind"),
            Column("confidence"),
            Column("rules"),
        )
        rows = [
            (
                self._money(one.total),
                self._feed.currency,
                one.transactions,
                one.name.clean,
                one.raw,
                one.kind,
                one.name.confidence,
                one.name.rules,
            )
            for one in self._totals.vendors()
        ]
        return Table(columns, rows, self._facts(), (), proof)


REPORTS: Mapping[str, Callable[[Feed, Filters], Report]] = {
    "total": Total,
    "daily": Daily,
    "categories": Categories,
    "transactions": Transactions,
    "repeats": Repeats,
    "vendors": Vendors,
}
"""The report of each command."""
