"""Pages from files in a directory."""

import asyncio
from pathlib import Path

from balances.feed.errors import FeedInvalid, FeedUnreachable, Place
from balances.feed.in_flight import InFlight
from balances.feed.settings import Feed

READ_WITHOUT_THREAD = 256 * 1024
"""Maximum size in bytes of a file that is read on the event loop."""


class DirectorySource:
    """Reads the files DIRECTORY/1.json, DIRECTORY/2.json, and so on."""

    def __init__(self, feed: Feed, in_flight: InFlight) -> None:
        self._feed = feed
        self._in_flight = in_flight
        self.last_event = "nothing"

    async def fetch(self, page: int) -> bytes | None:
        """See `Source.fetch`."""
        path = Path(self._feed.page_url(page))
        self.last_event = str(path)
        await asyncio.sleep(0)  # lets Ctrl-C and the deadline take effect between files
        try:
            body = self._read(path) if _small(path) else await asyncio.to_thread(self._read, path)
        except FileNotFoundError:
            if path.parent.is_dir():
                return None
            raise FeedUnreachable(self._feed.name, self._no_directory(path.parent)) from None
        except OSError as error:
            detail = f"cannot read {path}: {error.strerror}"
            raise FeedUnreachable(self._feed.name, detail, Place(page)) from error
        except ValueError as error:  # for example, a NUL character in the path
            raise FeedInvalid(
                self._feed.name, f"{path!r} is not a valid path: {error}", Place(page)
            ) from error
        limit = self._feed.max_page_bytes
        if len(body) > limit:
            raise FeedInvalid(self._feed.name, f"the page is larger than {limit} bytes", Place(page))
        await self._in_flight.take(page, len(body))
        return body

    def _no_directory(self, path: Path) -> str:
        directory = str(path.absolute())
        named = directory in self._feed.name
        return "there is no such directory" + ("" if named else f": {directory}")

    def _read(self, path: Path) -> bytes:
        if path.is_fifo():  # opening a pipe would wait for a writer for ever
            raise FeedInvalid(self._feed.name, f"{path} is a pipe, not a file")
        with path.open("rb") as file:
            return file.read(self._feed.max_page_bytes + 1)


def _small(path: Path) -> bool:
    return path.stat().st_size <= READ_WITHOUT_THREAD
