"""The status service: its settings, its operations and its application."""

from typing import Annotated

from msgspec import Meta
from starlette.applications import Starlette

from chassis.process.settings import PathPrefix, Settings
from chassis.web.app import Service, create_app
from chassis.web.operations import Operation
from status.portal import greet


class StatusSettings(Settings, frozen=True, kw_only=True):
    """Settings of the status service."""

    path_prefix: PathPrefix = "/status"
    inventory_url: Annotated[
        str,
        Meta(description="Address at which the portal requests the API of inventory; not requested if empty"),
    ] = ""
    balances_url: Annotated[
        str,
        Meta(description="Address at which the portal requests the API of balances; not requested if empty"),
    ] = ""


SERVICE = Service("status", "The portal page, and the greeting at the root of the host.")

OPERATIONS = [
    Operation(
        method="GET",
        path="/",
        endpoint=greet,
        summary="The portal page if the client accepts HTML, otherwise `Hello World!`",
        media_type="text/plain",
    ),
]


def create(settings: StatusSettings) -> Starlette:
    """Make the application of the status service."""
    return create_app(SERVICE, settings, OPERATIONS)
