"""Users at their original paths, with the envelope and the messages of the original program."""

import http
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from chassis.database.queries import Queries
from chassis.errors import Conflict, RequestError, Unavailable
from chassis.web import problem
from chassis.web.operations import Operation
from inventory import permissions
from inventory.common.fields import ById
from inventory.original import store
from inventory.original.responses import json, streams
from inventory.people.store import create_user
from inventory.people.user import Email, NewUser, Username

SQL = Queries("inventory.original", "sql/account.sql")


class OriginalNewUser(msgspec.Struct, frozen=True):
    """The body that adds a user; other fields are ignored."""

    username: Annotated[Username, Meta(examples=["dorothy"])]
    email: Annotated[Email, Meta(examples=["dorothy@example.org"])]


ENVELOPE = (b'{"status":"success","data":{"users":[', b"]}}")
"""The JSON before and after the list of users."""


async def ping(_: Request) -> Response:
    """`GET /ping`."""
    return json(b'{"message":"pong!","status":"success"}')


async def all_users(request: Request) -> Response:
    """`GET /users`."""
    return await streams(request).array(request, SQL.list, 0, around=ENVELOPE)


async def read_user(request: Request, path: ById) -> Response:
    """`GET /users/{id}`."""
    user = await store.get(request.state.database, SQL.get, "user", path.id)
    return json(b'{"status":"success","data":' + user + b"}")


async def add_user(request: Request, body: OriginalNewUser) -> Response:
    """`POST /users`."""
    async with request.state.database.transaction() as connection:
        await create_user(connection, NewUser(username=body.username, email=body.email))
    request.state.admission.forget()
    return _answer(201, "success", f"{body.email} was added!")


def _answer(code: int, status: str, message: str, headers: dict[str, str] | None = None) -> Response:
    body = msgspec.json.encode({"status": status, "message": message})
    return Response(body, code, headers, "application/json")


def _unavailable(error: Unavailable) -> Response:
    return _answer(
        http.HTTPStatus.SERVICE_UNAVAILABLE, "fail", error.detail, {"Retry-After": str(error.retry_after)}
    )


def _not_added(error: RequestError) -> Response:
    if isinstance(error, Unavailable):
        return _unavailable(error)
    if isinstance(error, Conflict):
        taken = "username" if error.errors[0].pointer == "/username" else "email"
        return _answer(400, "fail", f"Sorry. That {taken} already exists.")
    return _answer(400, "fail", "Invalid payload.")


def _not_read(error: RequestError) -> Response:
    if isinstance(error, Unavailable):
        return _unavailable(error)
    return _answer(problem.status_of(error), "fail", "User does not exist")


OPERATIONS = [
    Operation(
        method="GET",
        path="/ping",
        endpoint=ping,
        summary="Check that the service responds",
        needs="nothing",
        returns=dict[str, str],
    ),
    Operation(
        method="GET",
        path="/users",
        endpoint=all_users,
        summary="List all users",
        needs=permissions.USERS.to("list"),
        returns=dict[str, Any],
        errors=(503,),
        on_error=_not_read,
    ),
    Operation(
        method="POST",
        path="/users",
        endpoint=add_user,
        summary="Add a user",
        needs=permissions.USERS.to("create"),
        body_type=OriginalNewUser,
        returns=dict[str, str],
        status=201,
        errors=(400, 413, 503),
        on_error=_not_added,
    ),
    Operation(
        method="GET",
        path="/users/{id}",
        endpoint=read_user,
        summary="Read a user",
        needs=permissions.USERS.to("get"),
        path_type=ById,
        returns=dict[str, Any],
        errors=(404, 503),
        on_error=_not_read,
    ),
]
