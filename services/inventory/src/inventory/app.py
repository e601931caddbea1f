"""What the inventory service is made of."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

from msgspec import Meta
from starlette.applications import Starlette

from chassis.database.pool import Database
from chassis.process.settings import DatabaseSettings, PathPrefix
from chassis.web.app import Service, create_app
from chassis.web.json_stream import JsonStreams
from inventory import collection
from inventory.equipment import instruments
from inventory.events import routes as events
from inventory.kinds import THINGS, USERS
from inventory.original import admin
from inventory.original import answers as legacy
from inventory.original import events as legacy_events
from inventory.original import users as legacy_users
from inventory.original.fields import LEGACY_THINGS
from inventory.violations import VIOLATIONS


class InventorySettings(DatabaseSettings, frozen=True, kw_only=True):
    """Settings of the API, the worker, and every other command."""

    path_prefix: PathPrefix = "/inventory"
    notify_on_event: Annotated[
        bool,
        Meta(
            description="Wake workers with NOTIFY when something is queued; without, they look every few seconds"
        ),
    ] = True
    worker_concurrency: Annotated[
        int,
        Meta(
            ge=1,
            le=1000,
            description="Most notifications of one channel that a worker has in hand; so many repeat if it is killed",
        ),
    ] = 10
    worker_lease_seconds: Annotated[
        float,
        Meta(
            gt=0,
            le=86_400,
            description="How long a claimed notification is left to its worker; a delivery may take half of it",
        ),
    ] = 30.0
    worker_poll_seconds: Annotated[
        float, Meta(gt=0, le=3600, description="How often to look for work without being woken")
    ] = 5.0
    worker_listen: Annotated[
        bool,
        Meta(
            description="Be woken by NOTIFY, on a connection of its own; off behind a transaction-pooling proxy"
        ),
    ] = True


SERVICE = Service(
    "inventory", "What the lab keeps and where, who uses it, what happened and who must be told."
)
SCHEMA = "inventory"

OPERATIONS = [
    *(operation for kind in (*THINGS, USERS) for operation in collection.operations(kind)),
    *events.OPERATIONS,
    *(operation for kind in LEGACY_THINGS for operation in legacy.operations(kind)),
    *instruments.OPERATIONS,
    *legacy_users.OPERATIONS,
    *legacy_events.OPERATIONS,
    *admin.OPERATIONS,
]


def create(settings: InventorySettings) -> Starlette:
    """The inventory application."""
    database = Database(settings, SCHEMA, VIOLATIONS)

    @asynccontextmanager
    async def resources() -> AsyncIterator[Mapping[str, Any]]:
        async with database.opened():
            yield {
                "database": database,
                "streams": JsonStreams(database),
                "hint": settings.notify_on_event,
            }

    return create_app(SERVICE, settings, OPERATIONS, resources=resources, database=database)
