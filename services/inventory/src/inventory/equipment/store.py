"""The statements of computers and instruments, and the functions that run them."""

from msgspec import UNSET

from chassis.database.connection import Connection
from chassis.database.pool import Database
from chassis.database.queries import Queries
from inventory.common import rows
from inventory.common.keyset_pages import IdPosition, Listing, TextPosition, TimePosition, page
from inventory.common.representation import Representation
from inventory.common.rows import Versions
from inventory.equipment.computer import ComputerFilters, ComputerPatch, NewComputer
from inventory.equipment.instrument import FIRST, InstrumentFilters

COMPUTERS = Queries("inventory.equipment", "sql/computer.sql")
INSTRUMENTS = Queries("inventory.equipment", "sql/instrument.sql")

COMPUTER_LIST = Listing(
    "computers",
    COMPUTERS,
    {"id": IdPosition, "name": TextPosition, "created_at": TimePosition, "updated_at": TimePosition},
)
INSTRUMENT_LIST = Listing(
    "instruments",
    INSTRUMENTS,
    {"site": tuple[IdPosition, IdPosition, IdPosition], "name": tuple[str, IdPosition, IdPosition]},
    start=FIRST,
)


async def list_computers(database: Database, query: ComputerFilters) -> bytes:
    """One page of the computers, as JSON."""
    return await page(database, COMPUTER_LIST, query)


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


async def list_instruments(database: Database, query: InstrumentFilters) -> bytes:
    """One page of the instruments, as JSON."""
    everything = not query.q.strip() and query.sort == "site" and query.site_id is query.kind is UNSET
    return await page(database, INSTRUMENT_LIST, query, block="page_of_all" if everything else "page")
