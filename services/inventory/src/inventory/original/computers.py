"""Computers at their original paths: `/computers`, `/computers/{offset}/{limit}`, `/computer/{id}`."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from chassis.database.queries import Queries
from chassis.errors import Malformed
from chassis.web.operations import Operation
from inventory import permissions
from inventory.common.fields import ById, OwnId, SiteId
from inventory.equipment.computer import ComputerName, ComputerPatch, Mac
from inventory.original import store
from inventory.original.fields import RepeatedId, Slice, Written, changes
from inventory.original.responses import errors_as, json, streams

SQL = Queries("inventory.original", "sql/computer.sql")


class OriginalComputer(msgspec.Struct, frozen=True):
    """A computer at its original path."""

    id: OwnId
    name: ComputerName
    mac: Mac
    site_id: SiteId


class OriginalComputerFields(msgspec.Struct, frozen=True, kw_only=True):
    """The body that creates or changes a computer; its id may be repeated."""

    id: RepeatedId | UnsetType = UNSET
    computer_id: RepeatedId | UnsetType = UNSET
    name: Written = msgspec.field(default_factory=Raw)
    mac: Annotated[Written, Meta(examples=["08:00:2b:01:02:03"])] = msgspec.field(default_factory=Raw)
    site_id: SiteId | UnsetType = UNSET


async def all_computers(request: Request) -> Response:
    """`GET /computers`."""
    return await streams(request).array(request, SQL.list, 0)


async def all_computers_slash(request: Request) -> Response:
    """`GET /computers/`."""
    return await all_computers(request)


async def slice_computers(request: Request, path: Slice) -> Response:
    """`GET /computers/{offset}/{limit}`."""
    return await streams(request).array(request, SQL.list, 0, offset=path.offset, limit=path.limit)


async def read_computer(request: Request, path: ById) -> Response:
    """`GET /computer/{id}`."""
    return json(await store.get(request.state.database, SQL.get, "computer", path.id))


async def write_computer(request: Request, path: ById, body: OriginalComputerFields) -> Response:
    """`POST /computer/{id}`."""
    fields = changes(body, path.id, ("id", "computer_id"), ComputerPatch)
    return json(await store.put(request.state.database, SQL.put, path.id, fields))


async def remove_computer(request: Request, path: ById) -> Response:
    """`DELETE /computer/{id}`."""
    return json(await store.delete(request.state.database, SQL.delete, "computer", path.id))


OPERATIONS = [
    Operation(
        method="GET",
        path="/computers",
        endpoint=all_computers,
        summary="List all computers",
        needs=permissions.COMPUTERS.to("list"),
        description="They are in the order of their ids.",
        returns=list[OriginalComputer],
        errors=(503,),
        on_error=errors_as(400),
    ),
    Operation(
        method="GET",
        path="/computers/",
        endpoint=all_computers_slash,
        summary="List all computers, at the path with a slash",
        needs=permissions.COMPUTERS.to("list"),
        description="They are in the order of their ids.",
        returns=list[OriginalComputer],
        errors=(503,),
        on_error=errors_as(400),
    ),
    Operation(
        method="GET",
        path="/computers/{offset}/{limit}",
        endpoint=slice_computers,
        summary="List some computers",
        needs=permissions.COMPUTERS.to("list"),
        description="They are in the order of their ids.",
        path_type=Slice,
        bad_path=Malformed,
        returns=list[OriginalComputer],
        errors=(400, 503),
        on_error=errors_as(400),
    ),
    Operation(
        method="GET",
        path="/computer/{id}",
        endpoint=read_computer,
        summary="Read a computer",
        needs=permissions.COMPUTERS.to("get"),
        path_type=ById,
        returns=OriginalComputer,
        errors=(404, 503),
        on_error=errors_as(400),
    ),
    Operation(
        method="POST",
        path="/computer/{id}",
        endpoint=write_computer,
        summary="Create or change a computer",
        needs=(permissions.COMPUTERS.to("create"), permissions.COMPUTERS.to("update")),
        description="If there is one with that id, the given fields are changed; otherwise it is created.",
        path_type=ById,
        bad_path=Malformed,
        body_type=OriginalComputerFields,
        returns=OriginalComputer,
        errors=(400, 413, 503),
        on_error=errors_as(400),
    ),
    Operation(
        method="DELETE",
        path="/computer/{id}",
        endpoint=remove_computer,
        summary="Delete a computer",
        needs=permissions.COMPUTERS.to("delete"),
        description="Nothing may refer to it.",
        path_type=ById,
        returns=OriginalComputer,
        errors=(400, 404, 503),
        on_error=errors_as(400),
    ),
]
