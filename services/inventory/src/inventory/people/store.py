"""The statements of users, and the functions that run them."""

from chassis.database.connection import Connection
from chassis.database.pool import Database
from chassis.database.queries import Queries
from inventory.common import rows
from inventory.common.keyset_pages import IdPosition, Listing, TextPosition, TimePosition, page
from inventory.common.representation import Representation
from inventory.common.rows import Versions
from inventory.people.user import NewUser, UserFilters, UserPatch

USERS = Queries("inventory.people", "sql/account.sql")

USER_LIST = Listing(
    "users",
    USERS,
    {"id": IdPosition, "username": TextPosition, "email": TextPosition, "created_at": TimePosition},
)


async def list_users(database: Database, query: UserFilters) -> bytes:
    """One page of the users, as JSON."""
    return await page(database, USER_LIST, query)


async def get_user(database: Database, ident: int) -> Representation:
    """One user; raises NotFound."""
    return await rows.get(database, USERS.get, "user", ident)


async def create_user(connection: Connection, user: NewUser) -> Representation:
    """Create a user."""
    return await rows.create(connection, USERS.create, user)


async def patch_user(
    database: Database, ident: int, versions: Versions, changes: UserPatch
) -> Representation:
    """Change a user that is at one of `versions`; raises NotFound, PreconditionFailed."""
    return await rows.patch(database, USERS.patch, USERS.get, "user", ident, versions, changes)


async def delete_user(database: Database, ident: int, versions: Versions) -> None:
    """Delete a user that is at one of `versions`; raises NotFound, PreconditionFailed, Conflict."""
    await rows.delete(database, USERS.delete, USERS.get, "user", ident, versions)


async def events_of_user(database: Database, username: str) -> int:
    """How many events name this user, with the username as it is written."""
    row = await database.row(USERS.events, {"username": username})
    assert row is not None  # noqa: S101  a count is always one row
    count: int = row[0]
    return count
