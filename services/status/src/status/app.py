"""The status service: its settings, its operations and its application."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta
from starlette.applications import Starlette

import status.gallery.pages
import status.portal.pages
from chassis.pages.rendering import PagesOfService, Section
from chassis.process.settings import PathPrefix, Settings
from chassis.web.app import Service, create_app
from chassis.web.metadata import Metadata, commit
from chassis.web.operations import Operation
from status.portal.questions import Questions

SERVICE_URL = r"^(https?://[A-Za-z0-9._:\[\]-]+(/[A-Za-z0-9._-]+)*/?)?\Z"


class StatusSettings(Settings, frozen=True, kw_only=True):
    """Settings of the status service."""

    path_prefix: PathPrefix = "/status"
    inventory_url: Annotated[
        str,
        Meta(
            pattern=SERVICE_URL,
            description="URL at which the portal requests the API of inventory, such as `http://inventory`; if it is"
            " empty, the portal shows nothing of inventory",
        ),
    ] = ""
    balances_url: Annotated[
        str,
        Meta(
            pattern=SERVICE_URL,
            description="URL at which the portal requests the API of balances, such as `http://balances`; if it is"
            " empty, the portal shows nothing of balances",
        ),
    ] = ""
    parts_gallery: Annotated[
        bool,
        Meta(description="Show the gallery of the parts of pages at `/ui/parts`, for people who make pages"),
    ] = False


SERVICE = Service("status", "The portal page, and the greeting at the root of the host.")

OPERATIONS = [
    Operation(
        method="GET",
        path="/",
        endpoint=status.portal.pages.greet,
        summary="Show the portal, or the greeting",
        needs="nothing",
        description="The response is the portal page if the client accepts HTML, otherwise `Hello World!`.",
        media_type="text/plain",
    ),
]

NAVIGATION = [Section("Start", "/"), Section("Services", "/ui/")]


def create(settings: StatusSettings) -> Starlette:
    """Make the application of the status service."""
    about = Metadata(SERVICE.name, SERVICE.description, SERVICE.version, commit(Path(settings.commit_file)))
    questions = Questions(settings, about, settings.inventory_url, settings.balances_url)

    @asynccontextmanager
    async def resources() -> AsyncIterator[Mapping[str, Any]]:
        async with questions.opened():
            yield {"questions": questions}

    return create_app(
        SERVICE,
        settings,
        [
            *OPERATIONS,
            *status.portal.pages.PAGES,
            *(status.gallery.pages.PAGES if settings.parts_gallery else ()),
        ],
        pages=PagesOfService(
            title="Status",
            sections=NAVIGATION,
            templates={"portal": "status.portal", "gallery": "status.gallery"},
        ),
        resources=resources,
    )
