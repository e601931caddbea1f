"""The report `transactions`."""

from collections.abc import Iterator

from balances.cli.reports.report import CURRENCY, Filters, Report
from balances.cli.table import Column, Table, Value
from balances.feed.proof import Proof
from balances.feed.settings import Feed
from balances.feed.spool import Spool
from balances.ledger.canonical_text import canonical_lines
from balances.ledger.transaction_page import TransactionPage


class TransactionReport(Report):
    """The transactions, in the order of the feed."""

    def __init__(self, feed: Feed, filters: Filters) -> None:
        super().__init__(feed, filters)
        self._spool = Spool(feed.digits)
        self._total = 0
        self._filtered_total = 0

    def _add(self, page: TransactionPage) -> None:
        self._total += sum(one.amount for one in page.transactions)
        if self.filters == Filters():
            self._spool.add(page.booked_lines(self.feed.digits))
        else:
            shown = [one for one in page.transactions if self.filters.match(one.date, one.category)]
            self._filtered_total += sum(one.amount for one in shown)
            self._spool.add(canonical_lines(shown, self.feed.digits))

    def close(self) -> None:
        """Delete the spool."""
        self._spool.close()

    def table(self, proof: Proof) -> Table:
        """One row for each transaction."""
        columns = (
            Column("date"),
            Column("amount", "number"),
            CURRENCY,
            Column("category", "text"),
            Column("vendor", "text"),
        )
        facts = self.facts(**self.named_totals(self._total, self._filtered_total))
        return Table(columns, self, facts, (), proof)

    def __iter__(self) -> Iterator[tuple[Value, ...]]:
        """The rows."""
        for one in self._spool:
            yield one.date, self.money(one.amount), self.feed.currency, one.category, one.vendor
