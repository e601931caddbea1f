"""What the status service is made of."""

from starlette.applications import Starlette

from chassis.process.settings import PathPrefix, Settings
from chassis.web.app import Service, create_app
from chassis.web.operations import Operation
from status.portal import greet


class StatusSettings(Settings, frozen=True, kw_only=True):
    """What the status service can be told."""

    path_prefix: PathPrefix = "/status"


SERVICE = Service("status", "The portal page, and the greeting at the root of the host.")

OPERATIONS = [
    Operation(
        method="GET",
        path="/",
        endpoint=greet,
        summary="The portal page for a browser; `Hello World!` for everyone else",
        media_type="text/plain",
    ),
]


def create(settings: StatusSettings) -> Starlette:
    """The status application."""
    return create_app(SERVICE, settings, OPERATIONS)
