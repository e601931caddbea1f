"""The operations of events under /v1."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from chassis.database.connection import Connection
from chassis.web.conditional import IF_NONE_MATCH, respond_conditionally
from chassis.web.operations import Operation
from chassis.web.pagination import Page
from inventory import permissions
from inventory.common.idempotency import IDEMPOTENCY_KEY, Created, create_once
from inventory.events import store
from inventory.events.event import Event, EventFilters, NewEvent
from inventory.events.store import EVENTS


class ByUuid(msgspec.Struct, frozen=True):
    """The path of one event."""

    id: Annotated[UUID, Meta(description="Id of the event")]


async def list_events(request: Request, query: EventFilters) -> Response:
    """`GET /v1/events`."""
    return respond_conditionally(request, await store.list_events(request.state.database, query))


async def create_event(request: Request, body: NewEvent) -> Response:
    """`POST /v1/events`."""

    async def create(connection: Connection) -> Created:
        ident = await store.create_event(connection, body, wake=request.state.wake_workers)
        event = await store.read_written(connection, EVENTS.get, ident)
        return Created(f"/v1/events/{ident}", None, event)

    return await create_once(request, body, create)


async def get_event(request: Request, path: ByUuid) -> Response:
    """`GET /v1/events/{id}`."""
    return respond_conditionally(request, await store.get_event(request.state.database, path.id))


OPERATIONS = [
    Operation(
        method="GET",
        path="/v1/events",
        endpoint=list_events,
        summary="List events",
        needs=permissions.EVENTS.to("list"),
        query_type=EventFilters,
        returns=Page[Event],
        errors=(400, 422, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="POST",
        path="/v1/events",
        endpoint=create_event,
        summary="Record an event",
        needs=permissions.EVENTS.to("create"),
        description="Its notification is queued.",
        body_type=NewEvent,
        returns=Event,
        status=201,
        errors=(400, 413, 415, 422, 503),
        headers=IDEMPOTENCY_KEY,
    ),
    Operation(
        method="GET",
        path="/v1/events/{id}",
        endpoint=get_event,
        summary="Read an event",
        needs=permissions.EVENTS.to("get"),
        path_type=ByUuid,
        returns=Event,
        errors=(404, 503),
        headers=IF_NONE_MATCH,
    ),
]
