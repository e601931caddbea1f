"""The report `categories`."""

from balances.cli.reports.report import CURRENCY, Filters, Report
from balances.cli.table import Column, Table
from balances.feed.proof import Proof
from balances.feed.settings import Feed
from balances.ledger.categories import CategoryTotals
from balances.ledger.transaction_page import TransactionPage


class CategoryReport(Report):
    """Totals by category."""

    def __init__(self, feed: Feed, filters: Filters) -> None:
        super().__init__(feed, filters)
        self._totals = CategoryTotals()

    def _add(self, page: TransactionPage) -> None:
        self._totals.add(page.transactions)

    def table(self, proof: Proof) -> Table:
        """One row for each category."""
        columns = (
            Column("total", "number"),
            CURRENCY,
            Column("transactions", "number"),
            Column("name", "text"),
        )
        categories = list(self._totals.categories())
        rows = [(self.money(one.total), self.feed.currency, one.transactions, one.name) for one in categories]
        total = sum(one.total for one in categories)
        closing = [(self.money(total), str(proof.rows - self.pending), "total")]
        if self.pending:
            closing.insert(0, (self.money(self.pending_total), str(self.pending), "pending"))
        return Table(columns, rows, self.facts(total=total), closing, proof)
