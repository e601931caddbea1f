"""Complete lists of any length as one JSON array, in bounded memory.

A list is read in chunks, each by one short statement that continues after the last item (keyset). So no transaction and
no connection is held while a slow client reads, and neither the process nor PostgreSQL holds more than a chunk. All
lists together may use only a limited number of connections.

A list that fits into its first chunk is one statement, and one response with a Content-Length. A longer list is not one
snapshot: an item that is changed meanwhile appears in its old or its new state, and no item appears twice.
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
"""Text that PostgreSQL's json_agg puts between two items."""


class ListCutOff(Exception):
    """Reading failed after a part of the list was sent, so the server must close the connection."""


class JsonStreams:
    """Makes responses with complete lists.

    Args:
        database: database of the lists.
        connections: number of connections that all lists together may use for the chunks after their first ones.
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
        """Respond with a list, or a slice of it, as a JSON array.

        An error in the first chunk is raised, so the response is an error. After an error in a later chunk the
        connection is closed without the end of the body, so that the client notices.

        Args:
            request: the request.
            query: SQL that returns one row for a chunk: the number of items, the position of the last one, and their
                JSON with `SEPARATOR` between them. Its parameters are `after` (a position), `offset`, `rows` (the
                maximum number of items) and `bytes`. It may return fewer items if their JSON is longer than `bytes`.
            first: position before the first item.
            offset: number of items to leave out at the beginning.
            limit: maximum number of items; None for all.
            around: text before and after the items.
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
    """Reads a list chunk by chunk."""

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
        """The JSON of the next items; empty if there are none."""
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
        # Fewer items than requested are the last ones, unless the limit on bytes was reached
        self.ended = self._left == 0 or (count < rows and len(items) <= CHUNK_BYTES)
        return items


class _Streamed(Response):
    """Sends chunks as they are read.

    Starlette's StreamingResponse would cancel the reading when the client disconnects, possibly within a statement.
    """

    media_type = "application/json"

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI's
        """Send the response; for HEAD without reading further chunks."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            async for chunk in self._chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
