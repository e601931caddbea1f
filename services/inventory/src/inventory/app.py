"""The API: the operations of all features, on one pool of database connections."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

import inventory.containers.pages
import inventory.containers.routes
import inventory.equipment.pages
import inventory.equipment.routes
import inventory.events.pages
import inventory.events.routes
import inventory.notifications.pages
import inventory.notifications.routes
import inventory.original.routes
import inventory.overview.routes
import inventory.people.pages
import inventory.people.routes
import inventory.places.pages
import inventory.places.routes
from chassis.database.pool import Database
from chassis.pages.messages import redirect
from chassis.pages.rendering import PagesOfService, Section
from chassis.web.app import create_app
from chassis.web.json_stream import JsonStreams
from chassis.web.operations import page
from inventory import permissions
from inventory.people.admission import Admission
from inventory.settings import SCHEMA, SERVICE, InventorySettings
from inventory.violations import VIOLATIONS

OPERATIONS = [
    *inventory.places.routes.OPERATIONS,
    *inventory.equipment.routes.OPERATIONS,
    *inventory.containers.routes.OPERATIONS,
    *inventory.people.routes.OPERATIONS,
    *inventory.overview.routes.OPERATIONS,
    *inventory.events.routes.OPERATIONS,
    *inventory.notifications.routes.OPERATIONS,
    *inventory.original.routes.OPERATIONS,
]


async def start(request: Request) -> Response:
    """`GET /ui/`."""
    return redirect(request, "/ui/containers")


PAGES = [
    page("/ui/", start, "The start of the pages: the list of containers", permissions.CONTAINERS.to("list")),
    *inventory.places.pages.PAGES,
    *inventory.equipment.pages.PAGES,
    *inventory.containers.pages.PAGES,
    *inventory.people.pages.PAGES,
    *inventory.events.pages.PAGES,
    *inventory.notifications.pages.PAGES,
]

NAVIGATION = PagesOfService(
    title="Inventory",
    sections=[
        Section("Containers", "/ui/containers"),
        Section("Freezers", "/ui/freezers"),
        Section("Computers", "/ui/computers"),
        Section("Instruments", "/ui/instruments"),
        Section("Sites", "/ui/sites"),
        Section("Events", "/ui/events"),
        Section("Notifications", "/ui/notifications"),
        Section("People", "/ui/people"),
    ],
    templates={
        "common": "inventory.common",
        "places": "inventory.places",
        "equipment": "inventory.equipment",
        "containers": "inventory.containers",
        "people": "inventory.people",
        "events": "inventory.events",
        "notifications": "inventory.notifications",
    },
)


def create(settings: InventorySettings) -> Starlette:
    """The inventory application."""
    database = Database(settings, SCHEMA, VIOLATIONS)
    admission = Admission(database, add_people=settings.access_add_people)

    @asynccontextmanager
    async def resources() -> AsyncIterator[Mapping[str, Any]]:
        async with database.opened():
            yield {
                "database": database,
                "admission": admission,
                "streams": JsonStreams(database),
                "wake_workers": settings.notify_on_event,
            }

    return create_app(
        SERVICE,
        settings,
        [*OPERATIONS, *PAGES],
        pages=NAVIGATION,
        resources=resources,
        database=database,
        admission=admission.admit,
    )
