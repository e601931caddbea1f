"""The readiness check of the database, on a separate connection.

Requests do not use this connection, so a busy pool does not look like an outage.
"""

import asyncio
from contextlib import suppress
from typing import Any

import psycopg

from chassis.database.connection import Connection, connection_options

READ_ONLY = b"select current_setting('transaction_read_only')"


class DatabaseProbe:
    """Keeps one connection open for checks, and opens it again when it was lost."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    async def read_only(self) -> bool:
        """Whether the database is read-only.

        Raises:
            psycopg.OperationalError: the database does not respond.
        """
        async with self._turn:
            if self._connection is not None:  # it may have been lost since it was last used
                with suppress(psycopg.OperationalError):
                    return await self._ask(self._connection)
            self._connection = await psycopg.AsyncConnection[tuple[Any, ...]].connect(
                self._url, **connection_options(self._name)
            )
            return await self._ask(self._connection)

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _ask(self, connection: Connection) -> bool:
        try:
            row = await (await connection.execute(READ_ONLY, prepare=False)).fetchone()
        except BaseException:
            # After a cancellation the next statement would receive this one's result
            self._connection = None
            await connection.close()
            raise
        return row == ("on",)
