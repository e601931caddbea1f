"""The statements of events, and the functions that run them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.database.connection import Connection
from chassis.database.pool import Database
from chassis.database.queries import Queries
from inventory.common.keyset_pages import Listing, page
from inventory.common.rows import missing
from inventory.common.settled import settled_events
from inventory.common.wakeup import wake_workers
from inventory.events.delivery import Delivery, State, state_of_event
from inventory.events.event import EventFilters, EventPosition, NewEvent, Status

EVENTS = Queries("inventory.events", "sql/event.sql")
DELIVERIES = Queries("inventory.events", "sql/delivery.sql")

EVENT_LIST = Listing("events", EVENTS, {"created_at": EventPosition}, without_condition=frozenset({"status"}))


async def list_events(database: Database, query: EventFilters) -> bytes:
    """One page of the events, as JSON."""
    block, count = _blocks(query)
    settled = {"settled": await settled_events(database)} if query.sort == "created_at" else {}
    return await page(database, EVENT_LIST, query, block=block, count=count, more=settled)


def _blocks(query: EventFilters) -> tuple[str, str]:
    """The blocks with the page and with the count."""
    if query.status == "NotProcessed":
        of_user = isinstance(query.user_id, str)
        return "page_not_processed_of_user" if of_user else "page_not_processed", "count_not_processed"
    return ("page_processed", "count_processed") if query.status == "Processed" else ("page", "count")


async def get_event(database: Database, ident: UUID) -> bytes:
    """One event, as JSON; raises NotFound."""
    row = await database.row(EVENTS.get, {"id": ident})
    if row is None:
        raise missing("event", ident)
    return bytes(row[0], "utf-8")


async def create_event(connection: Connection, event: NewEvent, *, wake: bool) -> UUID:
    """Create an event and its notification; wake the workers if `wake`."""
    parameters = {"user_id": event.user_id, "description": event.description}
    row = await (await connection.execute(EVENTS.create, parameters)).fetchone()
    assert row is not None  # noqa: S101  an insert that did not fail returns its row
    if wake:
        await wake_workers(connection)
    ident: UUID = row[0]
    return ident


async def read_written(connection: Connection, statement: bytes, ident: UUID) -> bytes:
    """The JSON that a statement returns for an event that this transaction has written."""
    row = await (await connection.execute(statement, {"id": ident})).fetchone()
    assert row is not None  # noqa: S101  the transaction has just written it
    return bytes(row[0], "utf-8")


async def change_event(
    connection: Connection,
    ident: UUID,
    *,
    user_id: str | None,
    description: str | None,
    status: Status | None,
    wake: bool,
) -> None:
    """Change the fields of an event that are not None; wake the workers if it is queued again and `wake`.

    The status `Processed` cancels the open notifications of the event, and `NotProcessed` queues all of them again.

    Raises:
        NotFound: there is no such event.
    """
    parameters = {"id": ident, "user_id": user_id, "description": description}
    if await (await connection.execute(EVENTS.update, parameters)).fetchone() is None:
        raise missing("event", ident)
    if status == "Processed":
        await connection.execute(EVENTS.close, {"id": ident})
    elif status == "NotProcessed":
        await connection.execute(EVENTS.reopen, {"id": ident})
        if wake:
            await wake_workers(connection)


async def deliveries_of_event(database: Database, ident: UUID) -> Sequence[Delivery]:
    """The notifications of an event."""
    return [Delivery(*row) for row in await database.rows(DELIVERIES.of_event, {"id": ident})]


async def states_of_events(database: Database, ids: Sequence[UUID]) -> Mapping[UUID, State | None]:
    """The state of each of these events; those without a notification are absent."""
    rows = await database.rows(DELIVERIES.states, {"ids": list(ids)})
    return {ident: state_of_event(states) for ident, states in rows}


async def users_of_events(database: Database, most: int) -> Sequence[str] | None:
    """The different users that events name, in order; None if there are more than `most`."""
    rows = await database.rows(DELIVERIES.user_ids, {"rows": most + 1})
    return None if len(rows) > most else [user_id for (user_id,) in rows]
