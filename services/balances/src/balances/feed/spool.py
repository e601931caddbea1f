"""Transactions in a temporary file, until the feed has been read completely."""

import tempfile
from collections.abc import Iterable, Iterator

from balances.ledger.canonical_text import parse_canonical_line, split_canonical_line
from balances.ledger.transaction import Transaction

IN_MEMORY = 4 * 1024 * 1024
"""Maximum number of bytes that are kept in memory; more bytes are written to a file."""


class Spool:
    """The canonical text of transactions, in memory or in a temporary file; it can be iterated several times."""

    def __init__(self, digits: int) -> None:
        self._digits = digits
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  the file exists as long as the spool

    def add(self, lines: bytes) -> None:
        """Append lines."""
        self._file.write(lines)

    def __iter__(self) -> Iterator[Transaction]:
        """The transactions in order."""
        self._file.seek(0)
        for line in self._file:
            yield parse_canonical_line(line, self._digits)

    def texts(self) -> Iterator[tuple[str, str, str, str]]:
        """Date, category, amount and vendor of each transaction, in order."""
        self._file.seek(0)
        for line in self._file:
            yield split_canonical_line(line)

    def at(self, positions: Iterable[int]) -> Iterator[tuple[int, Transaction]]:
        """The transactions at these positions, which are counted from 0 and ascend, each with its position."""
        self._file.seek(0)
        lines = enumerate(self._file)
        for wanted in positions:
            for position, line in lines:
                if position == wanted:
                    yield position, parse_canonical_line(line, self._digits)
                    break

    def close(self) -> None:
        """Delete the file."""
        self._file.close()
