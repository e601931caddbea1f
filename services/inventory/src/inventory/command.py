"""The `inventory` command."""

import argparse
import sys

import psycopg

from chassis import command_line
from chassis.database.migrations import prepare
from inventory import shell, worker
from inventory.app import create
from inventory.example_data import seed
from inventory.recreate import recreate
from inventory.settings import SCHEMA, SERVICE, InventorySettings

EPILOG = "Settings come from the environment, DATABASE_URL first of all: docs/settings.md."


def main() -> None:
    """Parse the command line and run the command."""
    arguments = parser().parse_args()
    settings = command_line.read_settings_or_exit(InventorySettings, SERVICE)
    try:
        COMMANDS[arguments.command](settings, arguments)
    except psycopg.Error as error:
        command_line.exit_with_error(SERVICE, f"The database reported an error: {str(error).strip()}", 1)


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    found = argparse.ArgumentParser("inventory", description=SERVICE.description, epilog=EPILOG)
    found.add_argument(
        "--version",
        action="version",
        version=f"inventory {SERVICE.version}",
        help="show the version, and exit",
    )
    commands = found.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("serve", help="serve the HTTP API")
    commands.add_parser("worker", help="deliver notifications; one process or several")
    commands.add_parser("migrate", help="bring the schema up to date")
    commands.add_parser("seed", help="insert example data; rows that exist stay as they are")
    recreate_db = commands.add_parser("recreate-db", help="delete everything and create an empty schema")
    recreate_db.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    commands.add_parser("shell", help="a Python console with sql(...) on the database")
    return found


def _serve(settings: InventorySettings, _: argparse.Namespace) -> None:
    command_line.migrate_and_serve(SERVICE, settings, SCHEMA, create)


def _worker(settings: InventorySettings, _: argparse.Namespace) -> None:
    command_line.run_or_exit(SERVICE, prepare(settings, SCHEMA))
    command_line.serve(worker.create(settings), settings)


def _migrate(settings: InventorySettings, _: argparse.Namespace) -> None:
    command_line.migrate(SERVICE, settings, SCHEMA)


def _seed(settings: InventorySettings, _: argparse.Namespace) -> None:
    command_line.run_or_exit(SERVICE, prepare(settings, SCHEMA))
    command_line.run_or_exit(SERVICE, seed(settings.database_url))
    command_line.print_line(SERVICE, "The example data is there.")


def _recreate(settings: InventorySettings, arguments: argparse.Namespace) -> None:
    if not arguments.yes:
        _confirm()
    command_line.run_or_exit(SERVICE, recreate(settings))
    command_line.print_line(SERVICE, "The schema is empty and up to date.")


def _confirm() -> None:
    if not sys.stdin.isatty():
        command_line.exit_with_error(SERVICE, "recreate-db deletes everything; confirm with --yes.", 2)
    if input(f"This deletes everything in the schema {SCHEMA!r}. Type its name to go on: ") != SCHEMA:
        command_line.exit_with_error(SERVICE, "Nothing was changed.", 1)


def _shell(settings: InventorySettings, _: argparse.Namespace) -> None:
    command_line.run_or_exit(SERVICE, prepare(settings, SCHEMA))
    shell.run(settings.database_url, SCHEMA)


COMMANDS = {
    "serve": _serve,
    "worker": _worker,
    "migrate": _migrate,
    "seed": _seed,
    "recreate-db": _recreate,
    "shell": _shell,
}
