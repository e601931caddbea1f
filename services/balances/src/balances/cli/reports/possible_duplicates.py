"""The report `repeats`: possible duplicates."""

from balances.cli.reports.report import CURRENCY, Filters, Report
from balances.cli.table import Column, Table
from balances.feed.proof import Proof
from balances.feed.settings import Feed
from balances.feed.spool import Spool
from balances.ledger.possible_duplicates import DuplicateFinder
from balances.ledger.transaction_page import TransactionPage


class PossibleDuplicatesReport(Report):
    """Possible duplicates: two or more equal transactions."""

    def __init__(self, feed: Feed, filters: Filters) -> None:
        super().__init__(feed, filters)
        self._spool = Spool(feed.digits)
        self._finder = DuplicateFinder()
        self._total = 0

    def _add(self, page: TransactionPage) -> None:
        self._spool.add(page.booked_lines(self.feed.digits))
        self._finder.add(page)
        self._total += sum(one.amount for one in page.transactions)

    def close(self) -> None:
        """Delete the spool."""
        self._spool.close()

    def table(self, proof: Proof) -> Table:
        """One row for each set of possible duplicates; the total still includes all of them."""
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
        found = self._finder.find(self._spool.at(self._finder.candidates()))
        rows = [
            (
                one.transaction.date,
                self.money(one.transaction.amount),
                self.feed.currency,
                one.count,
                self.money(one.excess),
                one.transaction.category,
                one.transaction.vendor,
                one.occurrences,
                one.adjacent,
                one.out_of_order,
            )
            for one in found
        ]
        without_duplicates = self._total - sum(one.excess for one in found)
        facts = self.facts(total=self._total, total_if_repeats_removed=without_duplicates)
        closing = self.closing(**{"total": self._total, "if removed": without_duplicates})
        return Table(columns, rows, facts, closing, proof)
