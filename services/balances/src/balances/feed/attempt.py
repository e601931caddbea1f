"""One attempt at reading a feed from its first page to its last.

Page 1 is read first. After that, several requests are under way at a time, and the pages are processed in order.
`totalCount` is only used to estimate the number of pages: the first page that does not exist (status 404) ends the
feed, and the feed is complete only if it then has `totalCount` rows.

Pages are decoded one at a time, so that only one decoded page is in memory. Large pages are decoded in a thread, so
that the event loop is not blocked and the deadline is observed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from balances.feed.consistency import ConsistencyCheck, fingerprint
from balances.feed.errors import FeedInvalid, Place
from balances.feed.in_flight import InFlight
from balances.feed.page_decoding import decode_page
from balances.feed.page_requests import Body, PageRequests
from balances.feed.proof import Proof
from balances.feed.settings import Feed
from balances.feed.source import Source
from balances.ledger.transaction_page import TransactionPage

DECODED_WITHOUT_THREAD = 256 * 1024
"""Maximum size in bytes of a page that is decoded on the event loop, which takes some milliseconds."""

T = TypeVar("T")


class Attempt:
    """One attempt at reading a feed. It is iterated once; its pages are valid only if `proof` then succeeds."""

    def __init__(self, feed: Feed, source: Source, in_flight: InFlight) -> None:
        self._feed = feed
        self._in_flight = in_flight
        self._requests = PageRequests(feed, source, in_flight)
        self._check = ConsistencyCheck(feed)
        self._started = datetime.now(UTC)
        self._bytes = 0
        self._complete = False

    @property
    def expected_pages(self) -> int:
        """The estimated number of pages of the feed; None before the first page was read."""
        return self._check.expected_pages

    @property
    def rows(self) -> int:
        """The number of rows that were read so far."""
        return self._check.rows

    @property
    def expected_rows(self) -> int:
        """The number of rows of the feed, according to page 1; 0 before page 1 was read."""
        return self._check.total_count

    def proof(self) -> Proof:
        """The proof that this attempt has read the feed completely.

        Raises:
            RuntimeError: the pages were not iterated to the end.
        """
        if not self._complete:
            raise RuntimeError("an attempt that has not reached the end of the feed has no proof")
        check = self._check
        return Proof(self._feed.name, check.pages, check.rows, check.total_count, check.digest, self._started)

    async def close(self) -> None:
        """Cancel the requests that are under way."""
        await self._requests.close()

    async def __aiter__(self) -> AsyncIterator[TransactionPage]:
        """The pages in order.

        Raises:
            FeedError: the feed could not be read completely.
        """
        pages: list[TransactionPage] = []
        async for _ in self.through(pages.append):
            yield pages.pop()

    async def through(self, process: Callable[[TransactionPage], object]) -> AsyncIterator[int]:
        """Call `process` with each page in order, in the thread that decodes it, and yield the numbers of the pages.

        Raises:
            FeedError: the feed could not be read completely.
        """
        first = await self._decoded(1, await self._requests.single(1), partial(self._begin, process))
        if first is None:
            raise FeedInvalid(self._feed.name, "is missing; a feed has at least one page", Place(1))
        number = 1
        exists: bool | None = True
        while exists:
            self._requests.request_ahead(number, self.expected_pages)
            yield number
            self._requests.request_ahead(number, self.expected_pages)
            number, body = await self._requests.next()
            exists = await self._decoded(number, body, partial(self._go_on, process))
        await self._end(number)
        if self._check.pages > 1 and self._feed.recheck and self._feed.remote:
            again = await self._decoded(1, await self._requests.single(1), fingerprint)
            if again != first:
                raise self._check.inconsistent("the page changed while the others were read", 1)
        self._complete = True

    async def _decoded(
        self, number: int, body: Body | None, process: Callable[[TransactionPage], T]
    ) -> T | None:
        """The result of `process` for the decoded page; None if the page does not exist."""
        if body is None:
            return None
        self._bytes += len(body)
        try:
            if len(body) > DECODED_WITHOUT_THREAD:
                return await asyncio.to_thread(_decode, self._feed, number, body, process)
            await asyncio.sleep(0)  # lets other tasks run between pages that have already arrived
            return _decode(self._feed, number, body, process)
        finally:
            self._in_flight.release(number)

    def _begin(self, process: Callable[[TransactionPage], object], page: TransactionPage) -> bytes:
        self._check.begin(page)
        self._go_on(process, page)
        return fingerprint(page)

    def _go_on(self, process: Callable[[TransactionPage], object], page: TransactionPage) -> bool:
        self._check.add(page, self._bytes)
        process(page)
        return True

    async def _end(self, missing: int) -> None:
        while self._requests:
            number, body = await self._requests.next()
            if body is not None:
                self._in_flight.release(number)
                raise self._check.inconsistent(f"is missing in the middle: page {number} exists", missing)
        self._check.end(missing)


def _decode(feed: Feed, number: int, body: Body, process: Callable[[TransactionPage], T]) -> T:
    return process(decode_page(feed, number, body))
