"""The hint that something was queued: PostgreSQL's NOTIFY, heard on a connection of its own."""

import asyncio
from collections.abc import Callable

import psycopg

from chassis.database_connection import connection_options
from inventory.event_store import NOTIFICATIONS

LONGEST_PAUSE = 5.0


async def listen(url: str, schema: str, wake: Callable[[], None]) -> None:
    """Call `wake` at each hint, and whenever hints may have been missed; connect again for as long as it takes.

    It says nothing of lost connections: a hint is only a hint, and who needs the database says that it is away.
    """
    pause = 0.1
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                url, **connection_options(schema, LONGEST_PAUSE)
            ) as connection:
                await connection.execute(NOTIFICATIONS.listen)
                wake()
                pause = 0.1
                async for _ in connection.notifies():
                    wake()
        except psycopg.Error:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
