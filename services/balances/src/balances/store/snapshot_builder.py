"""Computes a snapshot while a refresh reads the feed: all its rows, and the text that COPY sends.

The builder runs in a thread, because it needs CPU time, and uses no database. The transactions are in a spool; days,
categories, vendors and the candidates for possible duplicates are in memory.
"""

from collections.abc import Iterator
from functools import partial

import msgspec

from balances.feed.settings import Feed
from balances.feed.spool import Spool
from balances.ledger.categories import CategoryTotals
from balances.ledger.daily_balances import DailyBalances
from balances.ledger.money import format_amount
from balances.ledger.possible_duplicates import DuplicateFinder, PossibleDuplicates
from balances.ledger.transaction_page import TransactionPage
from balances.ledger.vendors import Vendor, VendorTotals
from balances.store.copy_text import copy_blocks, copy_line, escaped


class SnapshotBuilder:
    """Builds a snapshot from the pages of one attempt; if the attempt fails, the builder is discarded."""

    def __init__(self, feed: Feed) -> None:
        self._digits = feed.digits
        self._money = partial(format_amount, digits=feed.digits)
        self._spool = Spool(feed.digits)
        self._daily = DailyBalances()
        self._categories = CategoryTotals()
        self._vendor_totals = VendorTotals(feed.aliases)
        self._finder = DuplicateFinder()
        self._possible_duplicates: list[PossibleDuplicates] = []
        self._vendors: Iterator[Vendor] = iter(())
        self._pending_total = 0
        self.pending = 0
        """How many transactions are pending."""

    def add(self, page: TransactionPage) -> None:
        """Add the next page."""
        self._spool.add(page.booked_lines(self._digits))
        self._daily.add(page.transactions)
        self._categories.add(page.transactions)
        self._vendor_totals.add(page.transactions)
        self._finder.add(page)
        self.pending += len(page.pending)
        self._pending_total += sum(one.transaction.amount for one in page.pending)

    def finish(self) -> None:
        """Compute what needs all pages, before the transaction that writes the snapshot begins."""
        self._vendors = self._vendor_totals.vendors()
        self._possible_duplicates = self._finder.find(self._spool.at(self._finder.candidates()))

    def close(self) -> None:
        """Delete the spool."""
        self._spool.close()

    @property
    def totals(self) -> dict[str, str]:
        """The sums, by the names of their columns."""
        total = self._daily.total
        without_duplicates = total - sum(one.excess for one in self._possible_duplicates)
        return {
            "total": self._money(total),
            "total_if_repeats_removed": self._money(without_duplicates),
            "pending_total": self._money(self._pending_total),
        }

    def transactions(self, reading_id: int) -> Iterator[str]:
        """The rows of the table `transaction`, for COPY."""
        start = copy_line(reading_id, self._digits)
        return copy_blocks(
            f"{start}\t{position}\t{date}\t{escaped(category)}\t{amount}\t{escaped(vendor)}"
            for position, (date, category, amount, vendor) in enumerate(self._spool.texts(), 1)
        )

    def days(self, reading_id: int) -> Iterator[str]:
        """The rows of the table `day`, for COPY."""
        money = self._money
        return copy_blocks(
            copy_line(reading_id, position, day.date, day.transactions, money(day.amount), money(day.balance))
            for position, day in enumerate(self._daily.days(), 1)
        )

    def categories(self, reading_id: int) -> Iterator[str]:
        """The rows of the table `category`, for COPY."""
        return copy_blocks(
            copy_line(reading_id, position, one.name, one.transactions, self._money(one.total))
            for position, one in enumerate(self._categories.categories(), 1)
        )

    def vendors(self, reading_id: int) -> Iterator[str]:
        """The rows of the table `vendor`, for COPY; they can be iterated once."""
        return copy_blocks(
            copy_line(
                reading_id,
                position,
                one.raw,
                one.name.clean,
                one.kind,
                one.name.confidence,
                one.name.rules,
                one.transactions,
                self._money(one.total),
            )
            for position, one in enumerate(self._vendors, 1)
        )

    def possible_duplicates(self, reading_id: int) -> Iterator[str]:
        """The rows of the table `repeat`, for COPY."""
        return copy_blocks(
            copy_line(
                reading_id,
                position,
                one.transaction.date,
                one.transaction.category,
                self._money(one.transaction.amount),
                one.transaction.vendor,
                one.count,
                self._money(one.excess),
                msgspec.json.encode(one.occurrences).decode(),
                one.adjacent,
                one.out_of_order,
            )
            for position, one in enumerate(self._possible_duplicates, 1)
        )
