"""Events at their original paths."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from chassis.database.queries import Queries
from chassis.errors import FieldError, Invalid
from chassis.web.operations import Operation
from inventory import permissions
from inventory.common.fields import Time
from inventory.events import store as events
from inventory.events.event import Description, NewEvent, Status, UserId
from inventory.original import store
from inventory.original.responses import errors_as, json, streams

SQL = Queries("inventory.original", "sql/event.sql")


EventId = Annotated[UUID, Meta(description="Id of the event")]


class OriginalEvent(msgspec.Struct, frozen=True):
    """An event as the original program sent it."""

    event_id: EventId
    user_id: UserId
    description: Description
    status: Status


class OriginalNewEvent(msgspec.Struct, frozen=True):
    """Something that happened, and the user to notify; other fields are ignored."""

    user_id: UserId
    description: Description


class EventChange(msgspec.Struct, frozen=True):
    """Changes of an event; `event_id` may repeat the id in the path, and other fields are ignored."""

    event_id: Annotated[UUID, Meta(description="May repeat the id in the path")] | UnsetType = UNSET
    user_id: UserId | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    status: Status | UnsetType = UNSET


class ByEventId(msgspec.Struct, frozen=True):
    """The path of one event."""

    event_id: EventId


class Now(msgspec.Struct, frozen=True):
    """The time."""

    now: Annotated[Time, Meta(description="The time")]


async def ping_events(_: Request) -> Response:
    """`GET /ping/`."""
    return json(msgspec.json.encode(Now(datetime.now(UTC))))


async def all_events(request: Request) -> Response:
    """`GET /events/`."""
    return await streams(request).array(request, SQL.list, 0)


async def all_events_no_slash(request: Request) -> Response:
    """`GET /events`."""
    return await all_events(request)


async def add_event(request: Request, body: OriginalNewEvent) -> Response:
    """`POST /events/`."""
    event = NewEvent(user_id=body.user_id, description=body.description)
    async with request.state.database.transaction() as connection:
        ident = await events.create_event(connection, event, wake=request.state.wake_workers)
        created = await events.read_written(connection, SQL.get, ident)
    return json(created, 201)


async def add_event_no_slash(request: Request, body: OriginalNewEvent) -> Response:
    """`POST /events`."""
    return await add_event(request, body)


async def read_event(request: Request, path: ByEventId) -> Response:
    """`GET /events/{event_id}`."""
    return json(await store.get(request.state.database, SQL.get, "event", path.event_id))


async def change_event(request: Request, path: ByEventId, body: EventChange) -> Response:
    """`PUT /events/{event_id}`."""
    if body.event_id not in (UNSET, path.event_id):
        detail = f"The body says another event_id than the path, {path.event_id}."
        raise Invalid(detail, [FieldError("/event_id", "disagrees", detail)])
    async with request.state.database.transaction() as connection:
        await events.change_event(
            connection,
            path.event_id,
            user_id=None if body.user_id is UNSET else body.user_id,
            description=None if body.description is UNSET else body.description,
            status=None if body.status is UNSET else body.status,
            wake=request.state.wake_workers,
        )
        changed = await events.read_written(connection, SQL.get, path.event_id)
    return json(changed)


OPERATIONS = [
    Operation(
        method="GET",
        path="/ping/",
        endpoint=ping_events,
        summary="Read the time",
        needs="nothing",
        returns=Now,
    ),
    Operation(
        method="GET",
        path="/events/",
        endpoint=all_events,
        summary="List all events, at the path with a slash",
        needs=permissions.EVENTS.to("list"),
        description="The oldest is first.",
        returns=list[OriginalEvent],
        errors=(503,),
        on_error=errors_as(422),
    ),
    Operation(
        method="POST",
        path="/events/",
        endpoint=add_event,
        summary="Record an event, at the path with a slash",
        needs=permissions.EVENTS.to("create"),
        description="Its notification is queued.",
        body_type=OriginalNewEvent,
        returns=OriginalEvent,
        status=201,
        errors=(413, 422, 503),
        on_error=errors_as(422),
    ),
    Operation(
        method="GET",
        path="/events",
        endpoint=all_events_no_slash,
        summary="List all events",
        needs=permissions.EVENTS.to("list"),
        description="The oldest is first.",
        returns=list[OriginalEvent],
        errors=(503,),
        on_error=errors_as(422),
    ),
    Operation(
        method="POST",
        path="/events",
        endpoint=add_event_no_slash,
        summary="Record an event",
        needs=permissions.EVENTS.to("create"),
        description="Its notification is queued.",
        body_type=OriginalNewEvent,
        returns=OriginalEvent,
        status=201,
        errors=(413, 422, 503),
        on_error=errors_as(422),
    ),
    Operation(
        method="GET",
        path="/events/{event_id}",
        endpoint=read_event,
        summary="Read an event",
        needs=permissions.EVENTS.to("get"),
        path_type=ByEventId,
        returns=OriginalEvent,
        errors=(404, 503),
        on_error=errors_as(422),
    ),
    Operation(
        method="PUT",
        path="/events/{event_id}",
        endpoint=change_event,
        summary="Change an event",
        needs=permissions.EVENTS.to("update"),
        description="The status Processed cancels its notifications; NotProcessed queues them again.",
        path_type=ByEventId,
        body_type=EventChange,
        returns=OriginalEvent,
        errors=(404, 413, 422, 503),
        on_error=errors_as(422),
    ),
]
