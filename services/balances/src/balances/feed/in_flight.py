"""A limit on the memory of pages that were received and not yet processed."""

import asyncio

LIMIT = 16 * 1024 * 1024
"""Maximum number of bytes in memory, after inflating."""


class InFlight:
    """Limits how many bytes of pages are held in memory before they are processed.

    The page that is processed next is never held up, so that other pages cannot block it: at most the limit and that
    one page are in memory. Bytes over the limit are not read from the socket until there is room.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._held: dict[int, int] = {}
        self._turn = 1
        self._changed = asyncio.Event()

    @property
    def held(self) -> int:
        """Bytes of all pages that are in memory."""
        return sum(self._held.values())

    async def take(self, page: int, size: int) -> None:
        """Wait until there is room for `size` more bytes of a page, and count them."""
        while page != self._turn and self.held + size > self._limit:
            self._changed.clear()
            await self._changed.wait()
        self._held[page] = self._held.get(page, 0) + size

    def release(self, page: int) -> None:
        """Stop counting the bytes of a page."""
        self._held.pop(page, None)
        self._changed.set()

    def turn(self, page: int) -> None:
        """Set the page that is processed next; its bytes do not wait for room."""
        self._turn = page
        self._changed.set()
