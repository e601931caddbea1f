"""Waking the workers when a notification is queued: PostgreSQL's NOTIFY."""

from chassis.database.connection import Connection
from chassis.database.queries import Queries

WAKEUP = Queries("inventory.common", "sql/wakeup.sql")


async def wake_workers(connection: Connection) -> None:
    """Wake the workers that listen, as soon as the transaction of the connection is committed."""
    await connection.execute(WAKEUP.notify)
