"""`Idempotency-Key`: a creation that is asked for twice happens once, and is answered alike both times.

The key, what was asked and what was answered are stored in the transaction of the creation itself. A twin that
arrives meanwhile waits for it. Keys are kept for 24 hours.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request

from chassis.database import Database
from chassis.database_connection import Connection
from chassis.errors import FieldError, Invalid, Malformed
from chassis.operations import RequestHeader
from chassis.queries import Queries

SQL = Queries("inventory", "sql/idempotency_key.sql")
HEADER = "Idempotency-Key"
SANE = r"[\x21-\x7e]{1,255}"
HEADERS = {
    HEADER: RequestHeader(
        description="Makes it safe to ask again: any text of up to 255 visible characters, new for each creation",
        pattern=f"^{SANE}$",
    )
}


class Created(msgspec.Struct, frozen=True):
    """The answer to a creation."""

    location: str
    tag: str | None
    body: bytes


class Claim(msgspec.Struct, frozen=True):
    """A key, for one route, with what was asked under it."""

    route: str
    key: str
    digest: bytes


Creation = Callable[[Connection], Awaitable[Created]]


def claim_of(request: Request, body: msgspec.Struct) -> Claim | None:
    """The claim that a request makes, if it has the header.

    Raises:
        Malformed: its key cannot be one.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not re.fullmatch(SANE, key):
        raise Malformed(f"{HEADER} must be 1 to 255 visible ASCII characters, such as a UUID.")
    return Claim(request.scope["route"].path, key, hashlib.sha256(msgspec.json.encode(body)).digest())


async def once(database: Database, claim: Claim | None, create: Creation) -> Created:
    """Create, unless it was done under the same claim; then give the answer of that time.

    Raises:
        Invalid: the key was used for something else.
    """
    async with database.transaction() as connection:
        if claim is None:
            return await create(connection)
        names = {"route": claim.route, "key": claim.key}
        while True:
            cursor = await connection.execute(SQL.claim, {**names, "digest": claim.digest})
            if await cursor.fetchone():
                created = await create(connection)
                kept = {"location": created.location, "tag": created.tag, "body": created.body.decode()}
                await connection.execute(SQL.keep, {**names, **kept})
                return created
            row = await (await connection.execute(SQL.recall, names)).fetchone()
            if row is not None:  # else it expired at this moment, and is free
                return _repeat(claim, *row)


def _repeat(claim: Claim, digest: bytes, location: str, tag: str | None, body: str) -> Created:
    if digest != claim.digest:
        detail = f"This {HEADER} was used for another body. Take a new key for a new creation."
        raise Invalid(detail, [FieldError("", "key_reused", detail)])
    return Created(location, tag, body.encode())
