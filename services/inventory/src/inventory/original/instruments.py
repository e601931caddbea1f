"""Instruments at their original path: `/instruments`."""

from starlette.requests import Request
from starlette.responses import Response

from chassis.web.operations import Operation
from inventory import permissions
from inventory.equipment.instrument import FIRST, Instrument
from inventory.equipment.store import INSTRUMENTS
from inventory.original.responses import errors_as, streams


async def all_instruments(request: Request) -> Response:
    """`GET /instruments`."""
    return await streams(request).array(request, INSTRUMENTS.list, FIRST)


async def all_instruments_slash(request: Request) -> Response:
    """`GET /instruments/`."""
    return await all_instruments(request)


OPERATIONS = [
    Operation(
        method="GET",
        path="/instruments",
        endpoint=all_instruments,
        summary="List all instruments",
        needs=permissions.INSTRUMENTS.to("list"),
        description="They are in the order of their sites; at a site, the computers come before the freezers.",
        returns=list[Instrument],
        errors=(503,),
        on_error=errors_as(400),
    ),
    Operation(
        method="GET",
        path="/instruments/",
        endpoint=all_instruments_slash,
        summary="List all instruments, at the path with a slash",
        needs=permissions.INSTRUMENTS.to("list"),
        description="They are in the order of their sites; at a site, the computers come before the freezers.",
        returns=list[Instrument],
        errors=(503,),
        on_error=errors_as(400),
    ),
]
