"""Detection of pages that repeat rows of another page.

This happens if a server sends the same page twice, or if rows move from one page to another while the feed is read.

Equal rows alone are no error: a feed without ids may have them. So a page counts as repeated only if all its rows are
equal to those of another page and at least two of them differ from each other. Two pages count as overlapping only if
one begins with the last rows of the page before it, and at least three of these differ from each other. Smaller
repetitions look like rows that are really equal; `ledger.possible_duplicates` reports them.
"""

from balances.feed.errors import FeedInconsistent, Place
from balances.feed.settings import Feed
from balances.ledger.transaction_page import TransactionPage

COMPARED = 64 * 1024
"""Bytes at the end of a page that are compared with the start of the next page."""

DIFFERENT_ROWS = 3
"""How many different rows two pages must have in common to count as overlapping."""


class Overlaps:
    """Compares the pages of an attempt, which are added in order."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._pages: dict[int, int] = {}
        self._tail = b""

    def add(self, page: TransactionPage) -> None:
        """Add the next page.

        Raises:
            FeedInconsistent: the page repeats rows of another page.
        """
        if self._feed.allow_repeated_pages or not page.lines:
            return
        fingerprint = hash(page.lines)
        same = self._pages.setdefault(fingerprint, page.number)
        if same != page.number and _different(page.lines, 2):
            raise self._refused(page.number, f"has the same rows as page {same}")
        if shared := self._shared(page.lines):
            raise self._refused(page.number, f"begins with the last {shared} rows of the page before")
        tail = page.lines[-COMPARED:]
        if len(tail) < len(page.lines):
            tail = tail.partition(b"\n")[2]  # the first line may not be whole
        self._tail = b"\n" + tail

    def _shared(self, lines: bytes) -> int:
        """Number of rows at the end of the previous page with which this page begins; 0 if they are too few."""
        first = b"\n" + lines[: lines.index(b"\n") + 1]
        start = self._tail.find(first)
        while start >= 0:
            shared = self._tail[start + 1 :]
            if lines.startswith(shared):  # a later match would be a part of this one
                return shared.count(b"\n") if _different(shared, DIFFERENT_ROWS) else 0
            start = self._tail.find(first, start + 1)
        return 0

    def _refused(self, page: int, detail: str) -> FeedInconsistent:
        return FeedInconsistent(
            self._feed.name,
            f"{detail}; if that is correct, set allow_repeated_pages (--allow-repeated-pages)",
            Place(page),
        )


def _different(lines: bytes, count: int) -> bool:
    """Whether there are at least `count` different lines."""
    found: set[bytes] = set()
    start = 0
    while start < len(lines) and len(found) < count:
        end = lines.index(b"\n", start) + 1
        found.add(lines[start:end])
        start = end
    return len(found) >= count
