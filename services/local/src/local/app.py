"""What runs locally: the three services and the demo feed behind one ingress, the worker beside them."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from importlib.resources import as_file, files
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

import balances.app
import inventory.app
import status.app
from balances.feed import FeedSettings
from chassis.settings import Settings
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
                inventory.app.InventorySettings(**common, database_url=urls["inventory"])
            ),
            "/balances": balances.app.create(
                balances.app.BalancesSettings(
                    **common, database_url=urls["balances"], feeds={"demo": _demo_feed(origin)}
                )
            ),
            FEED: Starlette(routes=[Mount(FEED, StaticFiles(directory=_feed_folder()))]),
        },
        beside=beside,
    )


def _demo_feed(origin: str) -> FeedSettings:
    return FeedSettings(
        url=origin + FEED, currency="CAD", min_interval=0
    )  # it is ours, and costs nobody anything


def _feed_folder() -> Path:
    with as_file(files("local").joinpath("demo_feed")) as folder:
        return folder


def _worker_environment(urls: Mapping[str, str]) -> Mapping[str, str]:
    return {
        "DATABASE_URL": urls["inventory"],
        "PORT": "0",
        "LOG_FORMAT": "console",
        "PYTHONUNBUFFERED": "1",
    }
