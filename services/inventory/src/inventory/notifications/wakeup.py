"""Listening for wake-ups: PostgreSQL's NOTIFY, on a separate connection."""

from collections.abc import Callable

import psycopg

from chassis.database.connection import connection_options
from chassis.errors import Unavailable
from inventory.common.wakeup import WAKEUP

STATEMENT_SECONDS = 5.0


async def listen(url: str, schema: str, wake: Callable[[], None]) -> None:
    """Call `wake` at each wake-up, and once at the start, because earlier wake-ups may have been missed.

    Raises:
        Unavailable: the connection cannot be made, or was lost.
    """
    try:
        async with await psycopg.AsyncConnection.connect(url, **connection_options(schema)) as connection:
            await connection.execute(WAKEUP.listen)
            wake()
            async for _ in connection.notifies():
                wake()
    except psycopg.Error as error:
        raise Unavailable(f"The connection that listens for NOTIFY was lost: {error}".strip()) from error
