"""Reading a feed: whole and consistent, or not at all.

Page 1 comes first; then a bounded window of requests is kept under way, and pages are handed on in order; as many
may wait for an earlier one, so that a slow page delays no other. `totalCount` is only
a hint of how far to ask: the first 404 ends the feed, and only if the rows then equal `totalCount`. A feed that
contradicts itself is read again, a few times; a directory is not, for its files stay as they are.

Pages are decoded one at a time and in order, so that only one takes the memory that a decoded page takes, and large
ones in a thread, so that neither the event loop nor the deadline waits for it.

What cannot be noticed: an equal number of rows inserted and deleted between two pages while page 1 stays as it was,
and rows that overlap from one page to the next without repeating enough of it (see `overlaps`).
"""

import asyncio
import hashlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import msgspec

from balances.errors import FeedInconsistent, FeedInvalid, FeedUnreachable, Place
from balances.feed.in_flight import InFlight
from balances.feed.overlaps import Overlaps
from balances.feed.page_decoding import decode_page
from balances.feed.settings import Feed
from balances.feed.source import Source, open_source
from balances.ledger.transaction import Page

MOST_READINGS = 3

QUICKLY_DECODED = 256 * 1024
"""Bytes of a page that take some milliseconds, for which no thread is worth its while."""

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Proof(msgspec.Struct, frozen=True):
    """What an answer rests on; `digest` is the SHA-256 of all rows in canonical form, in the feed's order."""

    feed: str
    pages: int
    rows: int
    total_count: int
    digest: str
    fetched_at: datetime
    complete: bool = True


async def read(feed: Feed, consume: Callable[["Attempt"], Awaitable[T]]) -> tuple[T, Proof]:
    """What `consume` makes of the feed's pages, with the proof that they are all.

    `consume` may be called again, with a fresh attempt, when the one before turned out inconsistent: it must keep
    nothing of an attempt that raised. The feed's deadline holds for it, too, as long as it leaves the event loop free.

    Raises:
        FeedUnreachable: no answer, or none within the feed's deadline.
        FeedInvalid: anything else that is not a whole, consistent feed.
    """
    deadline = asyncio.get_running_loop().time() + feed.deadline
    in_flight = InFlight()
    last_seen = "nothing"
    limit = asyncio.timeout_at(deadline)
    try:
        async with limit, open_source(feed, deadline, in_flight) as source:
            try:
                return await _consistent(feed, source, in_flight, consume)
            finally:
                last_seen = source.last_seen
    except TimeoutError as error:
        if not limit.expired():
            raise
        detail = f"not read whole within {feed.deadline:g} s; last seen: {last_seen}"
        raise FeedUnreachable(feed.title, detail) from error


async def _consistent(
    feed: Feed, source: Source, in_flight: InFlight, consume: Callable[["Attempt"], Awaitable[T]]
) -> tuple[T, Proof]:
    """What `consume` makes of the first attempt that does not contradict itself."""
    readings = MOST_READINGS if feed.remote else 1
    for number in range(1, readings + 1):
        attempt = Attempt(feed, source, in_flight)
        try:
            return await consume(attempt), attempt.proof()
        except FeedInconsistent as error:
            if number == readings:
                if readings == 1:
                    raise
                detail = f"{error.detail} (the last of {readings} readings)"
                raise FeedInconsistent(feed.title, detail, error.place) from error
            logger.warning("%s; reading again from page 1", error)
        finally:
            await attempt.close()
    raise AssertionError("the last reading returns or raises")


