"""The operations of notifications under /v1."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from chassis.web.conditional import IF_NONE_MATCH, respond_conditionally
from chassis.web.operations import Operation
from chassis.web.pagination import Page
from inventory import permissions
from inventory.notifications import store
from inventory.notifications.notification import Notification, NotificationFilters, NotificationId


class ByNotificationId(msgspec.Struct, frozen=True):
    """The path of one notification."""

    id: NotificationId


async def list_notifications(request: Request, query: NotificationFilters) -> Response:
    """`GET /v1/notifications`."""
    return respond_conditionally(request, await store.list_notifications(request.state.database, query))


async def get_notification(request: Request, path: ByNotificationId) -> Response:
    """`GET /v1/notifications/{id}`."""
    return respond_conditionally(request, await store.get_notification(request.state.database, path.id))


async def replay_notification(request: Request, path: ByNotificationId) -> Response:
    """`POST /v1/notifications/{id}:replay`."""
    database, wake = request.state.database, request.state.wake_workers
    return respond_conditionally(request, await store.replay_notification(database, path.id, wake=wake))


OPERATIONS = [
    Operation(
        method="GET",
        path="/v1/notifications",
        endpoint=list_notifications,
        summary="List notifications",
        needs=permissions.NOTIFICATIONS.to("list"),
        query_type=NotificationFilters,
        returns=Page[Notification],
        errors=(400, 422, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="GET",
        path="/v1/notifications/{id}",
        endpoint=get_notification,
        summary="Read a notification",
        needs=permissions.NOTIFICATIONS.to("get"),
        path_type=ByNotificationId,
        returns=Notification,
        errors=(404, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="POST",
        path="/v1/notifications/{id}:replay",
        endpoint=replay_notification,
        summary="Send a notification again",
        needs=permissions.NOTIFICATIONS.to("replay"),
        description="It is queued, whether it was delivered, is dead or was cancelled.",
        path_type=ByNotificationId,
        returns=Notification,
        errors=(404, 409, 503),
    ),
]
