"""`Idempotency-Key`: a creation that is asked for twice happens once, and is answered alike both times.

The key, what was asked and what was answered are stored in the transaction of the creation itself. A twin that
arrives meanwhile waits for it. Keys are kept for 24 hours.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request

from chassis.database.connection import Connection
from chassis.database.pool import Database
from chassis.database.queries import Queries
from chassis.errors import FieldError, Invalid, Malformed
from chassis.web.operations import RequestHeader

SQL = Queries("inventory.common", "sql/idempotency_key.sql")
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
    sent_digest: bytes
    """Of the body as it was sent."""
    digest: bytes
    """Of the body as it was understood, defaults included: all that the release before compares, and stores."""


Creation = Callable[[Connection], Awaitable[Created]]


async def claim_of(request: Request, body: msgspec.Struct) -> Claim | None:
    """The claim that a request makes, if it has the header.

    A retry is the same request if the same bytes were sent, whatever a release that was deployed meanwhile makes of
    them. Or if they are understood the same.

    Raises:
        Malformed: its key cannot be one.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not re.fullmatch(SANE, key):
        raise Malformed(f"{HEADER} must be 1 to 255 visible ASCII characters, such as a UUID.")
    sent, understood = await request.body(), msgspec.json.encode(body)
    return Claim(
        request.scope["route"].path,
        key,
        sent_digest=hashlib.sha256(sent).digest(),
        digest=hashlib.sha256(understood).digest(),
    )


async def once(database: Database, claim: Claim | None, create: Creation) -> Created:
    """Create, unless it was done under the same claim; then give the answer of that time.

    Raises:
        Invalid: the key was used for something else.
    """
    async with database.transaction() as connection:
        if claim is None:
            return await create(connection)
        claimed = msgspec.structs.asdict(claim)
        while True:
            if await (await connection.execute(SQL.claim, claimed)).fetchone():
                created = await create(connection)
                kept = {"location": created.location, "tag": created.tag, "body": created.body.decode()}
                await connection.execute(SQL.keep, {**claimed, **kept})
                return created
            row = await (await connection.execute(SQL.recall, claimed)).fetchone()
            if row is not None:  # else it expired at this moment, and is free
                return _repeat(*row)


def _repeat(same: bool, location: str, tag: str | None, body: str) -> Created:
    if not same:
        detail = f"This {HEADER} was used for another body. Take a new key for a new creation."
        raise Invalid(detail, [FieldError("", "key_reused", detail)])
    return Created(location, tag, body.encode())
