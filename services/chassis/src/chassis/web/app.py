"""`create_app` makes the application of a service from its operations, settings and resources.

It adds the parts that all services have: `/health`, `/health/ready`, `/metadata`, `/metrics`, `/openapi.json`, `/docs`,
problem+json for errors, request ids, metrics, logs, gzip, and a limit on the size of bodies.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import msgspec
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from chassis.access.access import Access, Admission, admit_everybody
from chassis.access.configured import access_of
from chassis.database.metrics import PoolMetrics
from chassis.database.pool import Database
from chassis.errors import NotFound, RequestError
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
from chassis.web.middleware.body_limit import BodyLimit
from chassis.web.middleware.content_coding import ContentCoding
from chassis.web.middleware.observation import HttpMetrics, Observation
from chassis.web.middleware.path_prefix import PathPrefix
from chassis.web.operations import Operation
from chassis.web.route_index import RouteIndex

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
        admission: a further check of callers, beside their roles.

    Raises:
        SettingsError: the settings of access contradict each other.
    """
    # The library would add a `_created` series, which is not used, to each counter and histogram
    disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types for it
    registry = registry if registry is not None else CollectorRegistry()
    _register_process(registry, service, settings)
    checks = {**(checks or {})}
    if database is not None:
        checks |= {"database": database.ping, "writes": database.check_writes}
        registry.register(PoolMetrics(database))
    readiness = Readiness(checks)
    access = access_of(settings, admission, BackgroundTasks(registry)) if operations else Access()
    rendered = Pages(pages or PagesOfService(title=service.name.capitalize()), settings)
    everything = [
        *operations,
        *_common(service, settings, registry, readiness, heartbeats, access),
        me_operation(access, operations),
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
        async with access.running(), resources() as state:
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
    app.state.pages = rendered
    app.state.access = access
    return app


def _common(
    service: Service,
    settings: Settings,
    registry: CollectorRegistry,
    readiness: Readiness,
    heartbeats: Sequence[Heartbeat],
    access: Access,
) -> list[Operation]:
    about = msgspec.json.encode(
        Metadata(service.name, service.description, service.version, commit(Path(settings.commit_file)))
    )

    async def metadata(_: Request) -> Response:
        return Response(about, media_type="application/json")

    async def metrics(request: Request) -> Response:
        if request.scope.get("root_path"):  # requests with the prefix come through the Ingress
            raise NotFound("Metrics are only available inside the cluster, without the path prefix.")
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

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
        get("/metrics", metrics, "Read the metrics for Prometheus", media_type="text/plain"),
    ]


def _documents(
    service: Service, settings: Settings, pages: Pages, operations: Sequence[Operation], access: Access
) -> list[Operation]:
    # The Ingress does not route /metrics
    routed = [operation for operation in operations if operation.path != "/metrics" and operation.documented]
    document = openapi.document(
        f"Benchtop {service.name}",
        service.description,
        service.version,
        settings.path_prefix,
        routed,
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
