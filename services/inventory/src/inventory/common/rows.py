"""The SQL of one kind of thing, run. What is answered leaves the database as JSON."""

from typing import Any, TypeVar

import msgspec
import psycopg

from chassis.database.connection import Connection
from chassis.database.pool import Database
from chassis.errors import Conflict, FieldError, NotFound, PreconditionFailed, RequestError
from chassis.web.pagination import Paging, Walk
from inventory.resource import Resource

P = TypeVar("P")


class Representation(msgspec.Struct, frozen=True):
    """A thing as it is answered, and what tells this version of it from any other."""

    version: int
    body: bytes


async def page(
    database: Database, query: bytes, listing: str, paging: Paging, kind: type[P], first: P, **more: object
) -> bytes:
    """One page of a list, as JSON.

    Args:
        database: where to look.
        query: gives (position, JSON) in order, by the parameters that a `Walk` has.
        listing: name of the list.
        paging: what the caller asked for; its fields beyond paging are parameters of the query too.
        kind: what a position in this list is.
        first: the position before the first row.
        more: further parameters of the query.

    Raises:
        Malformed: the cursor is not this list's.
    """
    walk = Walk(listing, paging, kind, first)
    rows = await database.rows(query, {**walk.parameters, **more})
    return walk.page([(place, body.encode()) for place, body in rows])


async def get(database: Database, resource: Resource, ident: int) -> Representation:
    """One thing.

    Raises:
        NotFound: there is none with that id.
    """
    row = await database.row(resource.sql.get, {"id": ident})
    if row is None:
        raise _missing(resource, ident)
    return Representation(row[0], row[1].encode())


async def create(connection: Connection, resource: Resource, fields: str) -> tuple[int, Representation]:
    """Create a thing with an id that nobody has, from its fields as JSON."""
    row = None
    while row is None:  # until nobody takes the id at the same moment
        row = await (await connection.execute(resource.sql.create, {"fields": fields})).fetchone()
    return row[0], Representation(row[1], row[2].encode())


async def patch(
    database: Database, resource: Resource, ident: int, versions: list[int] | None, fields: str
) -> Representation:
    """Change the given fields of a thing, if it is at one of `versions` (None: at any).

    Raises:
        NotFound: there is none with that id.
        PreconditionFailed: it is at another version.
    """
    parameters = {"id": ident, "versions": versions, "fields": fields}
    async with database.transaction() as connection:
        row = await (await connection.execute(resource.sql.patch, parameters)).fetchone()
    if row is None:
        raise await _changed_or_missing(database, resource, ident)
    return Representation(row[0], row[1].encode())


async def delete(database: Database, resource: Resource, ident: int, versions: list[int] | None) -> None:
    """Remove a thing, if it is at one of `versions` (None: at any).

    Raises:
        NotFound: there is none with that id.
        PreconditionFailed: it is at another version.
        Conflict: something still refers to it.
    """
    row = await _remove(database, resource.sql.delete, {"id": ident, "versions": versions})
    if row is None:
        raise await _changed_or_missing(database, resource, ident)


async def _changed_or_missing(database: Database, resource: Resource, ident: int) -> RequestError:
    await get(database, resource, ident)
    return PreconditionFailed(
        f"The {resource.kind} is not at the version that If-Match names (a weak tag names none)."
        " Read it again, and send its ETag."
    )


async def legacy_get(database: Database, resource: Resource, ident: int) -> bytes:
    """One thing in the original form.

    Raises:
        NotFound: there is none with that id.
    """
    row = await database.row(resource.sql.legacy_get, {"id": ident})
    if row is None:
        raise _missing(resource, ident)
    return bytes(row[0], "utf-8")


async def legacy_put(database: Database, resource: Resource, ident: int, fields: str) -> bytes:
    """Create the thing with that id, or change its given fields if it is there; in one statement.

    Raises:
        Invalid: it is not there, and a field that it needs is not given.
    """
    row = await database.row(resource.sql.legacy_put, {"id": ident, "fields": fields})
    assert row is not None  # noqa: S101  it was created or updated
    return bytes(row[0], "utf-8")


async def legacy_delete(database: Database, resource: Resource, ident: int) -> bytes:
    """Remove a thing, and say in the original form what it was.

    Raises:
        NotFound: there is none with that id.
        Conflict: something still refers to it.
    """
    row = await _remove(database, resource.sql.legacy_delete, {"id": ident})
    if row is None:
        raise _missing(resource, ident)
    return bytes(row[0], "utf-8")


async def _remove(database: Database, query: bytes, parameters: dict[str, object]) -> tuple[Any, ...] | None:
    try:
        async with database.transaction() as connection:
            return await (await connection.execute(query, parameters)).fetchone()
    except Conflict as error:
        # The constraint is the one that a reference to nothing breaks; here the other end of it was pulled
        cause = error.__cause__
        if not isinstance(cause, psycopg.errors.ForeignKeyViolation | psycopg.errors.RestrictViolation):
            raise
        detail = f"A {cause.diag.table_name} still refers to it. Move or remove that first."
        raise Conflict(detail, [FieldError("", "referred", detail)]) from error


def _missing(resource: Resource, ident: int) -> NotFound:
    return NotFound(f"There is no {resource.kind} {ident}.")
