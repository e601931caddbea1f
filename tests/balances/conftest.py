"""Fixtures: feeds on an HTTP server, and the service on a database."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import msgspec
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from starlette.testclient import TestClient
from tests.balances.feed_server import SAMPLE, Feeds, Hostile
from tests.support.pgbouncer import find_tables

from balances.app import create
from balances.feed.settings import FeedSettings
from balances.settings import BalancesSettings
from chassis.database.migrations import migrate

Sql = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def feeds() -> Iterator[Feeds]:
    """See `Feeds`."""
    with ExitStack() as stack:
        yield Feeds(stack)


@pytest.fixture(scope="module")
def hostile() -> Iterator[Hostile]:
    """See `Hostile`."""
    with ExitStack() as stack:
        yield Hostile(stack)


@pytest.fixture(scope="session")
def template(postgres: str) -> Iterator[str]:
    """The name of a migrated database, which is copied for each test."""
    name = f"balances_template_{os.getpid()}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
        asyncio.run(migrate(make_conninfo(postgres, dbname=name), "balances", "balances"))
        yield name
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def url(new_database: Callable[..., str], template: str) -> str:
    """URL of a migrated, empty database."""
    return new_database(template)


@pytest.fixture
def service(url: str) -> Iterator[Callable[..., TestClient]]:
    """Starts the service with feeds by name, each given as its address or its settings.

    The default of `min_interval` is 0, so that a test can refresh feeds without waiting.
    """
    with ExitStack() as stack:

        def start(**named: str | dict[str, Any]) -> TestClient:
            given = {
                name: {"min_interval": 0, **({"url": one} if isinstance(one, str) else one)}
                for name, one in named.items()
            }
            settings = BalancesSettings(
                access="open", database_url=url, feeds=msgspec.convert(given, dict[str, FeedSettings])
            )
            return stack.enter_context(TestClient(create(settings)))

        yield start


@pytest.fixture
def sql(url: str) -> Iterator[Sql]:
    """Runs a statement on the test's database, and returns its rows."""
    with connected(url) as run:
        yield run


@contextmanager
def connected(url: str) -> Iterator[Sql]:
    """Runs statements in the service's schema."""
    with psycopg.connect(url, autocommit=True, options="-c search_path=balances") as connection:

        def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

        yield run


class Sample(NamedTuple):
    """The service with a snapshot of the sample feed, and SQL on its database; for tests that change neither."""

    client: TestClient
    sql: Sql


@pytest.fixture(scope="session")
def sample(postgres: str, service_server: str, template: str) -> Iterator[Sample]:
    """See `Sample`."""
    name = f"balances_sample_{os.getpid()}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}".encode())
        find_tables(connection, name, pooled=service_server != postgres)
        url = make_conninfo(service_server, dbname=name)
        settings = BalancesSettings(
            access="open", database_url=url, feeds={"demo": FeedSettings(url=str(SAMPLE))}
        )
        with TestClient(create(settings)) as client, connected(url) as run:
            client.post("/v1/refresh").raise_for_status()
            yield Sample(client, run)
        connection.execute(f"drop database {name} with (force)".encode())
