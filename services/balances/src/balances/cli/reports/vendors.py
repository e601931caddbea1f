"""The report `vendors`."""

from balances.cli.reports.report import CURRENCY, Filters, Report
from balances.cli.table import Column, Table
from balances.feed.proof import Proof
from balances.feed.settings import Feed
from balances.ledger.transaction_page import TransactionPage
from balances.ledger.vendors import VendorTotals


class VendorReport(Report):
    """Vendors with clean names."""

    def __init__(self, feed: Feed, filters: Filters) -> None:
        super().__init__(feed, filters)
        self._totals = VendorTotals(feed.aliases)

    def _add(self, page: TransactionPage) -> None:
        self._totals.add(page.transactions)

    def table(self, proof: Proof) -> Table:
        """One row for each raw name."""
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
                self.money(one.total),
                self.feed.currency,
                one.transactions,
                one.name.clean,
                one.raw,
                one.kind,
                one.name.confidence,
                one.name.rules,
            )
            for one in self._totals.vendors()
        ]
        return Table(columns, rows, self.facts(), (), proof)
