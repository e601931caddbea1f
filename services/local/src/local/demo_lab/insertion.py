"""Inserts the demo lab into the database of inventory."""

import csv
import datetime as dt
from collections.abc import Mapping
from importlib.resources import files
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

import psycopg
from psycopg.types.json import Json

from chassis.database.connection import connection_options
from chassis.database.queries import Queries
from inventory.settings import SCHEMA
from local.demo_lab.times import happened, registered

SQL = Queries("local.demo_lab", "sql/demo_lab.sql")

NAMESPACE = uuid5(NAMESPACE_URL, "benchtop demo lab")
"""Namespace of the UUIDs, so that every demo lab has the same ones."""

REGISTERED: Mapping[str, tuple[int, int]] = {
    "sites": (720, 715),
    "freezers": (710, 690),
    "accounts": (710, 60),
    "computers": (680, 90),
    "containers": (650, 2),
}
"""How many days ago the first and the last row of a kind were created, in the order of insertion."""

Row = dict[str, str | None]


async def insert(url: str, time_zone: str) -> None:
    """Insert the demo lab into a migrated database that has only the example data.

    Args:
        url: connection URL of the database.
        time_zone: the lab's time zone, in whose working hours people do things.
    """
    options = connection_options(SCHEMA)
    async with await psycopg.AsyncConnection.connect(url, **options) as connection, connection.transaction():
        [(now,)] = await (await connection.execute(SQL.now)).fetchall()
        zone = ZoneInfo(time_zone)
        for kind, days in REGISTERED.items():
            rows = _read(kind)
            for position, row in enumerate(rows):
                row["created_at"] = registered(position, len(rows), days, now, zone).isoformat()
                row["uuid"] = str(uuid5(NAMESPACE, f"{kind} {position}"))
            await connection.execute(getattr(SQL, kind), {"rows": Json(rows)})
        await connection.execute(SQL.events, {"rows": Json(_events(now, zone))})


def _events(now: dt.datetime, zone: ZoneInfo) -> list[Row]:
    """The events, in the order in which they happened."""
    timed = []
    for position, row in enumerate(_read("events")):
        moment = happened(str(row["time"]), now, zone)
        event = {"id": str(uuid5(NAMESPACE, f"events {position}")), "created_at": moment.isoformat()}
        timed.append((moment, {**row, **event}))
    return [row for _, row in sorted(timed, key=lambda one: one[0])]


def _read(kind: str) -> list[Row]:
    """The rows of a file, in its order; an empty field is null."""
    text = files("local.demo_lab").joinpath(f"{kind}.csv").read_text(encoding="utf-8")
    return [{name: value or None for name, value in row.items()} for row in csv.DictReader(text.splitlines())]
