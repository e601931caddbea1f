"""Functions that read, create, change or delete one row of a table, with a statement of its feature.

The database returns a row as the JSON that is sent to the client. Each change gives the row a new
version.
"""

from typing import Any

import msgspec
import psycopg

from chassis.database.connection import Connection
from chassis.database.pool import Database
from chassis.errors import Conflict, FieldError, NotFound, PreconditionFailed
from inventory.common.representation import Representation

Versions = list[int] | None
"""The versions that a row may have when it is written; None for any."""


async def get(database: Database, statement: bytes, kind: str, ident: int) -> Representation:
    """Read a row.

    Args:
        database: pool of the database with the row.
        statement: returns version and JSON of the row with that `id`.
        kind: name of the kind of row, such as `site`, for the error message.
        ident: id of the row.

    Raises:
        NotFound: there is no such row.
    """
    row = await database.row(statement, {"id": ident})
    if row is None:
        raise missing(kind, ident)
    version, body = row
    return Representation(ident, version, body.encode())


async def create(connection: Connection, statement: bytes, new: msgspec.Struct) -> Representation:
    """Create a row with a new id.

    Args:
        connection: a connection inside a transaction.
        statement: inserts the `fields`, given as JSON, and returns id, version and JSON; or no row if another
            transaction took the id at the same moment.
        new: the fields.
    """
    row = None
    while row is None:
        row = await (await connection.execute(statement, {"fields": as_json(new)})).fetchone()
    ident, version, body = row
    return Representation(ident, version, body.encode())


async def patch(
    database: Database,
    statement: bytes,
    read: bytes,
    kind: str,
    ident: int,
    versions: Versions,
    changes: msgspec.Struct,
) -> Representation:
    """Change the given fields of a row, if it is at one of `versions`.

    Args:
        database: pool of the database with the row.
        statement: changes the `fields`, given as JSON, of the row with that `id` at one of `versions`, and returns
            its version and JSON.
        read: the statement for `get`.
        kind: name of the kind of row, such as `site`, for the error message.
        ident: id of the row.
        versions: the versions that the row may have; None for any.
        changes: the fields; those that are UNSET stay as they are.

    Raises:
        NotFound: there is no such row.
        PreconditionFailed: the row has another version.
    """
    parameters = {"id": ident, "versions": versions, "fields": as_json(changes)}
    async with database.transaction() as connection:
        row = await (await connection.execute(statement, parameters)).fetchone()
    if row is None:
        await get(database, read, kind, ident)
        raise _changed_meanwhile(kind)
    version, body = row
    return Representation(ident, version, body.encode())


async def delete(
    database: Database, statement: bytes, read: bytes, kind: str, ident: int, versions: Versions
) -> None:
    """Delete a row, if it is at one of `versions`.

    Args:
        database: pool of the database with the row.
        statement: deletes the row with that `id` at one of `versions`, and returns something.
        read: the statement for `get`.
        kind: name of the kind of row, such as `site`, for the error message.
        ident: id of the row.
        versions: the versions that the row may have; None for any.

    Raises:
        NotFound: there is no such row.
        PreconditionFailed: the row has another version.
        Conflict: another row refers to it.
    """
    if await remove(database, statement, {"id": ident, "versions": versions}) is None:
        await get(database, read, kind, ident)
        raise _changed_meanwhile(kind)


async def remove(
    database: Database, statement: bytes, parameters: dict[str, object]
) -> tuple[Any, ...] | None:
    """Run a statement that deletes one row, and return what it returns; None if there was no row to delete.

    Raises:
        Conflict: another row refers to it.
    """
    try:
        async with database.transaction() as connection:
            return await (await connection.execute(statement, parameters)).fetchone()
    except Conflict as error:
        # A foreign key is broken from either end; here the row that it refers to was to be deleted
        cause = error.__cause__
        if not isinstance(cause, psycopg.errors.ForeignKeyViolation | psycopg.errors.RestrictViolation):
            raise
        detail = f"A {cause.diag.table_name} still refers to it. Move or remove that first."
        raise Conflict(detail, [FieldError("", "referred", detail)]) from error


def as_json(fields: msgspec.Struct) -> str:
    """The fields as the JSON that a statement takes; those that are UNSET are absent."""
    return msgspec.json.encode(fields).decode()


def missing(kind: str, ident: object) -> NotFound:
    """The error for a row that does not exist."""
    return NotFound(f"There is no {kind} {ident}.")


def _changed_meanwhile(kind: str) -> PreconditionFailed:
    return PreconditionFailed(
        f"Somebody changed the {kind} since you read it. GET it again and send the new ETag in If-Match."
    )
