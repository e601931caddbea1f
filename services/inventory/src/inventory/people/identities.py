"""The statements of the identities of people, and the functions that run them."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from chassis.database.connection import Connection
from chassis.database.pool import Database
from chassis.database.queries import Queries
from inventory.common.own_account import Account

SQL = Queries("inventory.people", "sql/account_identity.sql")

LONGEST_SUBJECT = 255
"""Maximum number of characters of a subject (OpenID Connect Core, section 2)."""


class Identity(msgspec.Struct, frozen=True):
    """Who a person is for the issuer of the tokens."""

    issuer: str
    subject: str
    email: str = ""
    """Verified e-mail address; empty if there is none."""


class Candidates(msgspec.Struct, frozen=True):
    """The accounts that may belong to a person."""

    linked: Account | None = None
    """The account that is linked to the person."""
    free: Account | None = None
    """The account with the person's e-mail address, if nobody is linked to it."""
    taken: Account | None = None
    """The same, if somebody else is linked to it."""

    @property
    def inactive(self) -> Account | None:
        """The first of them that is not active; None if all are."""
        accounts = (self.linked, self.free, self.taken)
        return next((one for one in accounts if one is not None and not one.active), None)


class Link(msgspec.Struct, frozen=True):
    """Who is linked to an account."""

    issuer: str
    subject: str
    created_at: datetime


class _Overtaken(Exception):
    """Another request has linked the person meanwhile, so the transaction is rolled back."""


async def find(database: Database, identity: Identity) -> Candidates:
    """The accounts that may belong to a person."""
    rows = await database.rows(SQL.find, msgspec.structs.asdict(identity))
    return Candidates(**{state: Account(ident, username, active) for ident, username, active, state in rows})


async def link(database: Database, identity: Identity) -> bool:
    """Link a person to the account with the e-mail address; False if another request was faster."""
    return await database.row(SQL.link, msgspec.structs.asdict(identity)) is not None


async def add(database: Database, identity: Identity, username: str) -> bool:
    """Add an account for a person; False if another account has the username or the e-mail address.

    Raises:
        Invalid: the username or the e-mail address cannot be that of an account.
    """
    try:
        async with database.transaction() as connection:
            return await _add(connection, {**msgspec.structs.asdict(identity), "username": username})
    except _Overtaken:
        return False


async def _add(connection: Connection, parameters: Mapping[str, object]) -> bool:
    row = await (await connection.execute(SQL.add_account, parameters)).fetchone()
    if row is None:
        return False
    linked = await connection.execute(SQL.add_identity, {**parameters, "account_id": row[0]})
    if await linked.fetchone() is None:
        raise _Overtaken
    return True


async def link_of(database: Database, account_id: int) -> Link | None:
    """Who is linked to an account; None for nobody."""
    row = await database.row(SQL.of_account, {"account_id": account_id})
    return None if row is None else Link(*row)


async def unlink(database: Database, account_id: int) -> bool:
    """Remove the link of an account; False if there was none."""
    async with database.transaction() as connection:
        row = await (await connection.execute(SQL.unlink, {"account_id": account_id})).fetchone()
    return row is not None
