"""Starts Benchtop on this machine: takes the port and the data folder, starts PostgreSQL, migrates, and serves."""

import asyncio
import os
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from chassis.access.configured import check
from chassis.database.connection import wait
from chassis.database.migrations import collect, migrate
from chassis.web.middleware.allowed_hosts import LOOPBACK, AllowedHosts, bracketed, split
from inventory.example_data import seed
from local import first_refresh, session_keys
from local.app import SERVICES, configured_feeds, create
from local.demo_lab import insertion
from local.exclusive import exclusive
from local.listening import CannotListen, listening, origin
from local.postgres import embedded
from local.postgres_process import bundled
from local.server import LocalServer
from local.service_settings import ServiceSettings, read_all, with_sessions
from local.settings import LocalSettings

WELCOME = """\
Benchtop is running at {origin}

  {origin}/                            the portal, for a browser
  {origin}/inventory/docs              places, equipment, containers, people and events
  {origin}/inventory/v1/containers     the tubes and boxes in the freezers
  {origin}/balances/docs               bank transactions: daily balances and totals
{feed}{signing_in}
  {psql} '{url}'
      opens the database
  tail -f {folder}/worker.log
      shows the notifications

Ctrl-C stops it.
"""

FEED = "  {origin}/balances/v1/balances/total  the total of the {name} feed\n"


SIGNING_IN = "  {origin}/status/sign-in              where people sign in, because ACCESS is token\n"


def serve(settings: LocalSettings, stack: ExitStack) -> None:
    """Take the port and the data folder, migrate the database, and serve until a signal."""
    services = read_all(settings, os.environ)
    check(services.status)
    folder = Path(settings.local_dir)
    listener = _listen(settings, folder, stack)
    url = origin(settings.host, listener.getsockname()[1])
    if settings.access == "token":
        services = with_sessions(services, session_keys.made(folder), url)
    where = "in the database of DATABASE_URL" if settings.database_url else f"in {folder}/"
    print(f"Benchtop is starting; its data is kept {where} ...", flush=True)  # noqa: T201  output for the person at the terminal
    urls = stack.enter_context(databases(settings))
    asyncio.run(prepare(settings, services, urls))
    feeds = list(configured_feeds(settings, url))
    hosts = (*LOOPBACK, bracketed(settings.host), *split(settings.allowed_hosts))
    ingress = create(settings, services, urls, url)
    LocalServer(
        AllowedHosts(ingress, hosts),
        settings,
        feeds,
        partial(first_refresh.refresh, ingress),
        lambda: welcome(settings, url, urls, feeds),
    ).run([listener])


def _listen(settings: LocalSettings, folder: Path, stack: ExitStack) -> socket.socket:
    """Take the port and then the data folder, so that no empty folder is left behind if the port is taken."""
    try:
        listener = stack.enter_context(listening(settings.host, settings.port))
    except CannotListen:
        if folder.exists():
            stack.enter_context(
                exclusive(folder)
            )  # a clearer error if another run has both the data and the port
        raise
    stack.enter_context(exclusive(folder))
    return listener


def welcome(settings: LocalSettings, origin: str, urls: Mapping[str, str], feeds: Sequence[str]) -> None:
    """Print the URLs, and how to open the database and the notifications."""
    psql = shutil.which("psql") or str(bundled("psql"))
    feed = FEED.format(origin=origin, name=feeds[0]) if feeds else ""
    text = WELCOME.format(
        origin=origin,
        folder=settings.local_dir,
        psql=psql,
        url=urls["inventory"],
        feed=feed,
        signing_in=SIGNING_IN.format(origin=origin) if settings.access == "token" else "",
    )
    print(text)  # noqa: T201  output for the person at the terminal


@contextmanager
def databases(settings: LocalSettings) -> Iterator[Mapping[str, str]]:
    """The connection URL of each service: DATABASE_URL, or the embedded PostgreSQL."""
    if settings.database_url is not None:
        yield dict.fromkeys(SERVICES, settings.database_url)
        return
    with embedded(Path(settings.local_dir) / "postgres", SERVICES) as urls:
        yield urls


async def prepare(settings: LocalSettings, services: ServiceSettings, urls: Mapping[str, str]) -> None:
    """Wait for the database, and migrate all schemas.

    Demo data is inserted only when the schema of inventory is created. So demo data that somebody deletes or changes
    does not come back, and an existing database gets none.
    """
    done: dict[str, list[str]] = {}
    for service, own in (("inventory", services.inventory), ("balances", services.balances)):
        await wait(urls[service], settings.database_wait_seconds)
        if own.migrate_on_start:
            done[service] = await migrate(urls[service], service, service, own.migration_wait_seconds)
    first = next(collect("inventory")).name
    if settings.demo and first in done.get("inventory", ()):
        await seed(urls["inventory"])
        await insertion.insert(urls["inventory"], services.inventory.time_zone)