class Attempt:
    """One pass over a feed, iterated once; what it yields counts only when `proof` can be given."""

    def __init__(self, feed: Feed, source: Source, in_flight: InFlight) -> None:
        self._feed = feed
        self._source = source
        self._in_flight = in_flight
        self._slots = asyncio.Semaphore(feed.window if feed.remote else 1)
        self._asked: deque[tuple[int, asyncio.Task[bytes | bytearray | None]]] = deque()
        self._digest = hashlib.sha256()
        self._overlaps = Overlaps(feed)
        self._started = datetime.now(UTC)
        self._complete = False
        self._total_count = 0
        self.pages = 0
        """Pages handed on so far."""
        self.rows = 0
        """Rows handed on so far."""
        self.bytes = 0
        """Bytes of those pages, as they were decoded."""
        self.expected_pages = 1
        """How many pages there seem to be; known after the first."""

    def proof(self) -> Proof:
        """The proof of a complete pass.

        Raises:
            RuntimeError: the pages were not iterated to the end.
        """
        if not self._complete:
            raise RuntimeError("a reading that has not reached its end proves nothing")
        return Proof(
            self._feed.title,
            self.pages,
            self.rows,
            self._total_count,
            self._digest.hexdigest(),
            self._started,
        )

    async def close(self) -> None:
        """Give up the requests under way."""
        asked = list(self._asked)
        self._asked.clear()
        for _, task in asked:
            task.cancel()
        await asyncio.gather(*(task for _, task in asked), return_exceptions=True)
        for number, _ in asked:
            self._in_flight.release(number)

    async def __aiter__(self) -> AsyncIterator[Page]:
        """The pages in order.

        Raises:
            FeedError: whatever keeps the feed from being read whole.
        """
        pages: list[Page] = []
        async for _ in self.through(pages.append):
            yield pages.pop()

    async def through(self, take: Callable[[Page], object]) -> AsyncIterator[int]:
        """Call `take` with each page in order, where it is decoded: of large pages, in a thread. Yields their numbers.

        Raises:
            FeedError: whatever keeps the feed from being read whole.
        """
        known = await self._page(1, partial(self._begin, take))
        if known is None:
            raise FeedInvalid(self._feed.title, "is missing: a feed has at least one", Place(1))
        number = 1
        found: object = known
        while found is not None:
            self._ask(after=number)
            yield number
            self._ask(after=number)
            number, task = self._asked.popleft()
            found = await self._decoded(number, task, partial(self._go_on, take))
        await self._end(number)
        recheck = self.pages > 1 and self._feed.recheck and self._feed.remote
        if recheck and await self._page(1, _identity) != known:
            raise self._inconsistent("the page changed while the others were read", 1)
        self._complete = True

    def _expect(self, rows_a_page: int) -> None:
        self.expected_pages = max(1, -(-self._total_count // max(1, rows_a_page)))
        if self.expected_pages > self._feed.max_pages:
            detail = (
                f"totalCount {self._total_count} at {rows_a_page} rows a page means {self.expected_pages} pages; "
                f"at most {self._feed.max_pages} are read"
            )
            raise FeedInvalid(self._feed.title, detail, Place(1))

    def _ask(self, after: int) -> None:
        """Ask ahead: up to one page beyond the expected, then one at a time."""
        upcoming = self._asked[-1][0] + 1 if self._asked else after + 1
        while len(self._asked) < 2 * self._feed.window and (
            upcoming <= self.expected_pages + 1 or not self._asked
        ):
            self._asked.append((upcoming, asyncio.create_task(self._fetch(upcoming))))
            upcoming += 1

    async def _fetch(self, number: int) -> bytes | bytearray | None:
        async with self._slots:
            return await self._source.fetch(number)

    async def _page(self, number: int, use: Callable[[Page], T]) -> T | None:
        self._asked.append((number, asyncio.create_task(self._fetch(number))))
        used = await self._decoded(*self._asked[-1], use)
        self._asked.pop()
        return used

    async def _decoded(
        self, number: int, task: asyncio.Task[bytes | bytearray | None], use: Callable[[Page], T]
    ) -> T | None:
        """What `use` makes of the page, where it is decoded; None if there is no such page."""
        body = await self._in_turn(number, task)
        if body is None:
            return None
        self.bytes += len(body)
        try:
            if len(body) > QUICKLY_DECODED:
                return await asyncio.to_thread(_decode, self._feed, number, body, use)
            await asyncio.sleep(0)  # so that others have their turn between pages that wait already
            return _decode(self._feed, number, body, use)
        finally:
            self._in_flight.release(number)

    async def _in_turn(
        self, number: int, task: asyncio.Task[bytes | bytearray | None]
    ) -> bytes | bytearray | None:
        self._in_flight.turn(number)
        return await task

    def _begin(self, take: Callable[[Page], object], page: Page) -> bytes:
        self._total_count = page.total_count
        self._expect(page.rows)
        self._go_on(take, page)
        return _identity(page)

    def _go_on(self, take: Callable[[Page], object], page: Page) -> bool:
        self._tally(page)
        self._digest.update(page.lines)
        self._overlaps.add(page)
        take(page)
        return True

    def _tally(self, page: Page) -> None:
        if page.total_count != self._total_count:
            raise self._inconsistent(
                f"totalCount is {page.total_count}, and on page 1 it was {self._total_count}",
                page.number,
            )
        self.pages += 1
        self.rows += page.rows
        if self.rows > self._total_count:
            raise self._inconsistent(
                f"{self.rows} rows so far are more than totalCount {self._total_count}", page.number
            )
        if self.pages > self._feed.max_pages:
            raise FeedInvalid(
                self._feed.title,
                f"goes on after {self._feed.max_pages} pages, the most that are read",
            )
        if self.bytes > self._feed.max_bytes:
            raise FeedInvalid(
                self._feed.title,
                f"its pages are larger than {self._feed.max_bytes} bytes together",
                Place(page.number),
            )

    async def _end(self, missing: int) -> None:
        while self._asked:
            number, task = self._asked.popleft()
            if await self._in_turn(number, task) is not None:
                self._in_flight.release(number)
                raise self._inconsistent(f"is missing in the middle: page {number} exists", missing)
        if self.rows != self._total_count:
            detail = f"the feed ends after {self.rows} rows where totalCount says {self._total_count}"
            raise self._inconsistent(detail, missing - 1)

    def _inconsistent(self, detail: str, page: int) -> FeedInconsistent:
        return FeedInconsistent(self._feed.title, detail, Place(page))


def _decode(feed: Feed, number: int, body: bytes | bytearray, use: Callable[[Page], T]) -> T:
    return use(decode_page(feed, number, body))


def _identity(page: Page) -> bytes:
    """What differs between two versions of a page."""
    return page.total_count.to_bytes(16) + hashlib.sha256(page.lines).digest()
