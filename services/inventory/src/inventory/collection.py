"""The operations of a kind of thing under /v1: list, create, get, patch, delete."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from chassis.database.connection import Connection
from chassis.web.conditional import IF_MATCH, IF_NONE_MATCH, VersionTags, expected_versions, represent
from chassis.web.operations import Endpoint, Operation
from chassis.web.pagination import Page, Paging
from inventory.common import idempotency
from inventory.common import rows as store
from inventory.common.fields import GREATEST_ID, ById
from inventory.common.idempotency import Created
from inventory.resource import Resource, patch_type, stored_type

Position = Annotated[int, Meta(ge=0, le=GREATEST_ID)]


def operations(resource: Resource) -> Sequence[Operation]:
    """What can be asked of the collection of a kind."""
    return _Collection(resource).operations()


def named(name: str, endpoint: Endpoint) -> Endpoint:
    """The endpoint under a name of its own, which is its id in the OpenAPI document."""

    async def call(request: Request, **arguments: Any) -> Response:
        return await endpoint(request, **arguments)

    call.__name__ = name
    return call


class _Collection:
    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.path = f"/v1/{resource.plural}"
        self.tags = VersionTags(resource.sql.representation)

    def operations(self) -> Sequence[Operation]:
        kind, plural = self.resource.kind, self.resource.plural
        stored = stored_type(self.resource)
        item = self.path + "/{id}"
        return [
            Operation(
                method="GET",
                path=self.path,
                endpoint=named(f"list_{plural}", self.list),
                summary=f"A page of the {plural}, by id",
                query_type=self.resource.filters,
                returns=Page[stored],  # type: ignore[valid-type]  # each kind has its own
                errors=(400, 422, 503),
                headers=IF_NONE_MATCH,
            ),
            Operation(
                method="POST",
                path=self.path,
                endpoint=named(f"create_{kind}", self.create),
                summary=f"Create a {kind}",
                body_type=self.resource.new,
                returns=stored,
                status=201,
                errors=(400, 409, 413, 415, 422, 503),
                headers=idempotency.HEADERS,
            ),
            Operation(
                method="GET",
                path=item,
                endpoint=named(f"get_{kind}", self.get),
                summary=f"One {kind}",
                path_type=ById,
                returns=stored,
                errors=(404, 503),
                headers=IF_NONE_MATCH,
            ),
            Operation(
                method="PATCH",
                path=item,
                endpoint=named(f"patch_{kind}", self.patch),
                summary=f"Change some fields of a {kind} (RFC 7396)",
                path_type=ById,
                body_type=patch_type(self.resource),
                returns=stored,
                errors=(400, 404, 409, 412, 413, 415, 422, 428, 503),
                headers=IF_MATCH,
            ),
            Operation(
                method="DELETE",
                path=item,
                endpoint=named(f"delete_{kind}", self.delete),
                summary=f"Remove a {kind} that nothing refers to",
                path_type=ById,
                status=204,
                errors=(400, 404, 409, 412, 428, 503),
                headers=IF_MATCH,
            ),
        ]

    async def list(self, request: Request, query: Paging) -> Response:
        sql, plural = self.resource.sql, self.resource.plural
        return represent(
            request, await store.page(request.state.database, sql.page, plural, query, Position, 0)
        )

    async def create(self, request: Request, body: msgspec.Struct) -> Response:
        fields = msgspec.json.encode(body).decode()

        async def insert(connection: Connection) -> Created:
            ident, created = await store.create(connection, self.resource, fields)
            return Created(f"{self.path}/{ident}", self.tags.tag(created.version), created.body)

        claim = await idempotency.claim_of(request, body)
        return answer_created(request, await idempotency.once(request.state.database, claim, insert))

    async def get(self, request: Request, path: ById) -> Response:
        found = await store.get(request.state.database, self.resource, path.id)
        return represent(request, found.body, self.tags.tag(found.version))

    async def patch(self, request: Request, path: ById, body: msgspec.Struct) -> Response:
        versions = expected_versions(request)
        fields = msgspec.json.encode(body).decode()
        changed = await store.patch(request.state.database, self.resource, path.id, versions, fields)
        return represent(request, changed.body, self.tags.tag(changed.version))

    async def delete(self, request: Request, path: ById) -> Response:
        await store.delete(request.state.database, self.resource, path.id, expected_versions(request))
        return Response(status_code=204)


def answer_created(request: Request, created: Created) -> Response:
    """201, with where it is."""
    return represent(request, created.body, created.tag, status=201, location=created.location)
