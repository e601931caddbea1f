"""Transactions set aside on disk while their reading is not known to be complete."""

import tempfile
from collections.abc import Iterator

from balances.transaction import Transaction, from_canonical_line

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

    def close(self) -> None:
        """Free it."""
        self._file.close()
