"""Pages that repeat rows of another page, as when a server gives one page twice or rows move while they are read.

Alike rows are not refused: a feed without ids may well have two. So a page counts as repeated only if it is the same
as another, row by row, and has at least two different rows; and two pages overlap only if one begins with the rows
that the page before ended with, at least three different ones. What repeats less cannot be told from rows that are
really alike; `balances.repeats` lists it.
"""

from balances.errors import FeedInconsistent, Place
from balances.feed.settings import Feed
from balances.ledger.transaction import Page

COMPARED = 64 * 1024
"""Bytes at the end of a page that the next one is compared with."""

DIFFERENT_ROWS = 3
"""How many different rows two pages must share to overlap."""


class Overlaps:
    """Takes pages in order, and refuses those that repeat another's rows.

    Raises:
        FeedInconsistent: for reading again may help.
    """

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._pages: dict[int, int] = {}
        self._tail = b""

    def add(self, page: Page) -> None:
        """Take in the next page."""
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
        """How many rows at the end of the page before are the first of these; 0 if too few to tell."""
        first = b"\n" + lines[: lines.index(b"\n") + 1]
        start = self._tail.find(first)
        while start >= 0:
            shared = self._tail[start + 1 :]
            if lines.startswith(shared):  # what is found further on is a part of this
                return shared.count(b"\n") if _different(shared, DIFFERENT_ROWS) else 0
            start = self._tail.find(first, start + 1)
        return 0

    def _refused(self, page: int, detail: str) -> FeedInconsistent:
        return FeedInconsistent(
            self._feed.title,
            f"{detail}; if that is right, set allow_repeated_pages (--allow-repeated-pages)",
            Place(page),
        )


def _different(lines: bytes, count: int) -> bool:
    """Whether there are at least so many different lines."""
    found: set[bytes] = set()
    start = 0
    while start < len(lines) and len(found) < count:
        end = lines.index(b"\n", start) + 1
        found.add(lines[start:end])
        start = end
    return len(found) >= count
