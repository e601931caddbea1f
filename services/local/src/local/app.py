"""The local application: the three services and the demo feed behind one ingress, and the worker process."""

import os
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from importlib.resources import as_file, files
from pathlib import Path

from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

import balances.app
import inventory.app
import status.app
from balances.feed.settings import FeedSettings
from chassis.web import problem
from local import service_settings, worker
from local.ingress import Ingress
from local.service_settings import ServiceSettings
from local.settings import LocalSettings
from status.app import StatusSettings

SERVICES = ("inventory", "balances")
"""Services with a database."""

FEED = "/demo/feed"
"""Path of the demo feed. The balances service requests it by HTTP, as it would request a bank."""


def create(
    settings: LocalSettings, services: ServiceSettings, urls: Mapping[str, str], origin: str
) -> Ingress:
    """Make the application with all services.

    Args:
        settings: settings of the local run.
        services: settings of the services.
        urls: connection URL of the database, by service.
        origin: URL of the server, such as `http://127.0.0.1:8000`.
    """
    portal = status.app.create(settings_of_status(services.status, origin))

    def running_worker() -> AbstractAsyncContextManager[None]:
        return worker.running(_worker_environment(settings, urls), Path(settings.local_dir) / "worker.log")

    return Ingress(
        exact={"/": portal, "/health": portal, "/metadata": portal},
        prefixes={
            "/status": portal,
            "/inventory": inventory.app.create(replace(services.inventory, database_url=urls["inventory"])),
            "/balances": balances.app.create(
                replace(
                    services.balances,
                    database_url=urls["balances"],
                    feeds=configured_feeds(settings, origin),
                )
            ),
            **({FEED: _demo_feed()} if settings.demo and not settings.feeds else {}),
        },
        worker=running_worker,
    )


def settings_of_status(settings: StatusSettings, origin: str) -> StatusSettings:
    """The settings of status.

    Its portal requests the other services at this server, and a provider sends people back to it, if no other address
    is set.
    """
    return replace(
        settings,
        public_origin=settings.public_origin or (origin if settings.sign_in_client else ""),
        inventory_url=settings.inventory_url or f"{origin}/inventory",
        balances_url=settings.balances_url or f"{origin}/balances",
        parts_gallery=True,
    )


def configured_feeds(settings: LocalSettings, origin: str) -> dict[str, FeedSettings]:
    """The feeds that balances reads: those in FEEDS, else the demo feed; none with `DEMO=0`."""
    # No pause between two requests is needed, because this process serves the feed itself
    demo = {"demo": FeedSettings(url=origin + FEED, currency="CAD", min_interval=0)}
    return settings.feeds or (demo if settings.demo else {})


def _demo_feed() -> Starlette:
    with as_file(files("local").joinpath("demo_feed")) as folder:
        routes = [Mount(FEED, StaticFiles(directory=folder))]
    app = Starlette(routes=routes, exception_handlers={HTTPException: problem.for_http_exception})
    app.router.redirect_slashes = False  # the Location of a redirect would repeat the host of the request
    return app


def _worker_environment(settings: LocalSettings, urls: Mapping[str, str]) -> Mapping[str, str]:
    return {
        **service_settings.of_worker(os.environ),
        "ACCESS": settings.access,
        "DATABASE_URL": urls["inventory"],
        "PORT": "0",
        "LOG_FORMAT": "console",
        "PYTHONUNBUFFERED": "1",
    }
