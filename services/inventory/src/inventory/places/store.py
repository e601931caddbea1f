"""The statements of sites and freezers, and the functions that run them."""

from collections.abc import Mapping, Sequence

from chassis.database.connection import Connection
from chassis.database.pool import Database
from chassis.database.queries import Queries
from inventory.common import rows
from inventory.common.keyset_pages import IdPosition, Listing, TextPosition, TimePosition, page
from inventory.common.representation import Representation
from inventory.common.rows import Versions
from inventory.places.freezer import FreezerFilters, FreezerPatch, NewFreezer
from inventory.places.site import NewSite, SiteFilters, SitePatch

SITES = Queries("inventory.places", "sql/site.sql")
FREEZERS = Queries("inventory.places", "sql/freezer.sql")
REFERENCES = Queries("inventory.places", "sql/references.sql")

ORDERS = {"id": IdPosition, "name": TextPosition, "created_at": TimePosition, "updated_at": TimePosition}
SITE_LIST = Listing("sites", SITES, ORDERS)
FREEZER_LIST = Listing("freezers", FREEZERS, ORDERS)


async def list_sites(database: Database, query: SiteFilters) -> bytes:
    """One page of the sites, as JSON."""
    return await page(database, SITE_LIST, query)


async def get_site(database: Database, ident: int) -> Representation:
    """One site; raises NotFound."""
    return await rows.get(database, SITES.get, "site", ident)


async def create_site(connection: Connection, site: NewSite) -> Representation:
    """Create a site."""
    return await rows.create(connection, SITES.create, site)


async def patch_site(
    database: Database, ident: int, versions: Versions, changes: SitePatch
) -> Representation:
    """Change a site that is at one of `versions`; raises NotFound, PreconditionFailed."""
    return await rows.patch(database, SITES.patch, SITES.get, "site", ident, versions, changes)


async def delete_site(database: Database, ident: int, versions: Versions) -> None:
    """Delete a site that is at one of `versions`; raises NotFound, PreconditionFailed, Conflict."""
    await rows.delete(database, SITES.delete, SITES.get, "site", ident, versions)


async def list_freezers(database: Database, query: FreezerFilters) -> bytes:
    """One page of the freezers, as JSON."""
    return await page(database, FREEZER_LIST, query)


async def get_freezer(database: Database, ident: int) -> Representation:
    """One freezer; raises NotFound."""
    return await rows.get(database, FREEZERS.get, "freezer", ident)


async def create_freezer(connection: Connection, freezer: NewFreezer) -> Representation:
    """Create a freezer."""
    return await rows.create(connection, FREEZERS.create, freezer)


async def patch_freezer(
    database: Database, ident: int, versions: Versions, changes: FreezerPatch
) -> Representation:
    """Change a freezer that is at one of `versions`; raises NotFound, PreconditionFailed."""
    return await rows.patch(database, FREEZERS.patch, FREEZERS.get, "freezer", ident, versions, changes)


async def delete_freezer(database: Database, ident: int, versions: Versions) -> None:
    """Delete a freezer that is at one of `versions`; raises NotFound, PreconditionFailed, Conflict."""
    await rows.delete(database, FREEZERS.delete, FREEZERS.get, "freezer", ident, versions)


async def references_of_site(database: Database, ident: int) -> tuple[int, int]:
    """How many freezers and how many computers are at a site."""
    row = await database.row(REFERENCES.of_site, {"id": ident})
    assert row is not None  # noqa: S101  a count is always one row
    freezers, computers = row
    return freezers, computers


async def references_of_freezer(database: Database, ident: int) -> int:
    """How many containers are in a freezer."""
    row = await database.row(REFERENCES.of_freezer, {"id": ident})
    assert row is not None  # noqa: S101  a count is always one row
    count: int = row[0]
    return count


async def contents_of_freezers(database: Database, ids: Sequence[int]) -> Mapping[int, int]:
    """How many containers are in each of these freezers; those without any are absent."""
    return dict(await database.rows(REFERENCES.of_freezers, {"ids": list(ids)}))
