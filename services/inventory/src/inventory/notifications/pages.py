"""The pages of notifications."""

from datetime import UTC, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from chassis.database.connection import Connection
from chassis.errors import Conflict
from chassis.pages.forms import read_form
from chassis.pages.lists import ListView
from chassis.pages.messages import redirect
from chassis.pages.queries import page_query
from chassis.pages.rendering import page_path, render, render_fragment
from chassis.web.operations import Operation, page
from chassis.web.pagination import Page
from chassis.web.problem import status_of
from inventory import permissions
from inventory.common.csv_lists import respond_list
from inventory.common.form_actions import once_from_form
from inventory.common.idempotency import Created
from inventory.common.undelivered import count_undelivered
from inventory.notifications import store
from inventory.notifications.notification import Notification, NotificationFilters
from inventory.notifications.routes import ByNotificationId

_notification = msgspec.json.Decoder(Notification)
_notifications = msgspec.json.Decoder(Page[Notification])


async def show_notifications(request: Request) -> Response:
    """`GET /ui/notifications`."""
    database = request.state.database
    query = msgspec.structs.replace(_newest_first(request), total=True)
    found = _notifications.decode(await store.list_notifications(database, query))
    return render(
        request,
        "notifications/notification_list.html",
        view=ListView(page_path(request, "/ui/notifications"), query, found.items, found.next, found.total),
        events=await store.events_of_notifications(database, [one.event_id for one in found.items]),
        undelivered=await count_undelivered(database) if query.state != "dead" else 0,
        now=datetime.now(UTC),
    )


async def download_notifications(request: Request) -> Response:
    """`GET /ui/notifications.csv`."""
    query = _newest_first(request)

    async def read(part: NotificationFilters) -> bytes:
        return await store.list_notifications(request.state.database, part)

    return await respond_list("notifications", Notification, query, read)


async def show_notification(request: Request, path: ByNotificationId) -> Response:
    """`GET /ui/notifications/{id}`."""
    return await _show(request, path.id)


async def show_delivery(request: Request, path: ByNotificationId) -> Response:
    """`GET /ui/notifications/{id}/delivery`: the part of the page that stays up to date."""
    one = await _read(request, path.id)
    return render_fragment(
        request, "notifications/notification_delivery.html", one=one, now=datetime.now(UTC)
    )


async def replay_notification(request: Request, path: ByNotificationId) -> Response:
    """`POST /ui/notifications/{id}/replay`."""
    values = await read_form(request)

    async def replay(connection: Connection) -> Created:
        queued = await store.replay_in(connection, path.id, wake=request.state.wake_workers)
        return Created(str(path.id), None, queued)

    try:
        await once_from_form(request, values, path, replay)
    except Conflict as error:
        return await _show(request, path.id, status_of(error))
    return redirect(request, f"/ui/notifications/{path.id}", f"Notification {path.id} is sent again.")


def _newest_first(request: Request) -> NotificationFilters:
    """The query of the list. People see the newest notifications first, unless they choose another order."""
    query = page_query(request, NotificationFilters)
    is_chosen = bool(request.query_params.get("sort", "").strip())
    return query if is_chosen else msgspec.structs.replace(query, sort="-id")


async def _show(request: Request, ident: int, status: int = 200) -> Response:
    one = await _read(request, ident)
    events = await store.events_of_notifications(request.state.database, [one.event_id])
    return render(
        request,
        "notifications/notification_show.html",
        status,
        one=one,
        now=datetime.now(UTC),
        event=events[one.event_id],
        was_refused=status == status_of(Conflict("")),
    )


async def _read(request: Request, ident: int) -> Notification:
    return _notification.decode(await store.get_notification(request.state.database, ident))


PAGES: list[Operation] = [
    page(
        "/ui/notifications",
        show_notifications,
        "The notifications",
        permissions.NOTIFICATIONS.to("list"),
        shows=(permissions.EVENTS.to("create"),),
    ),
    page(
        "/ui/notifications.csv",
        download_notifications,
        "The notifications as CSV",
        permissions.NOTIFICATIONS.to("list"),
    ),
    page(
        "/ui/notifications/{id}",
        show_notification,
        "A notification",
        permissions.NOTIFICATIONS.to("get"),
        path_type=ByNotificationId,
        shows=(permissions.NOTIFICATIONS.to("replay"),),
    ),
    page(
        "/ui/notifications/{id}/delivery",
        show_delivery,
        "The delivery of a notification",
        permissions.NOTIFICATIONS.to("get"),
        path_type=ByNotificationId,
        shows=(permissions.NOTIFICATIONS.to("replay"),),
    ),
    page(
        "/ui/notifications/{id}/replay",
        replay_notification,
        "Send a notification again",
        permissions.NOTIFICATIONS.to("replay"),
        method="POST",
        path_type=ByNotificationId,
        shows=(permissions.NOTIFICATIONS.to("replay"),),
    ),
]
