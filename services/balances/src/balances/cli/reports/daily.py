"""The reports `daily` and `total`."""

from balances.cli.reports.report import CURRENCY, Filters, Report
from balances.cli.table import Column, Table
from balances.feed.proof import Proof
from balances.feed.settings import Feed
from balances.ledger.daily_balances import DailyBalances
from balances.ledger.transaction_page import TransactionPage


class DailyReport(Report):
    """The balance at the end of each day."""

    def __init__(self, feed: Feed, filters: Filters) -> None:
        super().__init__(feed, filters)
        self._balances = DailyBalances()

    def _add(self, page: TransactionPage) -> None:
        self._balances.add(page.transactions)

    def table(self, proof: Proof) -> Table:
        """One row for each day; the balances include days that the filters hide."""
        columns = (
            Column("date"),
            Column("balance", "number"),
            CURRENCY,
            Column("amount", "number", in_text=False),
            Column("transactions", "number", in_text=False),
        )
        days = [day for day in self._balances.days() if self.filters.match(day.date)]
        rows = [
            (
                day.date,
                self.money(day.balance),
                self.feed.currency,
                self.money(day.amount),
                day.transactions,
            )
            for day in days
        ]
        totals = self.named_totals(self._balances.total, sum(day.amount for day in days))
        return Table(columns, rows, self.facts(**totals), self.closing(**totals), proof)


class TotalReport(DailyReport):
    """The sum of all transactions."""

    def table(self, proof: Proof) -> Table:
        """One row."""
        columns = (Column("total", "number"), CURRENCY)
        rows = [(self.money(self._balances.total), self.feed.currency)]
        return Table(columns, rows, self.facts(), (), proof, single=True)
