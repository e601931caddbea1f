"""`create_app` makes the application of a service from its operations, settings and resources.

It adds the parts that all services have: `/health`, `/health/ready`, `/metadata`, `/openapi.json`, `/docs`,
problem+json for errors, request ids, metrics, logs, gzip, and a limit on the size of bodies. `/metrics` is an
application of its own, because it has a port of its own.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from prometheus_client import (
    CollectorRegistry,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from chassis.access.access import Access, Admission, admit_everybody
from chassis.access.configured import access_of
from chassis.access.signed_out import SignedOut
from chassis.database.metrics import PoolMetrics
from chassis.database.pool import Database
from chassis.errors import RequestError
from chassis.pages import docs_page
from chassis.pages.headers import PAGE_HEADERS
from chassis.pages.rendering import Pages, PagesOfService
from chassis.process import logs
from chassis.process.background import BackgroundTasks, Heartbeat
from chassis.process.readiness import Check, Readiness, ReadinessReport
from chassis.process.settings import Settings
from chassis.web import openapi, problem
from chassis.web.conditional import respond_conditionally
from chassis.web.dispatch import routes
from chassis.web.health import live, ready
from chassis.web.me import me_operation
from chassis.web.metadata import Metadata, commit
from chassis.web.metrics import metrics_application
from chassis.web.middleware.body_limit import BodyLimit
from chassis.web.middleware.content_coding import ContentCoding
from chassis.web.middleware.observation import HttpMetrics, Observation
from chassis.web.middleware.path_prefix import PathPrefix
from chassis.web.operations import Operation
from chassis.web.route_index import RouteIndex
from chassis.web.signed_out import signed_out_operation

if TYPE_CHECKING:
    from chassis.access.sessions import Sessions

Resources = Callable[[], AbstractAsyncContextManager[Mapping[str, Any]]]
"""Opens the resources that requests need, and yields them by name; a handler reads `request.state.<name>`."""


DOCS_HEADERS = {**PAGE_HEADERS, "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache"}
"""The page /docs has no personal data, so a browser may keep it, and asks with its ETag whether it is current."""


class Service(msgspec.Struct, frozen=True):
    """Name and description of a service."""

    name: str
    description: str

    @property
    def version(self) -> str:
        """The version of the installed package `benchtop-<name>`."""
        return version_of(f"benchtop-{self.name}")


@asynccontextmanager
async def nothing() -> AsyncIterator[Mapping[str, Any]]:
    """The resources of a service that needs none."""
    yield {}


def create_app(  # noqa: PLR0913  each is a part of the application
    service: Service,
    settings: Settings,
    operations: Sequence[Operation] = (),
    *,
    pages: PagesOfService | None = None,
    resources: Resources = nothing,
    database: Database | None = None,
    checks: Mapping[str, Check] | None = None,
    heartbeats: Sequence[Heartbeat] = (),
    registry: CollectorRegistry | None = None,
    background: BackgroundTasks | None = None,
    admission: Admission = admit_everybody,
) -> Starlette:
    """Make the application of `service`.

    Args:
        service: its name and description.
        settings: its settings.
        operations: its own operations; those that every service has are added.
        pages: its navigation and templates.
        resources: opened when the application starts, and closed when it stops.
        database: checked for readiness, and its pool has metrics; `resources` must open it.
        checks: further readiness checks, by the name of the dependency.
        heartbeats: liveness fails if one of these loops hangs.
        registry: the registry with the service's own metrics.
        background: the service's own background tasks, if it has some; their metrics are in `registry`.
        admission: a further check of callers, beside their roles.

    Raises:
        SettingsError: the settings of access contradict each other, or the keys of sessions cannot be read.
    """
    # The library would add a `_created` series, which is not used, to each counter and histogram
    disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types for it
    registry = registry if registry is not None else CollectorRegistry()
    _register_process(registry, service, settings)
    checks = {**(checks or {})}
    if database is not None:
        checks |= {"database": database.ping, "writes": database.check_writes}
        registry.register(PoolMetrics(database))
    background = background or BackgroundTasks(registry)
    signed_out = SignedOut(registry)
    sessions = _sessions(settings, signed_out) if operations else None
    access = access_of(settings, admission, background, sessions) if operations else Access()
    if not access.is_open:
        checks["tokens"] = access.check_started
    readiness = Readiness(checks)
    rendered = Pages(pages or PagesOfService(title=service.name.capitalize()), settings)
    everything = [
        *operations,
        *_common(service, settings, readiness, heartbeats, access),
        me_operation(access, operations),
        signed_out_operation(signed_out),
        Operation(
            method="GET",
            path="/ui/static/{hash}/{name}",
            endpoint=rendered.assets.get_asset,
            summary="A static file of the pages",
            needs="nothing",
            media_type="text/css",
            documented=False,
        ),
    ]
    everything += _documents(service, settings, rendered, everything, access)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        asking = _asking(settings, signed_out, background) if sessions else nullcontext()
        async with access.running(), asking, resources() as state:
            yield {**state}

    app = Starlette(
        routes=[RouteIndex(routes(everything, access, settings.public_origin))],
        lifespan=lifespan,
        exception_handlers={
            RequestError: problem.for_request_error,
            HTTPException: problem.for_http_exception,
        },
        middleware=[
            Middleware(Observation, service.name, service.version, HttpMetrics(registry)),
            Middleware(PathPrefix, settings.path_prefix),
            Middleware(ContentCoding),
            Middleware(BodyLimit, settings.max_body_bytes),
        ],
    )
    app.router.redirect_slashes = (
        False  # the Location of a redirect would repeat scheme and host of the request
    )
    app.state.readiness = readiness
    app.state.operations = everything
    app.state.registry = registry
    app.state.metrics = metrics_application(registry)
    app.state.pages = rendered
    app.state.access = access
    app.state.sessions = sessions
    return app


def _sessions(settings: Settings, signed_out: SignedOut) -> "Sessions | None":
    """The sessions of browsers; None if nobody has to sign in.

    Raises:
        SettingsError: the keys of sessions cannot be read.
    """
    if settings.access == "open":
        return None
    # Imported only here, because an open service needs neither its memory nor the time to load it
    from chassis.access.sessions import Sessions  # noqa: PLC0415

    return Sessions(settings.access_session_keys_file, signed_out)


def _asking(
    settings: Settings, signed_out: SignedOut, background: BackgroundTasks
) -> AbstractAsyncContextManager[None]:
    """Asks the other services which sessions signed out, until the end of the block."""
    from chassis.access.signed_out_poll import SignedOutPoll  # noqa: PLC0415  see above

    return SignedOutPoll(settings.access_signed_out_urls, signed_out).running(background)


def _common(
    service: Service,
    settings: Settings,
    readiness: Readiness,
    heartbeats: Sequence[Heartbeat],
    access: Access,
) -> list[Operation]:
    about = msgspec.json.encode(
        Metadata(service.name, service.description, service.version, commit(Path(settings.commit_file)))
    )

    async def metadata(_: Request) -> Response:
        return Response(about, media_type="application/json")

    def get(path: str, endpoint: Any, summary: str, **more: Any) -> Operation:
        return Operation(method="GET", path=path, endpoint=endpoint, summary=summary, needs="nothing", **more)

    live_endpoint = live(heartbeats)
    ready_endpoint = ready(readiness, access)
    return [
        get(
            "/health",
            live_endpoint,
            "Check whether the process works",
            media_type="text/plain",
            errors=(503,),
        ),
        get(
            "/health/ready",
            ready_endpoint,
            "Check whether the service is ready",
            description="200 if every dependency works, otherwise 503. The response has the state of each dependency."
            " Only callers who have signed in see why one does not work, because the reasons name hosts.",
            returns=ReadinessReport,
            errors=(503,),
        ),
        get("/metadata", metadata, "Read the version and the commit of the service", returns=Metadata),
    ]


def _documents(
    service: Service, settings: Settings, pages: Pages, operations: Sequence[Operation], access: Access
) -> list[Operation]:
    document = openapi.document(
        f"Benchtop {service.name}",
        service.description,
        service.version,
        settings.path_prefix,
        [operation for operation in operations if operation.documented],
        settings.public_origin,
        is_open=access.is_open,
    )
    as_json = msgspec.json.encode(document)
    as_page = docs_page.render(pages, document).encode()

    async def openapi_json(request: Request) -> Response:
        return respond_conditionally(request, as_json)

    async def docs(request: Request) -> Response:
        response = respond_conditionally(request, as_page)
        response.headers.update(DOCS_HEADERS)
        return response

    return [
        Operation(
            method="GET",
            path="/openapi.json",
            endpoint=openapi_json,
            summary="Read the OpenAPI document",
            needs="nothing",
        ),
        Operation(
            method="GET",
            path="/docs",
            endpoint=docs,
            summary="Show the OpenAPI document as a page",
            needs="nothing",
            media_type="text/html",
        ),
    ]


def _register_process(registry: CollectorRegistry, service: Service, settings: Settings) -> None:
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    registry.register(logs.DROPPED)
    build = Gauge(
        "build_info",
        "Name, version and commit of the service; always 1",
        ("service", "version", "commit"),
        registry=registry,
    )
    build.labels(service.name, service.version, commit(Path(settings.commit_file))).set(1)
