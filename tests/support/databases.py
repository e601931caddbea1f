"""Databases of single tests, on the PostgreSQL of the test session."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import psycopg
from psycopg.conninfo import make_conninfo
from tests.support.pgbouncer import find_tables

numbers = itertools.count()


class NewDatabase(Protocol):
    """The fixture `new_database`: creates a database from a template, and returns its URL."""

    def __call__(self, template: str = "template0") -> str: ...


@contextmanager
def creating_databases(server: str, service_server: str) -> Iterator[NewDatabase]:
    """Yield a function that creates databases; they are dropped at the end of the block.

    Args:
        server: URL of the server's maintenance database.
        service_server: the same through PgBouncer, if the services use it; else the same URL again.
    """
    created: list[str] = []

    def create(template: str = "template0") -> str:
        name = f"test_{os.getpid()}_{next(numbers)}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'create database {name} template "{template}"'.encode())
            find_tables(connection, name, pooled=service_server != server)
        created.append(name)
        return with_database(service_server, name)

    try:
        yield create
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            for name in created:
                connection.execute(f"drop database {name} with (force)".encode())


def with_database(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return make_conninfo(url, dbname=name)
