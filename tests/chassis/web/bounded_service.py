"""A service with small limits on connections: `python bounded_service.py`."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chassis import command_line
from chassis.process.settings import Settings
from chassis.web.app import Service, create_app
from chassis.web.http_protocol import HttpLimits
from chassis.web.operations import Operation
from chassis.web.server import Server


async def large(_: Request) -> Response:
    """Respond with more bytes than a socket buffers."""
    return PlainTextResponse(b"x" * 8_000_000)


async def count(request: Request) -> Response:
    """Respond with the length of the body."""
    return PlainTextResponse(str(len(await request.body())))


LIMITS = HttpLimits(
    head_seconds=1.0,
    body_pause_seconds=1.0,
    body_seconds=3.0,
    write_seconds=1.0,
    unread_bytes=20_000_000,
    connections=20,
)
SERVICE = Service("chassis", "Bounded.")
settings = command_line.read_settings_or_exit(Settings, SERVICE)
app = create_app(
    SERVICE,
    settings,
    [
        Operation(
            method="GET",
            path="/large",
            endpoint=large,
            summary="Large",
            needs="nothing",
            media_type="text/plain",
        ),
        Operation(
            method="POST",
            path="/count",
            endpoint=count,
            summary="Count",
            needs="nothing",
            media_type="text/plain",
        ),
    ],
)
Server(app, settings, app.state.readiness, LIMITS, app.state.metrics).run()
