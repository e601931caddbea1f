"""What a refresh gathers while it reads a feed: all that is written to the database once the reading is complete.

It knows neither HTTP nor SQL, and is used in a thread: what it does takes CPU time. The transactions are in a spool;
days, categories, vendors and candidates for repeats are in memory.
"""

from collections.abc import Iterator
from functools import partial

import msgspec

from balances.feed.settings import Feed
from balances.feed.spool import Spool
from balances.ledger.categories import CategoryTotals
from balances.ledger.daily_balances import DailyBalances
from balances.ledger.money import format_amount
from balances.ledger.possible_duplicates import Repeat, RepeatFinder
from balances.ledger.transaction import Page
from balances.ledger.vendors import Vendor, VendorTotals
from balances.store.copy_text import copy_blocks, copy_line, escaped


class Gathering:
    """Gathers from one attempt at reading, and is discarded with it."""

    def __init__(self, feed: Feed) -> None:
        self._digits = feed.digits
        self._money = partial(format_amount, digits=feed.digits)
        self._spool = Spool(feed.digits)
        self._daily = DailyBalances()
        self._categories = CategoryTotals()
        self._vendors = VendorTotals(feed.aliases)
        self._finder = RepeatFinder()
        self._repeats: list[Repeat] = []
        self._named: Iterator[Vendor] = iter(())
        self._pending_total = 0
        self.pending = 0
        """How many transactions are pending."""

    def add(self, page: Page) -> None:
        """Take in the next page."""
        self._spool.add(page.booked_lines(self._digits))
        self._daily.add(page.transactions)
        self._categories.add(page.transactions)
        self._vendors.add(page.transactions)
        self._finder.add(page)
        self.pending += len(page.pending)
        self._pending_total += sum(one.transaction.amount for one in page.pending)

    def finish(self) -> None:
        """Compute what needs all pages, so that the transaction that writes it need not wait."""
        self._named = self._vendors.vendors()
        self._repeats = self._finder.repeats(self._spool.at(self._finder.candidates()))

    def close(self) -> None:
        """Free the spool."""
        self._spool.close()

    @property
    def totals(self) -> dict[str, str]:
        """The sums, by the names of their columns."""
        total = self._daily.total
        without = total - sum(repeat.excess for repeat in self._repeats)
        return {
            "total": self._money(total),
            "total_if_repeats_removed": self._money(without),
            "pending_total": self._money(self._pending_total),
        }

    def transactions(self, reading_id: int) -> Iterator[str]:
        """Rows of the table `transaction`, for COPY."""
        start = copy_line(reading_id, self._digits)
        return copy_blocks(
            f"{start}\t{position}\t{date}\t{escaped(category)}\t{amount}\t{escaped(vendor)}"
            for position, (date, category, amount, vendor) in enumerate(self._spool.texts(), 1)
        )

    def days(self, reading_id: int) -> Iterator[str]:
        """Rows of the table `day`, for COPY."""
        money = self._money
        return copy_blocks(
            copy_line(reading_id, position, day.date, day.transactions, money(day.amount), money(day.balance))
            for position, day in enumerate(self._daily.days(), 1)
        )

    def categories(self, reading_id: int) -> Iterator[str]:
        """Rows of the table `category`, for COPY."""
        return copy_blocks(
            copy_line(reading_id, position, one.name, one.transactions, self._money(one.total))
            for position, one in enumerate(self._categories.categories(), 1)
        )

    def vendors(self, reading_id: int) -> Iterator[str]:
        """Rows of the table `vendor`, for COPY."""
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
            for position, one in enumerate(self._named, 1)
        )

    def repeats(self, reading_id: int) -> Iterator[str]:
        """Rows of the table `repeat`, for COPY."""
        return copy_blocks(
            copy_line(
                reading_id,
                position,
                repeat.transaction.date,
                repeat.transaction.category,
                self._money(repeat.transaction.amount),
                repeat.transaction.vendor,
                repeat.count,
                self._money(repeat.excess),
                msgspec.json.encode(repeat.occurrences).decode(),
                repeat.adjacent,
                repeat.out_of_order,
            )
            for position, repeat in enumerate(self._repeats, 1)
        )
