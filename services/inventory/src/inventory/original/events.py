"""The event log at its original paths."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import FieldError, Invalid
from chassis.web.operations import Operation
from inventory.collection import named
from inventory.common.fields import Name, Text
from inventory.events import store as event_store
from inventory.events.routes import Status
from inventory.events.store import EVENTS
from inventory.original.answers import answering, json, streams


class OriginalEvent(msgspec.Struct, frozen=True):
    """An event as it has always been answered."""

    event_id: UUID
    user_id: str
    description: str
    status: Status


class OriginalNewEvent(msgspec.Struct, frozen=True):
    """Something that happened, and who must be told; other fields are ignored."""

    user_id: Name
    description: Text


class EventChange(msgspec.Struct, frozen=True):
    """What may be changed of an event; `event_id` may be repeated, and other fields are ignored."""

    event_id: UUID | UnsetType = UNSET
    user_id: Name | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    status: Status | UnsetType = UNSET


class ByEventId(msgspec.Struct, frozen=True):
    """The path of one event."""

    event_id: UUID


class Now(msgspec.Struct, frozen=True):
    """What the clock says."""

    now: datetime


async def ping(_: Request) -> Response:
    """`GET /ping/`."""
    return json(msgspec.json.encode(Now(datetime.now(UTC))))


async def all_events(request: Request) -> Response:
    """`GET /events/`."""
    return await streams(request).array(request, EVENTS.legacy_list, 0)


async def add_event(request: Request, body: OriginalNewEvent) -> Response:
    """`POST /events/`."""
    async with request.state.database.transaction() as connection:
        ident = await event_store.create(
            connection, user_id=body.user_id, description=body.description, hint=request.state.hint
        )
        created = await event_store.read(connection, EVENTS.legacy_get, ident)
    return Response(created, 201, media_type="application/json")


async def read_event(request: Request, path: ByEventId) -> Response:
    """`GET /events/{event_id}`."""
    return json(await event_store.get(request.state.database, EVENTS.legacy_get, path.event_id))


async def change_event(request: Request, path: ByEventId, body: EventChange) -> Response:
    """`PUT /events/{event_id}`."""
    if body.event_id not in (UNSET, path.event_id):
        detail = f"The body says another event_id than the path, {path.event_id}."
        raise Invalid(detail, [FieldError("/event_id", "disagrees", detail)])
    given = msgspec.to_builtins(body)  # without what is unset
    async with request.state.database.transaction() as connection:
        await event_store.update(
            connection,
            path.event_id,
            user_id=given.get("user_id"),
            description=given.get("description"),
            status=given.get("status"),
            hint=request.state.hint,
        )
        changed = await event_store.read(connection, EVENTS.legacy_get, path.event_id)
    return json(changed)


def _operations() -> list[Operation]:
    common: dict[str, Any] = {"returns": OriginalEvent, "on_error": answering(422)}
    both = []
    for path, suffix in (("/events/", ""), ("/events", "_no_slash")):
        both += [
            Operation(
                method="GET",
                path=path,
                endpoint=named(f"all_events{suffix}", all_events),
                summary="Every event, oldest first",
                errors=(503,),
                **{**common, "returns": list[OriginalEvent]},
            ),
            Operation(
                method="POST",
                path=path,
                endpoint=named(f"add_event{suffix}", add_event),
                summary="Say that something happened; whoever must be told will be",
                body_type=OriginalNewEvent,
                status=201,
                errors=(413, 422, 503),
                **common,
            ),
        ]
    item: dict[str, Any] = {"path": "/events/{event_id}", "path_type": ByEventId, **common}
    return [
        Operation(
            method="GET", path="/ping/", endpoint=named("ping_events", ping), summary="The clock", returns=Now
        ),
        *both,
        Operation(method="GET", endpoint=read_event, summary="One event", errors=(404, 503), **item),
        Operation(
            method="PUT",
            endpoint=change_event,
            summary="Change an event; a status closes it by hand, or queues it again",
            body_type=EventChange,
            errors=(404, 413, 422, 503),
            **item,
        ),
    ]


OPERATIONS = _operations()
