"""Containers at their original paths: `/containers`, `/containers/{offset}/{limit}`, `/container/{id}`."""

import msgspec
from msgspec import UNSET, Raw, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from chassis.database.queries import Queries
from chassis.errors import Malformed
from chassis.web.operations import Operation
from inventory import permissions
from inventory.common.fields import ById, OwnId
from inventory.containers.container import ContainerPatch, Description, FreezerId, Label
from inventory.original import store
from inventory.original.fields import RepeatedId, Slice, Written, changes
from inventory.original.responses import errors_as, json, streams

SQL = Queries("inventory.original", "sql/container.sql")


class OriginalContainer(msgspec.Struct, frozen=True):
    """A container at its original path."""

    id: OwnId
    uuid: Label
    description: Description
    freezer_id: FreezerId


class OriginalContainerFields(msgspec.Struct, frozen=True, kw_only=True):
    """The body that creates or changes a container; its id may be repeated."""

    id: RepeatedId | UnsetType = UNSET
    container_id: RepeatedId | UnsetType = UNSET
    uuid: Label | UnsetType = UNSET
    description: Written = msgspec.field(default_factory=Raw)
    freezer_id: FreezerId | UnsetType = UNSET


async def all_containers(request: Request) -> Response:
    """`GET /containers`."""
    return await streams(request).array(request, SQL.list, 0)


async def all_containers_slash(request: Request) -> Response:
    """`GET /containers/`."""
    return await all_containers(request)


async def slice_containers(request: Request, path: Slice) -> Response:
    """`GET /containers/{offset}/{limit}`."""
    return await streams(request).array(request, SQL.list, 0, offset=path.offset, limit=path.limit)


async def read_container(request: Request, path: ById) -> Response:
    """`GET /container/{id}`."""
    return json(await store.get(request.state.database, SQL.get, "container", path.id))


async def write_container(request: Request, path: ById, body: OriginalContainerFields) -> Response:
    """`POST /container/{id}`."""
    fields = changes(body, path.id, ("id", "container_id"), ContainerPatch)
    return json(await store.put(request.state.database, SQL.put, path.id, fields))


async def remove_container(request: Request, path: ById) -> Response:
    """`DELETE /container/{id}`."""
    return json(await store.delete(request.state.database, SQL.delete, "container", path.id))


OPERATIONS = [
    Operation(
        method="GET",
        path="/containers",
        endpoint=all_containers,
        summary="List all containers",
        needs=permissions.CONTAINERS.to("list"),
        description="They are in the order of their ids.",
        returns=list[OriginalContainer],
        errors=(503,),
        on_error=errors_as(400),
    ),
    Operation(
        method="GET",
        path="/containers/",
        endpoint=all_containers_slash,
        summary="List all containers, at the path with a slash",
        needs=permissions.CONTAINERS.to("list"),
        description="They are in the order of their ids.",
        returns=list[OriginalContainer],
        errors=(503,),
        on_error=errors_as(400),
    ),
    Operation(
        method="GET",
        path="/containers/{offset}/{limit}",
        endpoint=slice_containers,
        summary="List some containers",
        needs=permissions.CONTAINERS.to("list"),
        description="They are in the order of their ids.",
        path_type=Slice,
        bad_path=Malformed,
        returns=list[OriginalContainer],
        errors=(400, 503),
        on_error=errors_as(400),
    ),
    Operation(
        method="GET",
        path="/container/{id}",
        endpoint=read_container,
        summary="Read a container",
        needs=permissions.CONTAINERS.to("get"),
        path_type=ById,
        returns=OriginalContainer,
        errors=(404, 503),
        on_error=errors_as(400),
    ),
    Operation(
        method="POST",
        path="/container/{id}",
        endpoint=write_container,
        summary="Create or change a container",
        needs=(permissions.CONTAINERS.to("create"), permissions.CONTAINERS.to("update")),
        description="If there is one with that id, the given fields are changed; otherwise it is created.",
        path_type=ById,
        bad_path=Malformed,
        body_type=OriginalContainerFields,
        returns=OriginalContainer,
        errors=(400, 413, 503),
        on_error=errors_as(400),
    ),
    Operation(
        method="DELETE",
        path="/container/{id}",
        endpoint=remove_container,
        summary="Delete a container",
        needs=permissions.CONTAINERS.to("delete"),
        description="Nothing may refer to it.",
        path_type=ById,
        returns=OriginalContainer,
        errors=(400, 404, 503),
        on_error=errors_as(400),
    ),
]
