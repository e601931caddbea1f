"""What readiness asks the database, on a connection that no request uses: being busy is not being down."""

import asyncio
from contextlib import suppress
from typing import Any

import psycopg

from chassis.database.connection import Connection, connection_options

QUESTION = b"select current_setting('transaction_read_only')"


class DatabaseProbe:
    """A connection of its own, kept open, and opened again when it was lost."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    async def read_only(self) -> bool:
        """Whether the database, which answers, takes no changes.

        Raises:
            psycopg.OperationalError: it does not answer.
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
            row = await (await connection.execute(QUESTION, prepare=False)).fetchone()
        except (
            BaseException
        ):  # a cancelled question leaves an answer behind that would be taken for the next one's
            self._connection = None
            await connection.close()
            raise
        return row == ("on",)
