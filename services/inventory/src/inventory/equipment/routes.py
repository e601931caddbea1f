"""The operations of computers and instruments under /v1."""

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
from inventory.equipment import store
from inventory.equipment.computer import Computer, ComputerFilters, ComputerPatch, NewComputer
from inventory.equipment.instrument import Instrument, InstrumentFilters
from inventory.equipment.store import COMPUTERS

COMPUTER_TAGS = VersionTags(COMPUTERS.json)


async def list_computers(request: Request, query: ComputerFilters) -> Response:
    """`GET /v1/computers`."""
    return respond_conditionally(request, await store.list_computers(request.state.database, query))


async def create_computer(request: Request, body: NewComputer) -> Response:
    """`POST /v1/computers`."""

    async def create(connection: Connection) -> Created:
        computer = await store.create_computer(connection, body)
        return Created(f"/v1/computers/{computer.id}", COMPUTER_TAGS.tag(computer.version), computer.body)

    return await create_once(request, body, create)


async def get_computer(request: Request, path: ById) -> Response:
    """`GET /v1/computers/{id}`."""
    return respond(request, await store.get_computer(request.state.database, path.id), COMPUTER_TAGS)


async def patch_computer(request: Request, path: ById, body: ComputerPatch) -> Response:
    """`PATCH /v1/computers/{id}`."""
    versions = expected_versions(request)
    changed = await store.patch_computer(request.state.database, path.id, versions, body)
    return respond(request, changed, COMPUTER_TAGS)


async def delete_computer(request: Request, path: ById) -> Response:
    """`DELETE /v1/computers/{id}`."""
    await store.delete_computer(request.state.database, path.id, expected_versions(request))
    return Response(status_code=204)


async def list_instruments(request: Request, query: InstrumentFilters) -> Response:
    """`GET /v1/instruments`."""
    return respond_conditionally(request, await store.list_instruments(request.state.database, query))


OPERATIONS = [
    Operation(
        method="GET",
        path="/v1/computers",
        endpoint=list_computers,
        summary="List computers",
        needs=permissions.COMPUTERS.to("list"),
        query_type=ComputerFilters,
        returns=Page[Computer],
        errors=(400, 422, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="POST",
        path="/v1/computers",
        endpoint=create_computer,
        summary="Create a computer",
        needs=permissions.COMPUTERS.to("create"),
        body_type=NewComputer,
        returns=Computer,
        status=201,
        errors=(400, 409, 413, 415, 422, 503),
        headers=IDEMPOTENCY_KEY,
    ),
    Operation(
        method="GET",
        path="/v1/computers/{id}",
        endpoint=get_computer,
        summary="Read a computer",
        needs=permissions.COMPUTERS.to("get"),
        path_type=ById,
        returns=Computer,
        errors=(404, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="PATCH",
        path="/v1/computers/{id}",
        endpoint=patch_computer,
        summary="Change a computer",
        needs=permissions.COMPUTERS.to("update"),
        description="Only the fields of the body are changed (RFC 7396).",
        path_type=ById,
        body_type=ComputerPatch,
        returns=Computer,
        errors=(400, 404, 409, 412, 413, 415, 422, 428, 503),
        headers=IF_MATCH,
    ),
    Operation(
        method="DELETE",
        path="/v1/computers/{id}",
        endpoint=delete_computer,
        summary="Delete a computer",
        needs=permissions.COMPUTERS.to("delete"),
        description="Nothing may refer to it.",
        path_type=ById,
        status=204,
        errors=(400, 404, 409, 412, 428, 503),
        headers=IF_MATCH,
    ),
    Operation(
        method="GET",
        path="/v1/instruments",
        endpoint=list_instruments,
        summary="List instruments: computers and freezers",
        needs=permissions.INSTRUMENTS.to("list"),
        query_type=InstrumentFilters,
        returns=Page[Instrument],
        errors=(400, 422, 503),
        headers=IF_NONE_MATCH,
    ),
]
