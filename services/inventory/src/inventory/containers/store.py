"""The statements of containers, and the functions that run them."""

from chassis.database.connection import Connection
from chassis.database.pool import Database
from chassis.database.queries import Queries
from inventory.common import rows
from inventory.common.keyset_pages import IdPosition, Listing, TextPosition, TimePosition, page
from inventory.common.representation import Representation
from inventory.common.rows import Versions
from inventory.containers.container import ContainerFilters, ContainerPatch, NewContainer

CONTAINERS = Queries("inventory.containers", "sql/container.sql")

CONTAINER_LIST = Listing(
    "containers",
    CONTAINERS,
    {"id": IdPosition, "description": TextPosition, "created_at": TimePosition, "updated_at": TimePosition},
)


async def list_containers(database: Database, query: ContainerFilters) -> bytes:
    """One page of the containers, as JSON."""
    return await page(database, CONTAINER_LIST, query)


async def get_container(database: Database, ident: int) -> Representation:
    """One container; raises NotFound."""
    return await rows.get(database, CONTAINERS.get, "container", ident)


async def create_container(connection: Connection, container: NewContainer) -> Representation:
    """Create a container."""
    return await rows.create(connection, CONTAINERS.create, container)


async def patch_container(
    database: Database, ident: int, versions: Versions, changes: ContainerPatch
) -> Representation:
    """Change a container that is at one of `versions`; raises NotFound, PreconditionFailed."""
    return await rows.patch(database, CONTAINERS.patch, CONTAINERS.get, "container", ident, versions, changes)


async def delete_container(database: Database, ident: int, versions: Versions) -> None:
    """Delete a container that is at one of `versions`; raises NotFound, PreconditionFailed, Conflict."""
    await rows.delete(database, CONTAINERS.delete, CONTAINERS.get, "container", ident, versions)
