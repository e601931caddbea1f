"""The names of the categories and vendors of a snapshot, for pages that offer or show them."""

from collections import Counter
from collections.abc import Iterable, Mapping

from chassis.database.pool import Database
from chassis.database.queries import Queries

SQL = Queries("balances.store", "sql/names.sql")

MOST = 100
"""Greatest number of names that a filter offers."""


async def category_names(database: Database, feed: str) -> list[tuple[str, str]] | None:
    """Name and text of each category, in their order; None if there are more than `MOST`."""
    rows = await database.rows(SQL.categories, {"feed": feed, "rows": MOST + 1})
    return None if len(rows) > MOST else [(name, name or "(no category)") for (name,) in rows]


async def vendor_names(database: Database, feed: str) -> list[tuple[str, str]] | None:
    """Raw name and text of each vendor, in the order of the clean names; None if there are more than `MOST`.

    The text is the clean name, with the raw name if several vendors have the same clean name.
    """
    rows = await database.rows(SQL.vendors, {"feed": feed, "rows": MOST + 1})
    if len(rows) > MOST:
        return None
    times = Counter(clean for _, clean in rows)
    return [(raw, (clean if times[clean] == 1 else f"{clean} ({raw})") or "(no name)") for raw, clean in rows]


async def clean_names(database: Database, feed: str, raws: Iterable[str]) -> Mapping[str, str]:
    """The clean names of vendors, by their raw names."""
    if not (wanted := sorted(set(raws))):
        return {}
    return dict(await database.rows(SQL.clean_names, {"feed": feed, "raws": wanted}))
