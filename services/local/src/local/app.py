"""What runs locally: the three services and the demo feed behind one ingress, the worker beside them."""

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
import inventory.app
import inventory.settings
import status.app
from balances.feed import FeedSettings
from chassis.process.settings import Settings
from chassis.web import problem
from local import worker
from local.ingress import Ingress
from local.settings import LocalSettings

SERVICES = ("inventory", "balances")
"""Those with a database."""

FEED = "/demo/feed"
"""Path of the demo feed; a service asks it as it would ask a bank."""


def create(settings: LocalSettings, urls: Mapping[str, str], origin: str) -> Ingress:
    """The application for everything.

    Args:
        settings: what the person asked for.
        urls: the database of each service.
        origin: where it will answer, such as `http://127.0.0.1:8000`.
    """
    shared = (name for name in Settings.__struct_fields__ if name != "path_prefix")
    common = {name: getattr(settings, name) for name in shared}
    portal = status.app.create(status.app.StatusSettings(**common))

    def beside() -> AbstractAsyncContextManager[None]:
        return worker.beside(_worker_environment(urls), Path(settings.local_dir) / "worker.log")

    return Ingress(
        exact={"/": portal, "/health": portal, "/metadata": portal},
        prefixes={
            "/status": portal,
            "/inventory": inventory.app.create(
                inventory.settings.InventorySettings(**common, database_url=urls["inventory"])
            ),
            "/balances": balances.app.create(
                balances.app.BalancesSettings(
                    **common, database_url=urls["balances"], feeds=configured_feeds(settings, origin)
                )
            ),
            **({FEED: _demo_feed()} if settings.demo and not settings.feeds else {}),
        },
        beside=beside,
    )


def configured_feeds(settings: LocalSettings, origin: str) -> dict[str, FeedSettings]:
    """The feeds that balances reads: the person's own, or the demo's; none with `DEMO=0`."""
    demo = {
        "demo": FeedSettings(url=origin + FEED, currency="CAD", min_interval=0)
    }  # ours: no need to spare it
    return settings.feeds or (demo if settings.demo else {})


def _demo_feed() -> Starlette:
    with as_file(files("local").joinpath("demo_feed")) as folder:
        routes = [Mount(FEED, StaticFiles(directory=folder))]
    app = Starlette(routes=routes, exception_handlers={HTTPException: problem.for_http_exception})
    app.router.redirect_slashes = False  # its Location would take the host from the request
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
