"""The operations of users under /v1."""

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
from inventory.people import store
from inventory.people.store import USERS
from inventory.people.user import NewUser, User, UserFilters, UserPatch

USER_TAGS = VersionTags(USERS.json)


async def list_users(request: Request, query: UserFilters) -> Response:
    """`GET /v1/users`."""
    return respond_conditionally(request, await store.list_users(request.state.database, query))


async def create_user(request: Request, body: NewUser) -> Response:
    """`POST /v1/users`."""

    async def create(connection: Connection) -> Created:
        user = await store.create_user(connection, body)
        return Created(f"/v1/users/{user.id}", USER_TAGS.tag(user.version), user.body)

    response = await create_once(request, body, create)
    request.state.admission.forget()
    return response


async def get_user(request: Request, path: ById) -> Response:
    """`GET /v1/users/{id}`."""
    return respond(request, await store.get_user(request.state.database, path.id), USER_TAGS)


async def patch_user(request: Request, path: ById, body: UserPatch) -> Response:
    """`PATCH /v1/users/{id}`."""
    versions = expected_versions(request)
    changed = await store.patch_user(request.state.database, path.id, versions, body)
    request.state.admission.forget()
    return respond(request, changed, USER_TAGS)


async def delete_user(request: Request, path: ById) -> Response:
    """`DELETE /v1/users/{id}`."""
    await store.delete_user(request.state.database, path.id, expected_versions(request))
    request.state.admission.forget()
    return Response(status_code=204)


OPERATIONS = [
    Operation(
        method="GET",
        path="/v1/users",
        endpoint=list_users,
        summary="List users",
        needs=permissions.USERS.to("list"),
        query_type=UserFilters,
        returns=Page[User],
        errors=(400, 422, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="POST",
        path="/v1/users",
        endpoint=create_user,
        summary="Create a user",
        needs=permissions.USERS.to("create"),
        body_type=NewUser,
        returns=User,
        status=201,
        errors=(400, 409, 413, 415, 422, 503),
        headers=IDEMPOTENCY_KEY,
    ),
    Operation(
        method="GET",
        path="/v1/users/{id}",
        endpoint=get_user,
        summary="Read a user",
        needs=permissions.USERS.to("get"),
        path_type=ById,
        returns=User,
        errors=(404, 503),
        headers=IF_NONE_MATCH,
    ),
    Operation(
        method="PATCH",
        path="/v1/users/{id}",
        endpoint=patch_user,
        summary="Change a user",
        needs=permissions.USERS.to("update"),
        description="Only the fields of the body are changed (RFC 7396).",
        path_type=ById,
        body_type=UserPatch,
        returns=User,
        errors=(400, 404, 409, 412, 413, 415, 422, 428, 503),
        headers=IF_MATCH,
    ),
    Operation(
        method="DELETE",
        path="/v1/users/{id}",
        endpoint=delete_user,
        summary="Delete a user",
        needs=permissions.USERS.to("delete"),
        description="Nothing may refer to it.",
        path_type=ById,
        status=204,
        errors=(400, 404, 409, 412, 428, 503),
        headers=IF_MATCH,
    ),
]
