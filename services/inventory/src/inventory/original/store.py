"""One row at an original path: read, written or deleted; returned as the JSON that the original program sent."""

import msgspec

from chassis.database.pool import Database
from inventory.common.rows import as_json, missing, remove


async def get(database: Database, statement: bytes, kind: str, ident: object) -> bytes:
    """Read a row; raises NotFound."""
    row = await database.row(statement, {"id": ident})
    if row is None:
        raise missing(kind, ident)
    return bytes(row[0], "utf-8")


async def put(database: Database, statement: bytes, ident: int, fields: msgspec.Struct) -> bytes:
    """Create the row with that id, or change its given fields if it exists, in one statement.

    Raises:
        Invalid: it does not exist, and a field that it needs is absent.
    """
    row = await database.row(statement, {"id": ident, "fields": as_json(fields)})
    assert row is not None  # noqa: S101  it was created or updated
    return bytes(row[0], "utf-8")


async def delete(database: Database, statement: bytes, kind: str, ident: int) -> bytes:
    """Delete a row, and return what it was.

    Raises:
        NotFound: there is no such row.
        Conflict: another row refers to it.
    """
    row = await remove(database, statement, {"id": ident})
    if row is None:
        raise missing(kind, ident)
    return bytes(row[0], "utf-8")
