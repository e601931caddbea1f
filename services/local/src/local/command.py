"""The `benchtop` command: parses the command line, and reports errors in one line."""

import argparse
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import NoReturn

import psycopg

from chassis import command_line
from chassis.database.connection import DatabaseUnreachable
from chassis.database.migrations import MigrationError
from chassis.process.settings import SettingsError
from chassis.web.app import Service
from local.deletion import NotDeleted, delete
from local.exclusive import InUse
from local.listening import CannotListen
from local.postgres_process import PostgresFailed
from local.service_settings import KINDS
from local.settings import LocalSettings
from local.startup import serve

SERVICE = Service("local", "Benchtop on one machine.")

EPILOG = """\
settings, from the environment:
  PORT=9000          listen on this port instead of 8000
  DATABASE_URL=...   use this PostgreSQL server instead of the embedded one
  LOCAL_DIR=...      keep the data in this folder instead of .local/
  HOST=::            listen on all addresses of this machine instead of 127.0.0.1; ACCESS_OPEN_TO_NETWORK=1 confirms
                     that everybody who reaches them may do everything
  ACCESS=token       callers must sign in; ACCESS_ISSUERS and ACCESS_ROLES say who may
  ALLOWED_HOSTS=...  accept requests for these host names too
  FEEDS=...          read these feeds instead of the demo feed: {"bank": {"url": "https://..."}}
  DEMO=0             no demo data, and no demo feed
  TIME_ZONE=...      show the times on pages in this zone instead of the zone of this machine

Settings of the services, such as WORKER_LISTEN=0, are passed on to them; docs/settings.md lists all.
"""


def run() -> None:
    """Run the command; errors that a person can correct end it with status 1 or 2, and one line."""
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, _stop)
        _run(_parser().parse_args())
    except SettingsError as error:
        _fail(str(error), 2)
    except (InUse, CannotListen, PostgresFailed, DatabaseUnreachable, MigrationError, NotDeleted) as error:
        _fail(str(error), 1)
    except psycopg.Error as error:
        _fail(refusal(error), 1)
    except KeyboardInterrupt:
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, signal.SIG_IGN)  # nothing runs any more that a signal would have to stop
        _say("stopped")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "benchtop",
        description="Run all of Benchtop on this machine. Ctrl-C stops it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    deletion = commands.add_parser("delete-data", help="delete the data in LOCAL_DIR, after a confirmation")
    deletion.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _run(arguments: argparse.Namespace) -> None:
    settings = command_line.read_settings(LocalSettings, SERVICE, *KINDS)
    if arguments.command == "delete-data":
        delete(Path(settings.local_dir), agreed=arguments.yes)
        return
    with ExitStack() as stack:
        serve(settings, stack)
    _say("stopped")


def _fail(message: str, status: int) -> NoReturn:
    _say(message)
    sys.exit(status)


def _say(message: str) -> None:
    print(f"benchtop: {message}", file=sys.stderr)  # noqa: T201  for the person at the terminal


def refusal(error: psycopg.Error) -> str:
    """The message for a database that cannot be migrated: its error, and what to do."""
    said = error.diag.message_primary or " ".join(str(error).split())
    return (
        f"The database of DATABASE_URL reported an error: {said}. It must accept writes, and its role must"
        " be allowed to create schemas: grant create on database ... to ..."
    )


def _stop(_: int, __: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
