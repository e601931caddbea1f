"""Checks that the pages of one attempt are consistent with each other and within the feed's limits."""

import hashlib

from balances.feed.errors import FeedInconsistent, FeedInvalid, Place
from balances.feed.overlaps import Overlaps
from balances.feed.settings import Feed
from balances.ledger.transaction_page import TransactionPage


class ConsistencyCheck:
    """Counts and checks the pages of an attempt in order, and computes the digest of their rows."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._digest = hashlib.sha256()
        self._overlaps = Overlaps(feed)
        self.pages = 0
        """Pages so far."""
        self.rows = 0
        """Rows so far."""
        self.total_count = 0
        """The number of rows of the feed, according to page 1."""
        self.expected_pages = 1
        """The number of pages of the feed if all are as long as page 1; None before page 1."""

    @property
    def digest(self) -> str:
        """The SHA-256 of the canonical text of all rows so far, in hexadecimal."""
        return self._digest.hexdigest()

    def begin(self, page: TransactionPage) -> None:
        """Take `totalCount` from page 1.

        Raises:
            FeedInvalid: the feed has more pages than its settings allow.
        """
        self.total_count = page.total_count
        rows = max(1, page.rows)
        self.expected_pages = max(1, -(-self.total_count // rows))
        if self.expected_pages > self._feed.max_pages:
            detail = (
                f"totalCount {self.total_count} at {page.rows} rows a page means {self.expected_pages} pages; "
                f"at most {self._feed.max_pages} are read"
            )
            raise FeedInvalid(self._feed.name, detail, Place(1))

    def add(self, page: TransactionPage, size: int) -> None:
        """Check the next page.

        Args:
            page: the page.
            size: bytes of all pages so far, this one included.

        Raises:
            FeedInvalid: the feed is larger than its settings allow.
            FeedInconsistent: the page contradicts an earlier one.
        """
        if page.total_count != self.total_count:
            detail = f"totalCount is {page.total_count}, and on page 1 it was {self.total_count}"
            raise self.inconsistent(detail, page.number)
        self.pages += 1
        self.rows += page.rows
        if self.rows > self.total_count:
            detail = f"{self.rows} rows so far are more than totalCount {self.total_count}"
            raise self.inconsistent(detail, page.number)
        if self.pages > self._feed.max_pages:
            raise FeedInvalid(self._feed.name, f"has more than {self._feed.max_pages} pages (max_pages)")
        if size > self._feed.max_bytes:
            detail = f"its pages are larger than {self._feed.max_bytes} bytes together"
            raise FeedInvalid(self._feed.name, detail, Place(page.number))
        self._digest.update(page.lines)
        self._overlaps.add(page)

    def end(self, missing: int) -> None:
        """Check that the feed had all its rows.

        Args:
            missing: number of the first page that does not exist.

        Raises:
            FeedInconsistent: the number of rows is not `totalCount`.
        """
        if self.rows != self.total_count:
            detail = f"the feed ends after {self.rows} rows, but totalCount is {self.total_count}"
            raise self.inconsistent(detail, missing - 1)

    def inconsistent(self, detail: str, page: int) -> FeedInconsistent:
        """The error for a page that contradicts another."""
        return FeedInconsistent(self._feed.name, detail, Place(page))


def fingerprint(page: TransactionPage) -> bytes:
    """A value that differs between two versions of the same page."""
    return page.total_count.to_bytes(16) + hashlib.sha256(page.lines).digest()
