"""What the `benchtop` command does: everything on this machine, until it is told to stop."""

import argparse
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import NoReturn

import psycopg

from chassis import command_line as command
from chassis.database.connection import DatabaseUnreachable
from chassis.database.migrations import MigrationError
from chassis.process.settings import SettingsError
from chassis.web.app import Service
from local.deletion import NotDeleted, delete
from local.exclusive import InUse
from local.listening import CannotListen
from local.postgres_process import PostgresFailed
from local.settings import LocalSettings
from local.startup import serve

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


def run() -> None:
    """Do what the command line says; exits with status 1 or 2, and one line, for what a person can mend."""
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, _stop)
        _obey(_parser().parse_args())
    except SettingsError as error:
        _fail(str(error), 2)
    except (InUse, CannotListen, PostgresFailed, DatabaseUnreachable, MigrationError, NotDeleted) as error:
        _fail(str(error), 1)
    except psycopg.Error as error:
        _fail(refusal(error), 1)
    except KeyboardInterrupt:
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, signal.SIG_IGN)  # everything is stopped already
        _say("stopped")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "benchtop",
        description="Run all of Benchtop on this machine. Ctrl-C stops it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    deletion = commands.add_parser("delete-data", help="delete what runs have left in LOCAL_DIR; asks first")
    deletion.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _obey(arguments: argparse.Namespace) -> None:
    settings = command.configured(LocalSettings, SERVICE)
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
    """What a database says that cannot be brought up to date, and what to do."""
    said = error.diag.message_primary or " ".join(str(error).split())
    return (
        f"The database of DATABASE_URL refuses: {said}. It must take writes, and its role"
        " may create schemas in it: grant create on database ... to ..."
    )


def _stop(_: int, __: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
