"""The memory that pages may take while they wait for their turn, counted in bytes after inflating."""

import asyncio

LIMIT = 16 * 1024 * 1024


class InFlight:
    """Keeps the pages that were received ahead of their turn within a limit, all of them together.

    The page whose turn it is always goes on, so that the others cannot keep it waiting: at most the limit and that one
    page are held. What is over the limit stays in the socket, unread.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._held: dict[int, int] = {}
        self._turn = 1
        self._changed = asyncio.Event()

    @property
    def held(self) -> int:
        """Bytes of all pages now."""
        return sum(self._held.values())

    async def take(self, page: int, size: int) -> None:
        """Count so many more bytes of a page, when there is room for them."""
        while page != self._turn and self.held + size > self._limit:
            self._changed.clear()
            await self._changed.wait()
        self._held[page] = self._held.get(page, 0) + size

    def release(self, page: int) -> None:
        """Count a page no longer."""
        self._held.pop(page, None)
        self._changed.set()

    def turn(self, page: int) -> None:
        """Let this page go on, whatever the others hold."""
        self._turn = page
        self._changed.set()
