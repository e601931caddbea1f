"""Freezers at their original paths: `/freezers`, `/freezers/{offset}/{limit}`, `/freezer/{id}`."""

import msgspec
from msgspec import UNSET, Raw, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from chassis.database.queries import Queries
from chassis.errors import Malformed
from chassis.web.operations import Operation
from inventory import permissions
from inventory.common.fields import ById, OwnId, SiteId
from inventory.original import store
from inventory.original.fields import RepeatedId, Slice, Written, changes
from inventory.original.responses import errors_as, json, streams
from inventory.places.freezer import FreezerName, FreezerPatch

SQL = Queries("inventory.original", "sql/freezer.sql")


class OriginalFreezer(msgspec.Struct, frozen=True):
    """A freezer at its original path."""

    id: OwnId
    name: FreezerName
    site_id: SiteId


class OriginalFreezerFields(msgspec.Struct, frozen=True, kw_only=True):
    """The body that creates or changes a freezer; its id may be repeated."""

    id: RepeatedId | UnsetType = UNSET
    freezer_id: RepeatedId | UnsetType = UNSET
    name: Written = msgspec.field(default_factory=Raw)
    site_id: SiteId | UnsetType = UNSET


async def all_freezers(request: Request) -> Response:
    """`GET /freezers`."""
    return await streams(request).array(request, SQL.list, 0)


async def all_freezers_slash(request: Request) -> Response:
    """`GET /freezers/`."""
    return await all_freezers(request)


async def slice_freezers(request: Request, path: Slice) -> Response:
    """`GET /freezers/{offset}/{limit}`."""
    return await streams(request).array(request, SQL.list, 0, offset=path.offset, limit=path.limit)


async def read_freezer(request: Request, path: ById) -> Response:
    """`GET /freezer/{id}`."""
    return json(await store.get(request.state.database, SQL.get, "freezer", path.id))


async def write_freezer(request: Request, path: ById, body: OriginalFreezerFields) -> Response:
    """`POST /freezer/{id}`."""
    fields = changes(body, path.id, ("id", "freezer_id"), FreezerPatch)
    return json(await store.put(request.state.database, SQL.put, path.id, fields))


async def remove_freezer(request: Request, path: ById) -> Response:
    """`DELETE /freezer/{id}`."""
    return json(await store.delete(request.state.database, SQL.delete, "freezer", path.id))


OPERATIONS = [
    Operation(
        method="GET",
        path="/freezers",
        endpoint=all_freezers,
        summary="List all freezers",
        needs=permissions.FREEZERS.to("list"),
        description="They are in the order of their ids.",
        returns=list[OriginalFreezer],
        errors=(503,),
        on_error=errors_as(400),
    ),
    Operation(
        method="GET",
        path="/freezers/",
        endpoint=all_freezers_slash,
        summary="List all freezers, at the path with a slash",
        needs=permissions.FREEZERS.to("list"),
        description="They are in the order of their ids.",
        returns=list[OriginalFreezer],
        errors=(503,),
        on_error=errors_as(400),
    ),
    Operation(
        method="GET",
        path="/freezers/{offset}/{limit}",
        endpoint=slice_freezers,
        summary="List some freezers",
        needs=permissions.FREEZERS.to("list"),
        description="They are in the order of their ids.",
        path_type=Slice,
        bad_path=Malformed,
        returns=list[OriginalFreezer],
        errors=(400, 503),
        on_error=errors_as(400),
    ),
    Operation(
        method="GET",
        path="/freezer/{id}",
        endpoint=read_freezer,
        summary="Read a freezer",
        needs=permissions.FREEZERS.to("get"),
        path_type=ById,
        returns=OriginalFreezer,
        errors=(404, 503),
        on_error=errors_as(400),
    ),
    Operation(
        method="POST",
        path="/freezer/{id}",
        endpoint=write_freezer,
        summary="Create or change a freezer",
        needs=(permissions.FREEZERS.to("create"), permissions.FREEZERS.to("update")),
        description="If there is one with that id, the given fields are changed; otherwise it is created.",
        path_type=ById,
        bad_path=Malformed,
        body_type=OriginalFreezerFields,
        returns=OriginalFreezer,
        errors=(400, 413, 503),
        on_error=errors_as(400),
    ),
    Operation(
        method="DELETE",
        path="/freezer/{id}",
        endpoint=remove_freezer,
        summary="Delete a freezer",
        needs=permissions.FREEZERS.to("delete"),
        description="Nothing may refer to it.",
        path_type=ById,
        returns=OriginalFreezer,
        errors=(400, 404, 503),
        on_error=errors_as(400),
    ),
]
