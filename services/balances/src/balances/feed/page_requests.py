"""The requests for the pages of one attempt: several at a time, ahead of the page that is processed."""

import asyncio
from collections import deque

from balances.feed.in_flight import InFlight
from balances.feed.settings import Feed
from balances.feed.source import Source

Body = bytes | bytearray


class PageRequests:
    """Requests pages ahead, and returns them in order.

    At most `window` requests are under way at a time. As many more pages may wait for an earlier one, so that a slow
    page does not delay the requests for the pages after it.
    """

    def __init__(self, feed: Feed, source: Source, in_flight: InFlight) -> None:
        self._window = feed.window
        self._slots = asyncio.Semaphore(feed.window if feed.remote else 1)
        self._source = source
        self._in_flight = in_flight
        self._tasks: deque[tuple[int, asyncio.Task[Body | None]]] = deque()

    def __bool__(self) -> bool:
        """Whether there are pages that were requested and not yet returned."""
        return bool(self._tasks)

    def request_ahead(self, after: int, expected_pages: int) -> None:
        """Request the pages after a page: up to the first page that should not exist, then one at a time."""
        upcoming = self._tasks[-1][0] + 1 if self._tasks else after + 1
        while len(self._tasks) < 2 * self._window and (upcoming <= expected_pages + 1 or not self._tasks):
            self._request(upcoming)
            upcoming += 1

    async def next(self) -> tuple[int, Body | None]:
        """The number and body of the next page that was requested; None if the page does not exist.

        The body counts as in flight until the caller releases it.

        Raises:
            FeedError: the page could not be fetched.
        """
        number, task = self._tasks[0]
        self._in_flight.turn(number)
        body = await task
        self._tasks.popleft()
        return number, body

    async def single(self, number: int) -> Body | None:
        """The body of one page, requested now; no other page may be under way.

        Raises:
            FeedError: the page could not be fetched.
        """
        self._request(number)
        return (await self.next())[1]

    async def close(self) -> None:
        """Cancel the requests that are under way."""
        tasks = list(self._tasks)
        self._tasks.clear()
        for _, task in tasks:
            task.cancel()
        await asyncio.gather(*(task for _, task in tasks), return_exceptions=True)
        for number, _ in tasks:
            self._in_flight.release(number)

    def _request(self, number: int) -> None:
        self._tasks.append((number, asyncio.create_task(self._fetch(number))))

    async def _fetch(self, number: int) -> Body | None:
        async with self._slots:
            return await self._source.fetch(number)
