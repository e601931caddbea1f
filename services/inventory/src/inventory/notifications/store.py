"""The statements of notifications for the API, and the functions that run them. The worker's are in `queue`."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from chassis.database.connection import Connection
from chassis.database.pool import Database
from chassis.database.queries import Queries
from chassis.errors import Conflict, FieldError
from inventory.common.keyset_pages import Listing, page
from inventory.common.rows import missing
from inventory.common.settled import settled_notifications
from inventory.common.wakeup import wake_workers
from inventory.notifications.notification import NotificationFilters, NotificationPosition

NOTIFICATIONS = Queries("inventory.notifications", "sql/notification.sql")

NOTIFICATION_LIST = Listing("notifications", NOTIFICATIONS, {"id": NotificationPosition})


async def list_notifications(database: Database, query: NotificationFilters) -> bytes:
    """One page of the notifications, as JSON."""
    settled = {"settled": await settled_notifications(database)} if query.sort == "id" else {}
    return await page(database, NOTIFICATION_LIST, query, more=settled)


async def get_notification(database: Database, ident: int) -> bytes:
    """One notification, as JSON; raises NotFound."""
    row = await database.row(NOTIFICATIONS.get, {"id": ident})
    if row is None:
        raise missing("notification", ident)
    return bytes(row[0], "utf-8")


async def replay_notification(database: Database, ident: int, *, wake: bool) -> bytes:
    """Queue a notification again, whatever its state; wake the workers if `wake`.

    Raises:
        NotFound: there is no such notification.
        Conflict: it is pending already.
    """
    async with database.transaction() as connection:
        return await replay_in(connection, ident, wake=wake)


async def replay_in(connection: Connection, ident: int, *, wake: bool) -> bytes:
    """Queue a notification again in the transaction of a connection; see `replay_notification`."""
    row = await (await connection.execute(NOTIFICATIONS.replay, {"id": ident})).fetchone()
    if row is None:
        if await (await connection.execute(NOTIFICATIONS.get, {"id": ident})).fetchone() is None:
            raise missing("notification", ident)
        detail = "The notification is pending already, and will be delivered when it is due."
        raise Conflict(detail, [FieldError("", "pending", detail)])
    if wake:
        await wake_workers(connection)
    return bytes(row[0], "utf-8")


class EventOfNotification(msgspec.Struct, frozen=True):
    """The event of a notification, for pages."""

    id: UUID
    user_id: str
    account_id: int | None
    """The user whose username is `user_id`, ignoring case; None if there is none."""
    description: str
    """Its first 200 characters."""


async def events_of_notifications(
    database: Database, ids: Sequence[UUID]
) -> Mapping[UUID, EventOfNotification]:
    """The events with these ids, by id."""
    rows = await database.rows(NOTIFICATIONS.events, {"ids": list(ids)})
    return {event.id: event for event in (EventOfNotification(*row) for row in rows)}
