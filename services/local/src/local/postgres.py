"""The embedded PostgreSQL: one database, in which each service has a role that may create its schema."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from local.postgres_process import PostgresProcess

DATABASE = "benchtop"


@contextmanager
def embedded(folder: Path, services: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """Run a server with its data in `folder` until the end of the block; start it again whenever it ends.

    Yields:
        The connection URL of each service.

    Raises:
        PostgresFailed: the server cannot be started.
    """
    server = PostgresProcess(folder)
    try:
        server.start()
        urls = _provide(server.url, services)
        with server.kept_running():
            yield urls
    finally:
        server.stop()  # also after an interrupted start


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
