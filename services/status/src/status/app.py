"""The status service: its settings, its operations and its application."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta
from starlette.applications import Starlette

import status.account.pages
import status.gallery.pages
import status.portal.pages
import status.sign_in.pages
from chassis.pages.rendering import PagesOfService, Section
from chassis.process.settings import SECRET, PathPrefix, Settings, SettingsError
from chassis.web.app import Service, create_app
from chassis.web.metadata import Metadata, commit
from chassis.web.operations import Operation
from status.portal.questions import Questions
from status.sign_in.client import SignInClient, problems
from status.sign_in.provider import Provider
from status.sign_in.signing_in import CALLBACK, signing_in

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
    sign_in_client: Annotated[
        SignInClient | None,
        Meta(
            extra=SECRET,
            examples=[{"issuer": "https://id.lab.example", "client_id": "benchtop", "client_secret": "..."}],
            description="Client at the OpenID Connect provider where people sign in, as JSON with `issuer` (one of"
            " ACCESS_ISSUERS), `client_id`, `client_secret`, and if needed `scopes` and `groups` (those that sessions"
            " keep). Its redirect URI is `<PUBLIC_ORIGIN>/status/sign-in/callback`. If it is not set, people sign in"
            " with a token",
        ),
    ] = None
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
    """Make the application of the status service.

    Raises:
        SettingsError: settings contradict each other.
    """
    provider = _provider(settings)
    about = Metadata(SERVICE.name, SERVICE.description, SERVICE.version, commit(Path(settings.commit_file)))
    questions = Questions(settings, about, settings.inventory_url, settings.balances_url)

    @asynccontextmanager
    async def resources() -> AsyncIterator[Mapping[str, Any]]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(questions.opened())
            if provider is not None:
                await stack.enter_async_context(provider.opened())
            yield {"questions": questions, "signing_in": signing_in(settings, provider)}

    return create_app(
        SERVICE,
        settings,
        [
            *OPERATIONS,
            *status.portal.pages.PAGES,
            *status.sign_in.pages.PAGES,
            *status.account.pages.PAGES,
            *(status.gallery.pages.PAGES if settings.parts_gallery else ()),
        ],
        pages=PagesOfService(
            title="Status",
            sections=NAVIGATION,
            templates={
                "portal": "status.portal",
                "sign_in": "status.sign_in",
                "account": "status.account",
                "gallery": "status.gallery",
            },
        ),
        resources=resources,
    )


def _provider(settings: StatusSettings) -> Provider | None:
    """The provider at which people sign in; None if there is none, or if nobody has to sign in."""
    if settings.sign_in_client is None or settings.access == "open":
        return None
    if found := list(problems(settings.sign_in_client, settings)):
        raise SettingsError(" ".join(found))
    return Provider(settings.sign_in_client, settings.public_origin + settings.path_prefix + CALLBACK)
