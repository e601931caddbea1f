"""Complete lists of any length as one JSON array, in bounded memory.

A list is read in chunks, each by one short statement that goes on where the chunk before ended (keyset). So no
transaction and no connection is held while a slow caller reads, and neither the process nor PostgreSQL ever holds more
than a chunk. What all lists together may use of the pool is bounded as well.

A list that fits into its first chunk is one response with a Content-Length, and one statement. A longer one is not one
snapshot: what is changed while it is sent is in it as it was before or as it is after, and nothing is in it twice.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chassis.database.pool import Database
from chassis.errors import RequestError

CHUNK_ROWS = 1000
CHUNK_BYTES = 256 * 1024

SEPARATOR = b", "
"""What PostgreSQL's json_agg puts between two items."""


class ListCutOff(Exception):
    """A list could not be read to its end, after a part of it was sent: the server must cut the connection."""


class JsonStreams:
    """Answers with the complete lists of a database.

    Args:
        database: where the lists are.
        connections: how many connections all lists together may use beyond their first chunks.
    """

    def __init__(self, database: Database, connections: int = 1) -> None:
        self._database = database
        self._turns = asyncio.Semaphore(connections)

    async def array(
        self,
        request: Request,
        query: bytes,
        first: object,
        *,
        offset: int = 0,
        limit: int | None = None,
        around: tuple[bytes, bytes] = (b"[", b"]"),
    ) -> Response:
        """The rows of a list, or a slice of them, as a JSON array.

        A failure of the first chunk is raised, and answered as usual. After a later one the connection is cut,
        without the end of the body, so that the caller notices.

        Args:
            request: what is answered.
            query: gives one row for a chunk: how many items, the position of the last, and their JSON with
                `SEPARATOR` between them. Its parameters are `after` (a position), `offset`, `rows` (the most items)
                and `bytes`. It may give fewer than there are once their JSON is longer than `bytes`.
            first: the position before the first item.
            offset: how many items to leave out at the beginning.
            limit: the most items; None for all.
            around: what stands before and after the items.
        """
        chunks = _Chunks(self._database, query, first, offset, limit)
        before, after = around
        start = before + await chunks.read()
        if chunks.ended:
            return Response(start + after, media_type="application/json")
        return _Streamed(self._body(request, chunks, start, after))

    async def _body(
        self, request: Request, chunks: "_Chunks", start: bytes, end: bytes
    ) -> AsyncIterator[bytes]:
        yield start
        while not chunks.ended:
            async with self._turns:
                if await request.is_disconnected():
                    return
                try:
                    chunk = await chunks.read()
                except RequestError as error:
                    raise ListCutOff(f"The list was cut off before its end: {error.detail}") from error
            if chunk:
                yield SEPARATOR + chunk
        yield end


class _Chunks:
    """A list on its way: what was read of it, and whether that was all."""

    def __init__(
        self, database: Database, query: bytes, first: object, offset: int, limit: int | None
    ) -> None:
        self.ended = False
        self._database = database
        self._query = query
        self._after = first
        self._offset = offset
        self._left = limit

    async def read(self) -> bytes:
        """The items of the next chunk, empty if there are none."""
        rows = CHUNK_ROWS if self._left is None else min(self._left, CHUNK_ROWS)
        parameters = {"after": self._after, "offset": self._offset, "rows": rows, "bytes": CHUNK_BYTES}
        row: tuple[Any, ...] | None = await self._database.row(self._query, parameters)
        assert row is not None  # noqa: S101  an aggregate always has a row
        count, last, json = row
        items = (json or "").encode()
        if self._left is not None:
            self._left -= count
        self._after = last
        self._offset = 0
        # Fewer than asked for are all there are, unless their length is why they are fewer
        self.ended = self._left == 0 or (count < rows and len(items) <= CHUNK_BYTES)
        return items


class _Streamed(Response):
    """Sends chunks as they come.

    Starlette's StreamingResponse cancels its body when the caller goes, which may happen inside of a statement.
    """

    media_type = "application/json"

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI's
        """Answer one request; HEAD without reading on."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            async for chunk in self._chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
