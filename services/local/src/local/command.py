"""The `benchtop` command: what `make run` starts."""

import argparse
import asyncio
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from chassis import command, database
from chassis.app import Service
from chassis.database import DatabaseUnreachable
from chassis.migrations import MigrationError, migrate
from inventory.seed import seed
from local.app import SERVICES, create
from local.exclusive import InUse, exclusive
from local.listening import PortTaken, listening
from local.postgres import embedded
from local.postgres_process import PostgresFailed, bundled
from local.server import LocalServer
from local.settings import LocalSettings

SERVICE = Service("local", "Benchtop on one machine.")

EPILOG = """\
settings, from the environment:
  PORT=9000          listen there instead of on 8000
  DATABASE_URL=...   use that PostgreSQL instead of the embedded one
  LOCAL_DIR=...      keep the data there instead of in .local/
"""


WELCOME = """\
Benchtop answers at {origin}

  {origin}/                            the portal, for a browser
  {origin}/inventory/docs              what the lab keeps and where, and what happened
  {origin}/inventory/v1/containers     the tubes and boxes in the freezers
  {origin}/balances/docs               what the money did
  {origin}/balances/v1/balances/total  the total of the demo feed

  {psql} '{url}'
      looks into the database
  tail -f {folder}/worker.log
      shows the notifications

Ctrl-C stops it.
"""


def main() -> None:
    """Start everything, and stop it all on Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(
        "benchtop",
        description="Run all of Benchtop on this machine, with demo data. Ctrl-C stops it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args()
    settings = command.settings_from_environment(LocalSettings, SERVICE)
    signal.signal(signal.SIGTERM, _stop)
    try:
        with ExitStack() as stack:
            run(settings, stack)
    except (InUse, PortTaken, PostgresFailed, DatabaseUnreachable, MigrationError) as error:
        sys.exit(f"benchtop: {error}")
    except KeyboardInterrupt:
        sys.exit(0)


def run(settings: LocalSettings, stack: ExitStack) -> None:
    """Take the data and the port, bring the database up to date, serve."""
    folder = Path(settings.local_dir)
    stack.enter_context(exclusive(folder))
    listener = stack.enter_context(listening(settings.host, settings.port))
    port = listener.getsockname()[1]
    origin = f"http://{f'[{settings.host}]' if ':' in settings.host else settings.host}:{port}"
    where = "in the database of DATABASE_URL" if settings.database_url else f"in {folder}/"
    print(f"Benchtop starts; its data stays {where} ...", flush=True)  # noqa: T201  for the person who started it
    urls = stack.enter_context(databases(settings))
    asyncio.run(prepare(urls, settings.database_wait_seconds))
    app = create(settings, urls, origin)
    LocalServer(app, settings, origin, lambda: welcome(origin, folder, urls)).run([listener])


def welcome(origin: str, folder: Path, urls: Mapping[str, str]) -> None:
    """Say where everything is."""
    psql = shutil.which("psql") or str(bundled("psql"))
    print(WELCOME.format(origin=origin, folder=folder, psql=psql, url=urls["inventory"]))  # noqa: T201  likewise


@contextmanager
def databases(settings: LocalSettings) -> Iterator[Mapping[str, str]]:
    """The database of each service: the given server's, or an embedded one's."""
    if settings.database_url is not None:
        yield dict.fromkeys(SERVICES, settings.database_url)
        return
    with embedded(Path(settings.local_dir) / "postgres", SERVICES) as urls:
        yield urls


async def prepare(urls: Mapping[str, str], seconds: float) -> None:
    """Wait for the database, migrate every schema, and put the example data in."""
    for service in SERVICES:
        await database.wait(urls[service], seconds)
        await migrate(urls[service], service, service)
    await seed(urls["inventory"])


def _stop(_: int, __: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
