"""The SQL of events and of their notifications, run for the API."""

from uuid import UUID

from chassis.database.connection import Connection
from chassis.database.pool import Database
from chassis.database.queries import Queries
from chassis.errors import Conflict, FieldError, NotFound

EVENTS = Queries("inventory.events", "sql/event.sql")
NOTIFICATIONS = Queries("inventory.notifications", "sql/notification.sql")
SETTLED = Queries("inventory.common", "sql/settled.sql")


async def settled(database: Database, query: bytes) -> int:
    """The number up to which a list is complete and stays so, by a block of `SETTLED`; to be asked before the list."""
    row = await database.row(query)
    assert row is not None  # noqa: S101  a sequence always has a row
    number: int = row[0]
    return number


async def create(connection: Connection, *, user_id: str, description: str, hint: bool) -> UUID:
    """Create an event and its notification, and wake a worker if `hint`."""
    cursor = await connection.execute(EVENTS.create, {"user_id": user_id, "description": description})
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101  an insert that did not fail returns its row
    if hint:
        await connection.execute(NOTIFICATIONS.hint)
    ident: UUID = row[0]
    return ident


async def update(
    connection: Connection,
    ident: UUID,
    *,
    user_id: str | None,
    description: str | None,
    status: str | None,
    hint: bool,
) -> None:
    """Change what is not None. A status closes the event's notifications, or queues them again.

    Raises:
        NotFound: there is no such event.
    """
    cursor = await connection.execute(
        EVENTS.update, {"id": ident, "user_id": user_id, "description": description}
    )
    if await cursor.fetchone() is None:
        raise _missing(ident)
    if status == "Processed":
        await connection.execute(EVENTS.close, {"id": ident})
    elif status == "NotProcessed":
        await connection.execute(EVENTS.reopen, {"id": ident})
        if hint:
            await connection.execute(NOTIFICATIONS.hint)


async def read(connection: Connection, query: bytes, ident: UUID) -> bytes:
    """The JSON that `query` gives for an event, as the transaction sees it."""
    row = await (await connection.execute(query, {"id": ident})).fetchone()
    assert row is not None  # noqa: S101  the transaction has just written it
    return bytes(row[0], "utf-8")


async def get(database: Database, query: bytes, ident: UUID) -> bytes:
    """The JSON that `query` gives for an event.

    Raises:
        NotFound: there is no such event.
    """
    row = await database.row(query, {"id": ident})
    if row is None:
        raise _missing(ident)
    return bytes(row[0], "utf-8")


async def notification(database: Database, ident: int) -> bytes:
    """One notification, as JSON.

    Raises:
        NotFound: there is none with that id.
    """
    row = await database.row(NOTIFICATIONS.get, {"id": ident})
    if row is None:
        raise NotFound(f"There is no notification {ident}.")
    return bytes(row[0], "utf-8")


async def replay(database: Database, ident: int, *, hint: bool) -> bytes:
    """Queue a notification again, whatever became of it.

    Raises:
        NotFound: there is none with that id.
        Conflict: it is still queued.
    """
    async with database.transaction() as connection:
        row = await (await connection.execute(NOTIFICATIONS.replay, {"id": ident})).fetchone()
        if row is not None and hint:
            await connection.execute(NOTIFICATIONS.hint)
    if row is None:
        await notification(database, ident)
        detail = "It is queued still, and will be delivered when it is due."
        raise Conflict(detail, [FieldError("", "pending", detail)])
    return bytes(row[0], "utf-8")


def _missing(ident: UUID) -> NotFound:
    return NotFound(f"There is no event {ident}.")
