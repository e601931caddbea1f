"""The operations of containers under /v1."""

from starlette.requests import Request
from starlette.responses import Response

from chassis.database.connection import Connection
from chassis.web.conditional import (
    IF_MATCH,
    IF_NONE_MATCH,
    VersionTags,
    expected_versions,
    respond_conditionally,
)
from chassis.web.operations import Operation
from chassis.web.pagination import Page
from inventory import permissions
from inventory.common.fields import ById
from inventory.common.idempotency import IDEMPOTENCY_KEY, Created, create_once
from inventory.common.representation import respond
from inventory.containers import store
from inventory.containers.container import Container, ContainerFilters, ContainerPatch, NewContainer
from inventory.containers.store import CONTAINERS

CONTAINER_TAGS = VersionTags(CONTAINERS.json)


async def list_containers(request: Request, query: ContainerFilters) -> Response:
    """`GET /v1/containers`."""
    return respond_conditionally(request, await store.list_containers(request.state.database, query))


async def create_container(request: Request, body: NewContainer) -> Response:
    """`POST /v1/containers`."""

    async def create(connection: Connection) -> Created:
        container = await store.create_container(connection, body)
        return Created(
            f"/v1/containers/{container.id}", CONTAINER_TAGS.tag(container.version), container.body
        )

    return await create_once(request, body, create)


async def get_container(request: Request, path: ById) -> Response:
    """`GET /v1/containers/{id}`."""
    return respond(request, await store.get_container(request.state.database, path.id), CONTAINER_TAGS)


async def patch_container(request: Request, path: ById, body: ContainerPatch) -> Response:
    """`PATCH /v1/containers/{id}`."""
    versions = expected_versions(request)
    changed = await store.patch_container(request.state.database, path.id, versions, body)
    return respond(request, changed, CONTAINER_TAGS)


async def delete_container(request: Request, path: ById) -> Response:
    """`DELETE /v1/containers/{id}`."""
    await store.delete_container(request.state.database, path.id, expected_versions(request))
    return Response(status_code=204)


OPERATIONS = [
    Operation(
        method="GET",
        path="/v1/containers",
        endpoint=list_containers,
        summary="List containers",
        needs=permissions.CONTAINERS.to("list"),
        query_type=ContainerFilters,
        returns=Page[Container],
        errors=(400, 422, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="POST",
        path="/v1/containers",
        endpoint=create_container,
        summary="Create a container",
        needs=permissions.CONTAINERS.to("create"),
        body_type=NewContainer,
        returns=Container,
        status=201,
        errors=(400, 409, 413, 415, 422, 503),
        headers=IDEMPOTENCY_KEY,
    ),
    Operation(
        method="GET",
        path="/v1/containers/{id}",
        endpoint=get_container,
        summary="Read a container",
        needs=permissions.CONTAINERS.to("get"),
        path_type=ById,
        returns=Container,
        errors=(404, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="PATCH",
        path="/v1/containers/{id}",
        endpoint=patch_container,
        summary="Change a container",
        needs=permissions.CONTAINERS.to("update"),
        description="Only the fields of the body are changed (RFC 7396).",
        path_type=ById,
        body_type=ContainerPatch,
        returns=Container,
        errors=(400, 404, 409, 412, 413, 415, 422, 428, 503),
        headers=IF_MATCH,
    ),
    Operation(
        method="DELETE",
        path="/v1/containers/{id}",
        endpoint=delete_container,
        summary="Delete a container",
        needs=permissions.CONTAINERS.to("delete"),
        description="Nothing may refer to it.",
        path_type=ById,
        status=204,
        errors=(400, 404, 409, 412, 428, 503),
        headers=IF_MATCH,
    ),
]
