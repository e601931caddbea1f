"""Functions that the command lines of all services share: settings, migrations, serving, errors in one line."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, TypeVar

import structlog
from starlette.applications import Starlette

from chassis.database.connection import DatabaseUnreachable
from chassis.database.migrations import MigrationError, prepare, update
from chassis.process import logs
from chassis.process.settings import DatabaseSettings, Settings, SettingsError, misspelt, read
from chassis.web.app import Service
from chassis.web.middleware.allowed_hosts import guarded
from chassis.web.server import Server

log = structlog.get_logger()

S = TypeVar("S", bound=Settings)
D = TypeVar("D", bound=DatabaseSettings)
T = TypeVar("T")


def read_settings_or_exit(kind: type[S], service: Service) -> S:
    """Read the settings and configure the logs; exit with status 2 if a setting is wrong."""
    try:
        return read_settings(kind, service)
    except SettingsError as error:
        exit_with_error(service, str(error), 2)


def read_settings(kind: type[S], service: Service, *others: type[Settings]) -> S:
    """Read the settings, and configure the logs. A misspelt setting is logged as a warning.

    Args:
        kind: the settings to read.
        service: the service that the log lines name.
        others: settings that other code reads from the same environment.

    Raises:
        SettingsError: settings are missing or malformed.
    """
    settings = read(kind, os.environ)
    logs.configure(settings, service.name, service.version)
    for name, meant in misspelt(os.environ, kind, *others):
        log.warning(
            "An environment variable looks like a misspelt setting, and is ignored",
            variable=name,
            did_you_mean=meant,
        )
    return settings


def run_or_exit(service: Service, work: Coroutine[Any, Any, T]) -> T:
    """Run `work`; an error that a person can correct ends the process with status 1 and one line."""
    try:
        return asyncio.run(work)
    except (DatabaseUnreachable, MigrationError) as error:
        exit_with_error(service, str(error), 1)
    except KeyboardInterrupt:
        sys.exit(130)


def serve(app: Starlette, settings: Settings) -> None:
    """Serve `app` until SIGTERM or SIGINT, and its metrics on a port of their own if METRICS_PORT is set."""
    Server(
        guarded(app, settings.host, settings.allowed_hosts),
        settings,
        app.state.readiness,
        # ALLOWED_HOSTS are names of the service; Prometheus uses the address of the pod, or the name of a Service
        metrics=guarded(app.state.metrics, settings.host, ""),
    ).run()


def create_and_serve(service: Service, settings: S, create: Callable[[S], Starlette]) -> None:
    """Serve the application that `create` makes; exit with status 2 if the settings contradict each other."""
    serve(_create_or_exit(service, settings, create), settings)


def migrate_and_serve(service: Service, settings: D, schema: str, create: Callable[[D], Starlette]) -> None:
    """Wait for the database, migrate it if MIGRATE_ON_START is set, and serve the application that `create` makes."""
    app = _create_or_exit(service, settings, create)
    run_or_exit(service, prepare(settings, schema))
    serve(app, settings)


def _create_or_exit(service: Service, settings: S, create: Callable[[S], Starlette]) -> Starlette:
    try:
        return create(settings)
    except SettingsError as error:
        exit_with_error(service, str(error), 2)


def migrate(service: Service, settings: DatabaseSettings, schema: str) -> None:
    """Migrate the database, and print the migrations that were run."""
    done = run_or_exit(service, update(settings, schema))
    print_line(service, f"Migrations run: {', '.join(done)}." if done else "The schema is up to date.")


def exit_with_error(service: Service, message: str, status: int) -> NoReturn:
    """Print an error, and exit."""
    print_line(service, message, "error")
    sys.exit(status)


def print_line(service: Service, message: str, level: str = "info") -> None:
    """Print a message in one line on standard error.

    On a terminal it is plain text, elsewhere a JSON log line. This works without settings, too.
    """
    plain = sys.stderr.isatty() or os.environ.get("LOG_FORMAT") == "console"
    line = f"{service.name}: {message}" if plain else logs.line(service.name, service.version, level, message)
    sys.stderr.write(line + "\n")
