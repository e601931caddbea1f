"""The statements of computers and instruments, and the functions that run them."""

from chassis.database.connection import Connection
from chassis.database.pool import Database
from chassis.database.queries import Queries
from chassis.web.pagination import Paging
from inventory.common import rows
from inventory.common.keyset_pages import page, page_by_id
from inventory.common.representation import Representation
from inventory.common.rows import Versions
from inventory.equipment.computer import ComputerFilters, ComputerPatch, NewComputer
from inventory.equipment.instrument import FIRST, InstrumentPosition

COMPUTERS = Queries("inventory.equipment", "sql/computer.sql")
INSTRUMENTS = Queries("inventory.equipment", "sql/instrument.sql")


async def list_computers(database: Database, query: ComputerFilters) -> bytes:
    """One page of the computers, by id, as JSON."""
    return await page_by_id(database, COMPUTERS.page, "computers", query)


async def get_computer(database: Database, ident: int) -> Representation:
    """One computer; raises NotFound."""
    return await rows.get(database, COMPUTERS.get, "computer", ident)


async def create_computer(connection: Connection, computer: NewComputer) -> Representation:
    """Create a computer."""
    return await rows.create(connection, COMPUTERS.create, computer)


async def patch_computer(
    database: Database, ident: int, versions: Versions, changes: ComputerPatch
) -> Representation:
    """Change a computer that is at one of `versions`; raises NotFound, PreconditionFailed."""
    return await rows.patch(database, COMPUTERS.patch, COMPUTERS.get, "computer", ident, versions, changes)


async def delete_computer(database: Database, ident: int, versions: Versions) -> None:
    """Delete a computer that is at one of `versions`; raises NotFound, PreconditionFailed, Conflict."""
    await rows.delete(database, COMPUTERS.delete, COMPUTERS.get, "computer", ident, versions)


async def list_instruments(database: Database, query: Paging) -> bytes:
    """One page of the instruments, by site, computers before freezers, by id, as JSON."""
    return await page(database, INSTRUMENTS.page, "instruments", query, InstrumentPosition, FIRST)
