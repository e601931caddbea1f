"""Where the bytes of pages come from."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from balances.errors import FeedInvalid, FeedUnreachable, Place
from balances.feed.in_flight import InFlight
from balances.feed.settings import Feed

QUICKLY_READ = 256 * 1024
"""Bytes of a file for which no thread is worth its while."""


class Source(Protocol):
    """Fetches pages; `last_seen` tells what happened most recently, for whoever ran out of time."""

    last_seen: str

    async def fetch(self, page: int) -> bytes | bytearray | None:
        """The body of a page, or None where the feed has none.

        Its bytes are counted as in flight; whoever takes them releases them.

        Raises:
            FeedError: neither is to be had.
        """


@asynccontextmanager
async def open_source(feed: Feed, deadline: float, in_flight: InFlight) -> AsyncIterator[Source]:
    """The source of a feed; `deadline` is in the running loop's time."""
    if not feed.remote:
        yield DirectorySource(feed, in_flight)
        return
    from balances.feed.http_source import HttpSource, client  # noqa: PLC0415  httpx costs 0.1 s to import

    async with client(feed) as http:
        yield HttpSource(feed, http, deadline, in_flight)


class DirectorySource:
    """Pages kept as files: DIRECTORY/1.json, DIRECTORY/2.json, …."""

    def __init__(self, feed: Feed, in_flight: InFlight) -> None:
        self._feed = feed
        self._in_flight = in_flight
        self.last_seen = "nothing"

    async def fetch(self, page: int) -> bytes | None:
        """See `Source.fetch`."""
        path = Path(self._feed.page_url(page))
        self.last_seen = str(path)
        await asyncio.sleep(0)  # so that Ctrl-C and the deadline are heard between files
        try:
            body = self._read(path) if _small(path) else await asyncio.to_thread(self._read, path)
        except FileNotFoundError:
            if path.parent.is_dir():
                return None
            raise FeedUnreachable(self._feed.title, "there is no such directory") from None
        except OSError as error:
            detail = f"cannot read {path}: {error.strerror}"
            raise FeedUnreachable(self._feed.title, detail, Place(page)) from error
        except ValueError as error:  # such as a NUL character in the path
            raise FeedInvalid(self._feed.title, f"{path!r} cannot be a file: {error}", Place(page)) from error
        limit = self._feed.max_page_bytes
        if len(body) > limit:
            raise FeedInvalid(self._feed.title, f"the page is larger than {limit} bytes", Place(page))
        await self._in_flight.take(page, len(body))
        return body

    def _read(self, path: Path) -> bytes:
        if path.is_fifo():  # it would wait for a writer, for ever
            raise FeedInvalid(self._feed.title, f"{path} is a pipe, not a file")
        with path.open("rb") as file:
            return file.read(self._feed.max_page_bytes + 1)


def _small(path: Path) -> bool:
    return path.stat().st_size <= QUICKLY_READ
