"""Instruments: every computer and freezer with its site, in one list."""

from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from chassis.database.queries import Queries
from chassis.web.conditional import IF_NONE_MATCH, represent
from chassis.web.operations import Operation
from chassis.web.pagination import Page, Paging
from inventory.collection import Position, named
from inventory.common import rows as store
from inventory.original import answers as legacy

SQL = Queries("inventory.equipment", "sql/instrument.sql")

Place = Annotated[list[Position], Meta(min_length=3, max_length=3)]
"""Site, computer before freezer, id."""

FIRST = [0, 0, 0]
"""The place before the first."""


class Instrument(msgspec.Struct, frozen=True):
    """A computer or a freezer; one of the two ids is null."""

    computer_id: int | None
    freezer_id: int | None
    name: str
    site_id: int
    site_name: str


async def list_instruments(request: Request, query: Paging) -> Response:
    """`GET /v1/instruments`."""
    database = request.state.database
    return represent(request, await store.page(database, SQL.page, "instruments", query, Place, FIRST))


async def all_instruments(request: Request) -> Response:
    """`GET /instruments`."""
    return await legacy.streams(request).array(request, SQL.legacy_list, FIRST)


OPERATIONS = [
    Operation(
        method="GET",
        path="/v1/instruments",
        endpoint=list_instruments,
        summary="A page of the instruments: by site, computers before freezers, by id",
        query_type=Paging,
        returns=Page[Instrument],
        errors=(400, 422, 503),
        headers=IF_NONE_MATCH,
    ),
    *(
        Operation(
            method="GET",
            path=path,
            endpoint=named(name, all_instruments),
            summary="Every instrument: by site, computers before freezers, by id",
            returns=list[Instrument],
            errors=(503,),
            on_error=legacy.answering(400),
        )
        for path, name in (("/instruments", "all_instruments"), ("/instruments/", "all_instruments_slash"))
    ),
]
