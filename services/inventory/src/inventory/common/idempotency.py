"""`Idempotency-Key`: a creation that is sent twice happens once, and both requests get the same response.

The key, a digest of the request and the response are stored in the transaction of the creation. A second request with
the same key waits until that transaction ends. Keys are kept for 24 hours. They belong to the caller: the same key of
two callers creates two objects.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from chassis.access.caller import caller_of
from chassis.database.connection import Connection
from chassis.database.pool import Database
from chassis.database.queries import Queries
from chassis.errors import FieldError, Invalid, Malformed
from chassis.web.conditional import respond_conditionally
from chassis.web.operations import RequestHeader

SQL = Queries("inventory.common", "sql/idempotency_key.sql")
HEADER = "Idempotency-Key"
SANE = r"[\x21-\x7e]{1,255}"
IDEMPOTENCY_KEY = {
    HEADER: RequestHeader(
        description="Makes a retry safe: any text of up to 255 visible ASCII characters, a new one for each creation",
        pattern=f"^{SANE}$",
    )
}


PRUNED_AT_ONCE = 1000
PRUNE_PAUSE = 0.05
"""Seconds between two statements that delete a part of the expired keys, so that other statements get their turn."""


class Created(msgspec.Struct, frozen=True):
    """The response to a creation."""

    location: str
    """Path of the created object, without the path prefix of the service."""
    tag: str | None
    """Entity tag of the object; None for a digest of the body."""
    body: bytes
    """JSON."""


Creation = Callable[[Connection], Awaitable[Created]]
"""Creates an object, in the transaction of a connection."""


class Claim(msgspec.Struct, frozen=True):
    """An idempotency key of one caller on one route, with digests of the request that it came with."""

    route: str
    """The route and the caller; see `scope_of`."""
    key: str
    sent_digest: bytes
    """Digest of the body as it was sent."""
    digest: bytes
    """Digest of the decoded body, including defaults. The previous release stores and compares only this one."""
    before: str = ""
    """The route alone, under which the key was stored when nobody had to sign in; empty if that is `route`."""


async def create_once(request: Request, body: msgspec.Struct, create: Creation) -> Response:
    """Create an object, unless a request with the same key has created it already; respond with 201 and the object.

    Args:
        request: the request, with its `Idempotency-Key` if it has one.
        body: the decoded body of the request.
        create: creates the object.

    Raises:
        Malformed: the key is not valid.
        Invalid: the key was used for another body.
    """
    claim = await claim_of(request, body)
    created = await once(request.state.database, claim, create)
    return respond_conditionally(request, created.body, created.tag, status=201, location=created.location)


async def claim_of(request: Request, body: msgspec.Struct) -> Claim | None:
    """The claim that a request makes, if it has the header.

    A retry counts as the same request if its body has the same bytes, even if a newer release decodes them differently,
    or if its body decodes to the same values.

    Raises:
        Malformed: the key is not valid, or there are several.
    """
    keys = request.headers.getlist(HEADER)
    if not keys:
        return None
    if len(keys) > 1:
        raise Malformed(
            f"{HEADER} is given {len(keys)} times. A request has one key: send the header once, with the key of this"
            " creation."
        )
    (key,) = keys
    if not re.fullmatch(SANE, key):
        raise Malformed(f"{HEADER} must be 1 to 255 visible ASCII characters, such as a UUID.")
    sent, decoded = await request.body(), msgspec.json.encode(body)
    path, route = str(request.scope["route"].path), scope_of(request)
    return Claim(
        route,
        key,
        sent_digest=hashlib.sha256(sent).digest(),
        digest=hashlib.sha256(decoded).digest(),
        before=path if path != route else "",
    )


def scope_of(request: Request, what: str = "") -> str:
    """The scope of the keys of a caller on the route of a request, which is stored as the route of a key.

    A digest stands for the caller, because the length of names is not limited, and that of an index entry is. If nobody
    has to sign in, the scope is only the route, as in the previous release.

    Args:
        request: the request.
        what: put before the route, to tell keys of several kinds apart.
    """
    caller = caller_of(request)
    route = f"{what} {request.scope['route'].path}".lstrip()
    return route if caller.kind == "open" else f"{route} {hashlib.sha256(caller.actor.encode()).hexdigest()}"


async def once(database: Database, claim: Claim | None, create: Creation) -> Created:
    """Create an object, or return the stored response if a request with the same claim has created it already.

    Raises:
        Invalid: the key was used for another body.
    """
    async with database.transaction() as connection:
        if claim is None:
            return await create(connection)
        claimed = msgspec.structs.asdict(claim)
        while True:
            if await (await connection.execute(SQL.claim, claimed)).fetchone():
                created = await _created_before(connection, claim) or await create(connection)
                kept = {"location": created.location, "tag": created.tag, "body": created.body.decode()}
                await connection.execute(SQL.keep, {**claimed, **kept})
                return created
            row = await (await connection.execute(SQL.recall, claimed)).fetchone()
            if row is not None:  # else the key expired at this moment, and is free
                return _repeat(*row)


async def _created_before(connection: Connection, claim: Claim) -> Created | None:
    """What the same request created before callers had to sign in, so that a retry after that moment is still one."""
    if not claim.before:
        return None
    unnamed = {**msgspec.structs.asdict(claim), "route": claim.before}
    row = await (await connection.execute(SQL.recall, unnamed)).fetchone()
    if row is None:
        return None
    same, location, tag, body = row
    return Created(location, tag, body.encode()) if same and body is not None else None


def _repeat(same: bool, location: str, tag: str | None, body: str) -> Created:
    if not same:
        detail = f"This {HEADER} was used for another body. Use a new key for a new creation."
        raise Invalid(detail, [FieldError("", "key_reused", detail)])
    return Created(location, tag, body.encode())


async def prune(database: Database) -> None:
    """Delete the keys that are older than 24 hours, a part at a time."""
    part = {"rows": PRUNED_AT_ONCE}
    while await database.row(SQL.prune, part) == (PRUNED_AT_ONCE,):  # noqa: ASYNC110  no wait
        await asyncio.sleep(PRUNE_PAUSE)
