"""Events and their notifications under /v1."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from chassis.database.connection import Connection
from chassis.web.conditional import IF_NONE_MATCH, represent
from chassis.web.operations import Operation
from chassis.web.pagination import Page, Paging
from inventory.collection import answer_created
from inventory.common import idempotency
from inventory.common import rows as store
from inventory.common.fields import Id, Name, Text
from inventory.common.idempotency import Created
from inventory.events import store as event_store
from inventory.events.store import EVENTS, NOTIFICATIONS, SETTLED

Status = Literal["NotProcessed", "Processed"]
State = Literal["pending", "delivered", "dead", "cancelled"]
Number = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Position = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class NewEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that happened, and who must be told."""

    user_id: Name
    description: Text


class Event(msgspec.Struct, frozen=True):
    """A stored event."""

    id: UUID
    user_id: str
    account_id: Annotated[
        Id | None,
        Meta(description="The user whose username `user_id` is, whatever its case; null if there is none"),
    ]
    description: str
    status: Status
    created_at: datetime
    updated_at: datetime


class Notification(msgspec.Struct, frozen=True):
    """One telling of one event by one channel."""

    id: int
    event_id: UUID
    channel: str
    state: State
    attempts: int
    queued_at: datetime
    due_at: Annotated[
        datetime | None,
        Meta(description="When it is delivered next; null if it is delivered, dead or cancelled"),
    ]
    last_error: str | None
    finished_at: datetime | None


class EventFilters(Paging, frozen=True, kw_only=True):
    """Query of the events."""

    status: Status | UnsetType = UNSET
    user_id: Name | UnsetType = UNSET


class NotificationFilters(Paging, frozen=True, kw_only=True):
    """Query of the notifications."""

    state: State | UnsetType = UNSET
    event_id: UUID | UnsetType = UNSET


class ByUuid(msgspec.Struct, frozen=True):
    """The path of one event."""

    id: UUID


class ByNumber(msgspec.Struct, frozen=True):
    """The path of one notification."""

    id: Number


async def list_events(request: Request, query: EventFilters) -> Response:
    """`GET /v1/events`."""
    database = request.state.database
    settled = await event_store.settled(database, SETTLED.events)
    return represent(
        request, await store.page(database, _page(query), "events", query, Position, 0, settled=settled)
    )


def _page(query: EventFilters) -> bytes:
    if query.status == "NotProcessed":
        return EVENTS.page_not_processed if query.user_id is UNSET else EVENTS.page_not_processed_of_user
    return EVENTS.page if query.user_id is UNSET else EVENTS.page_of_user


async def create_event(request: Request, body: NewEvent) -> Response:
    """`POST /v1/events`."""

    async def insert(connection: Connection) -> Created:
        ident = await event_store.create(
            connection, user_id=body.user_id, description=body.description, hint=request.state.hint
        )
        return Created(f"/v1/events/{ident}", None, await event_store.read(connection, EVENTS.get, ident))

    claim = await idempotency.claim_of(request, body)
    return answer_created(request, await idempotency.once(request.state.database, claim, insert))


async def get_event(request: Request, path: ByUuid) -> Response:
    """`GET /v1/events/{id}`."""
    return represent(request, await event_store.get(request.state.database, EVENTS.get, path.id))


async def list_notifications(request: Request, query: NotificationFilters) -> Response:
    """`GET /v1/notifications`."""
    database = request.state.database
    settled = await event_store.settled(database, SETTLED.notifications)
    page = await store.page(
        database, NOTIFICATIONS.page, "notifications", query, Position, 0, settled=settled
    )
    return represent(request, page)


async def get_notification(request: Request, path: ByNumber) -> Response:
    """`GET /v1/notifications/{id}`."""
    return represent(request, await event_store.notification(request.state.database, path.id))


async def replay_notification(request: Request, path: ByNumber) -> Response:
    """`POST /v1/notifications/{id}:replay`."""
    replayed = await event_store.replay(request.state.database, path.id, hint=request.state.hint)
    return represent(request, replayed)


OPERATIONS = [
    Operation(
        method="GET",
        path="/v1/events",
        endpoint=list_events,
        summary="A page of the events, oldest first",
        query_type=EventFilters,
        returns=Page[Event],
        errors=(400, 422, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="POST",
        path="/v1/events",
        endpoint=create_event,
        summary="Say that something happened; whoever must be told will be",
        body_type=NewEvent,
        returns=Event,
        status=201,
        errors=(400, 413, 415, 422, 503),
        headers=idempotency.HEADERS,
    ),
    Operation(
        method="GET",
        path="/v1/events/{id}",
        endpoint=get_event,
        summary="One event",
        path_type=ByUuid,
        returns=Event,
        errors=(404, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="GET",
        path="/v1/notifications",
        endpoint=list_notifications,
        summary="A page of the notifications, oldest first",
        query_type=NotificationFilters,
        returns=Page[Notification],
        errors=(400, 422, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="GET",
        path="/v1/notifications/{id}",
        endpoint=get_notification,
        summary="One notification",
        path_type=ByNumber,
        returns=Notification,
        errors=(404, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="POST",
        path="/v1/notifications/{id}:replay",
        endpoint=replay_notification,
        summary="Queue a notification again, whatever became of it",
        path_type=ByNumber,
        returns=Notification,
        errors=(404, 409, 503),
    ),
]
