"""The sites, freezers and people that forms and filters offer, and their names in lists."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from chassis.database.pool import Database
from chassis.database.queries import Queries
from inventory.common.csv_lists import Names

SQL = Queries("inventory.common", "sql/choices.sql")

MOST = 500
"""Greatest number of rows that a form offers to choose from. If there are more, the form asks for the id."""

Choices = Sequence[tuple[int, str]] | None
"""Id and text of each row that can be chosen; None if there are more than `MOST`."""


class SiteName(msgspec.Struct, frozen=True):
    """A site that something refers to."""

    id: int
    name: str


class FreezerName(msgspec.Struct, frozen=True):
    """A freezer that something refers to, and its site."""

    id: int
    name: str
    site: SiteName

    def __str__(self) -> str:
        return f"{self.name} ({self.site.name})"


async def site_choices(database: Database) -> Choices:
    """The sites, by name."""
    rows = await database.rows(SQL.sites, {"rows": MOST + 1})
    return None if len(rows) > MOST else [(ident, name) for ident, name in rows]


async def freezer_choices(database: Database) -> Choices:
    """The freezers with their sites, by site and name."""
    rows = await database.rows(SQL.freezers, {"rows": MOST + 1})
    return None if len(rows) > MOST else [(ident, f"{name} ({site})") for ident, name, site in rows]


async def person_choices(database: Database) -> Choices:
    """The people with an active account, by username."""
    rows = await database.rows(SQL.people, {"rows": MOST + 1})
    return None if len(rows) > MOST else [(ident, username) for ident, username in rows]


async def inactive_person(database: Database, username: str) -> str | None:
    """The username of the account that has this username, ignoring case, and is not active; None if there is none."""
    row = await database.row(SQL.inactive_person, {"username": username})
    return None if row is None else str(row[0])


async def site_names(database: Database, ids: Iterable[int]) -> Mapping[int, SiteName]:
    """The names of sites, by id."""
    if not (wanted := sorted(set(ids))):
        return {}
    rows = await database.rows(SQL.names_of_sites, {"ids": wanted})
    return {ident: SiteName(ident, name) for ident, name in rows}


async def freezer_names(database: Database, ids: Iterable[int]) -> Mapping[int, FreezerName]:
    """The names of freezers and of their sites, by id of the freezer."""
    if not (wanted := sorted(set(ids))):
        return {}
    rows = await database.rows(SQL.names_of_freezers, {"ids": wanted})
    return {ident: FreezerName(ident, name, SiteName(*site)) for ident, name, *site in rows}


def names_of_sites(database: Database) -> Names:
    """The column with the site of each row that is at a site, for a CSV file."""

    async def read(ids: Iterable[int]) -> Mapping[int, Sequence[str]]:
        return {ident: [site.name] for ident, site in (await site_names(database, ids)).items()}

    return Names("site_id", ["site"], read)


def names_of_freezers(database: Database) -> Names:
    """The columns with the freezer of each row that is in a freezer, and the site, for a CSV file."""

    async def read(ids: Iterable[int]) -> Mapping[int, Sequence[str]]:
        found = await freezer_names(database, ids)
        return {ident: [freezer.name, freezer.site.name] for ident, freezer in found.items()}

    return Names("freezer_id", ["freezer", "site"], read)
