"""The local application: the three services and the demo feed behind one ingress, and the worker process."""

import os
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from importlib.resources import as_file, files
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

import balances.app
import balances.settings
import inventory.app
import inventory.settings
import status.app
from balances.feed.settings import FeedSettings
from chassis.process.settings import Settings
from chassis.web import problem
from local import worker
from local.ingress import Ingress
from local.settings import LocalSettings

SERVICES = ("inventory", "balances")
"""Services with a database."""

FEED = "/demo/feed"
"""Path of the demo feed. The balances service requests it by HTTP, as it would request a bank."""


def create(settings: LocalSettings, urls: Mapping[str, str], origin: str) -> Ingress:
    """Make the application with all services.

    Args:
        settings: settings of the local run.
        urls: connection URL of the database, by service.
        origin: URL of the server, such as `http://127.0.0.1:8000`.
    """
    shared = (name for name in Settings.__struct_fields__ if name != "path_prefix")
    common = {name: getattr(settings, name) for name in shared}
    portal = status.app.create(status.app.StatusSettings(**common))

    def running_worker() -> AbstractAsyncContextManager[None]:
        return worker.running(_worker_environment(urls), Path(settings.local_dir) / "worker.log")

    return Ingress(
        exact={"/": portal, "/health": portal, "/metadata": portal},
        prefixes={
            "/status": portal,
            "/inventory": inventory.app.create(
                inventory.settings.InventorySettings(**common, database_url=urls["inventory"])
            ),
            "/balances": balances.app.create(
                balances.settings.BalancesSettings(
                    **common, database_url=urls["balances"], feeds=configured_feeds(settings, origin)
                )
            ),
            **({FEED: _demo_feed()} if settings.demo and not settings.feeds else {}),
        },
        worker=running_worker,
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


def _worker_environment(urls: Mapping[str, str]) -> Mapping[str, str]:
    own = {name: value for name, value in os.environ.items() if name.startswith("WORKER_")}
    return {
        **own,
        "DATABASE_URL": urls["inventory"],
        "PORT": "0",
        "LOG_FORMAT": "console",
        "PYTHONUNBUFFERED": "1",
    }
