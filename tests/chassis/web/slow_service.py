"""A service with a slow response, to test shutdown: `python slow_service.py`."""

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chassis import command_line
from chassis.process.settings import Settings
from chassis.web.app import Service, create_app
from chassis.web.operations import Operation


async def slow(request: Request) -> Response:
    """Respond after a second, or after `seconds` in the query."""
    await asyncio.sleep(float(request.query_params.get("seconds", "1")))
    return PlainTextResponse("done")


async def read(_: Request, body: dict[str, int]) -> Response:
    """Respond after the body was received."""
    return PlainTextResponse(str(len(body)))


SERVICE = Service("chassis", "Slow.")
settings = command_line.read_settings_or_exit(Settings, SERVICE)
command_line.serve(
    create_app(
        SERVICE,
        settings,
        [
            Operation(method="GET", path="/slow", endpoint=slow, summary="Slow", needs="nothing"),
            Operation(
                method="POST",
                path="/slow",
                endpoint=read,
                summary="Read",
                needs="nothing",
                body_type=dict[str, int],
            ),
        ],
    ),
    settings,
)
