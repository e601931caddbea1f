"""What the command lines of all services share: settings, logs, and what they say in one line."""

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


def settings_from_environment(kind: type[S], service: Service) -> S:
    """The settings, with logs configured by them; exits with status 2 when they are wrong."""
    try:
        return configured(kind, service)
    except SettingsError as error:
        fail(service, str(error), 2)


def configured(kind: type[S], service: Service) -> S:
    """The settings, with logs configured by them.

    Raises:
        SettingsError: some are wrong.
    """
    settings = read(kind, os.environ)
    logs.configure(settings, service.name, service.version)
    for name, meant in misspelt(kind, os.environ):
        log.warning(
            "An environment variable is no setting, and is ignored", variable=name, did_you_mean=meant
        )
    return settings


def run(service: Service, work: Coroutine[Any, Any, T]) -> T:
    """Run `work`; what a person can mend ends the process with status 1 and one line."""
    try:
        return asyncio.run(work)
    except (DatabaseUnreachable, MigrationError) as error:
        fail(service, str(error), 1)
    except KeyboardInterrupt:
        sys.exit(130)


def serve(app: Starlette, settings: Settings) -> None:
    """Serve `app` until a signal says stop."""
    Server(guarded(app, settings.host, settings.allowed_hosts), settings, app.state.readiness).run()


def serve_migrated(service: Service, settings: D, schema: str, create: Callable[[D], Starlette]) -> None:
    """Wait for the database, migrate, then serve what `create` makes."""
    run(service, prepare(settings, schema))
    serve(create(settings), settings)


def migrate(service: Service, settings: DatabaseSettings, schema: str) -> None:
    """Migrate, and say what was done."""
    done = run(service, update(settings, schema))
    say(service, f"Migrations run: {', '.join(done)}." if done else "The schema is up to date.")


def fail(service: Service, message: str, status: int) -> NoReturn:
    """Say what is wrong, and exit."""
    say(service, message, "error")
    sys.exit(status)


def say(service: Service, message: str, level: str = "info") -> None:
    """Say something in one line on standard error.

    Plainly to a person; where no terminal is, as a line of the log, even when the settings could not be read.
    """
    plain = sys.stderr.isatty() or os.environ.get("LOG_FORMAT") == "console"
    line = f"{service.name}: {message}" if plain else logs.line(service.name, service.version, level, message)
    sys.stderr.write(line + "\n")
