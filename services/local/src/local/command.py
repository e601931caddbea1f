"""The `benchtop` command: what `make run` starts."""

import argparse
import asyncio
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import psycopg

from chassis import command_line as command
from chassis.database.connection import DatabaseUnreachable, wait
from chassis.database.migrations import MigrationError, collect, migrate
from chassis.web.app import Service
from chassis.web.middleware.allowed_hosts import LOOPBACK, AllowedHosts, bracketed, split
from inventory.example_data import seed
from local.app import SERVICES, configured_feeds, create
from local.deletion import NotDeleted, delete
from local.exclusive import InUse, exclusive
from local.listening import CannotListen, listening, origin
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
  HOST=::            listen on every address of this machine, not only for itself
  ALLOWED_HOSTS=...  answer to these names too
  FEEDS=...          read these feeds instead of the demo's: {"bank": {"url": "https://..."}}
  DEMO=0             no example data, and no demo feed
"""


WELCOME = """\
Benchtop answers at {origin}

  {origin}/                            the portal, for a browser
  {origin}/inventory/docs              what the lab keeps and where, and what happened
  {origin}/inventory/v1/containers     the tubes and boxes in the freezers
  {origin}/balances/docs               what the money did
{feed}
  {psql} '{url}'
      looks into the database
  tail -f {folder}/worker.log
      shows the notifications

Ctrl-C stops it.
"""

FEED = "  {origin}/balances/v1/balances/total  the total of the {name} feed\n"


def main() -> None:
    """Start everything, and stop it all on Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(
        "benchtop",
        description="Run all of Benchtop on this machine. Ctrl-C stops it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    deletion = commands.add_parser("delete-data", help="delete what runs have left in LOCAL_DIR; asks first")
    deletion.add_argument("--yes", action="store_true", help="do not ask")
    arguments = parser.parse_args()
    settings = command.settings_from_environment(LocalSettings, SERVICE)
    signal.signal(signal.SIGTERM, _stop)
    try:
        with ExitStack() as stack:
            if arguments.command == "delete-data":
                delete(Path(settings.local_dir), agreed=arguments.yes)
            else:
                run(settings, stack)
    except (InUse, CannotListen, PostgresFailed, DatabaseUnreachable, MigrationError, NotDeleted) as error:
        sys.exit(f"benchtop: {error}")
    except psycopg.Error as error:
        sys.exit(f"benchtop: {refusal(error)}")
    except KeyboardInterrupt:
        sys.exit(0)


def run(settings: LocalSettings, stack: ExitStack) -> None:
    """Take the data and the port, bring the database up to date, serve."""
    folder = Path(settings.local_dir)
    stack.enter_context(exclusive(folder))
    listener = stack.enter_context(listening(settings.host, settings.port))
    url = origin(settings.host, listener.getsockname()[1])
    where = "in the database of DATABASE_URL" if settings.database_url else f"in {folder}/"
    print(f"Benchtop starts; its data stays {where} ...", flush=True)  # noqa: T201  for the person who started it
    urls = stack.enter_context(databases(settings))
    asyncio.run(prepare(settings, urls))
    feeds = list(configured_feeds(settings, url))
    hosts = (*LOOPBACK, bracketed(settings.host), *split(settings.allowed_hosts))
    app = AllowedHosts(create(settings, urls, url), hosts)
    LocalServer(app, settings, url, feeds, lambda: welcome(url, folder, urls, feeds)).run([listener])


def welcome(origin: str, folder: Path, urls: Mapping[str, str], feeds: Sequence[str]) -> None:
    """Say where everything is."""
    psql = shutil.which("psql") or str(bundled("psql"))
    feed = FEED.format(origin=origin, name=feeds[0]) if feeds else ""
    text = WELCOME.format(origin=origin, folder=folder, psql=psql, url=urls["inventory"], feed=feed)
    print(text)  # noqa: T201  likewise


@contextmanager
def databases(settings: LocalSettings) -> Iterator[Mapping[str, str]]:
    """The database of each service: the given server's, or an embedded one's."""
    if settings.database_url is not None:
        yield dict.fromkeys(SERVICES, settings.database_url)
        return
    with embedded(Path(settings.local_dir) / "postgres", SERVICES) as urls:
        yield urls


async def prepare(settings: LocalSettings, urls: Mapping[str, str]) -> None:
    """Wait for the database and migrate every schema.

    The example data is put in when inventory's schema is made. Later it is the person's: what they delete or change
    stays so, and a schema that others have made gets none.
    """
    done: dict[str, list[str]] = {}
    for service in SERVICES:
        await wait(urls[service], settings.database_wait_seconds)
        done[service] = await migrate(urls[service], service, service)
    first = next(collect("inventory")).name
    if settings.demo and first in done["inventory"]:
        await seed(urls["inventory"])


def refusal(error: psycopg.Error) -> str:
    """What a database says that cannot be brought up to date, and what to do."""
    said = error.diag.message_primary or " ".join(str(error).split())
    return (
        f"The database of DATABASE_URL refuses: {said}. It must take writes, and its role"
        " may create schemas in it: grant create on database ... to ..."
    )


def _stop(_: int, __: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
