"""Transactions set aside on disk while their reading is not known to be complete."""

import tempfile
from collections.abc import Iterable, Iterator

from balances.ledger.transaction import Transaction, from_canonical_line, texts_of_canonical_line

IN_MEMORY = 4 * 1024 * 1024


class Spool:
    """Rows in canonical form, in a temporary file once they are many; iterated as often as needed."""

    def __init__(self, digits: int) -> None:
        self._digits = digits
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  lives as long as the spool

    def add(self, lines: bytes) -> None:
        """Put more lines at the end."""
        self._file.write(lines)

    def __iter__(self) -> Iterator[Transaction]:
        """The transactions from the first."""
        self._file.seek(0)
        for line in self._file:
            yield from_canonical_line(line, self._digits)

    def texts(self) -> Iterator[tuple[str, str, str, str]]:
        """Date, category, amount and vendor of each transaction, from the first."""
        self._file.seek(0)
        for line in self._file:
            yield texts_of_canonical_line(line)

    def at(self, positions: Iterable[int]) -> Iterator[tuple[int, Transaction]]:
        """The transactions at these positions, counted from 0 and ascending, each with its position."""
        self._file.seek(0)
        lines = enumerate(self._file)
        for wanted in positions:
            for position, line in lines:
                if position == wanted:
                    yield position, from_canonical_line(line, self._digits)
                    break

    def close(self) -> None:
        """Free it."""
        self._file.close()
