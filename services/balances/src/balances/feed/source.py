"""The source of a feed, which fetches the bytes of its pages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from balances.feed.directory_source import DirectorySource
from balances.feed.in_flight import InFlight
from balances.feed.settings import Feed


class Source(Protocol):
    """Fetches pages of a feed."""

    last_event: str
    """A description of the last event, for the error message after the deadline."""

    async def fetch(self, page: int) -> bytes | bytearray | None:
        """The body of a page, or None if the feed has no such page.

        The bytes of the body count as in flight until the caller releases them.

        Raises:
            FeedError: the page could not be fetched.
        """


@asynccontextmanager
async def open_source(feed: Feed, deadline: float, in_flight: InFlight) -> AsyncIterator[Source]:
    """The source of a feed; `deadline` is in the time of the running event loop."""
    if not feed.remote:
        yield DirectorySource(feed, in_flight)
        return
    from balances.feed.http_source import HttpSource, client  # noqa: PLC0415  importing httpx takes 0.1 s

    http = client(feed)
    try:
        yield HttpSource(feed, http, deadline, in_flight)
    finally:
        # A cancellation in the middle of closing would leave the other connections open
        closing = asyncio.create_task(http.aclose())
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await closing
            raise
