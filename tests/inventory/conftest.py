"""Inventory on a real database, migrated once and emptied before each test; its worker as a real process."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from starlette.testclient import TestClient
from tests.inventory.kinds import KINDS, WITH_ORIGINAL_PATHS, Kind
from tests.support.callers import serving
from tests.support.pgbouncer import find_tables

from chassis.database.migrations import migrate
from inventory.app import create
from inventory.example_data import seed
from inventory.settings import InventorySettings

Sql = Callable[..., list[tuple[Any, ...]]]
Waits = Callable[[int], None]


@pytest.fixture(params=WITH_ORIGINAL_PATHS, ids=lambda kind: kind.name)
def thing(request: pytest.FixtureRequest) -> Kind:
    """Each kind that has original paths."""
    assert isinstance(request.param, Kind)
    return request.param


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each kind that has a collection under /v1."""
    assert isinstance(request.param, Kind)
    return request.param


@pytest.fixture(scope="session")
def template(postgres: str) -> Iterator[str]:
    """Name of a migrated database to copy, for tests that need one of their own."""
    name = f"inventory_template_{os.getpid()}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
        asyncio.run(migrate(make_conninfo(postgres, dbname=name), "inventory", "inventory"))
        yield name
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def own_url(new_database: Callable[..., str], template: str) -> str:
    """URL of a migrated, empty database of the test's own."""
    return new_database(template)


@pytest.fixture(scope="session")
def shared_connection(postgres: str, service_server: str, template: str) -> Iterator[psycopg.Connection]:
    """Ad-hoc SQL on the database that most tests use, one after the other."""
    name = f"inventory_shared_{os.getpid()}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f"create database {name} template {template}".encode())
        find_tables(server, name, pooled=service_server != postgres)
        shared = make_conninfo(postgres, dbname=name, options="-c search_path=inventory")
        with psycopg.connect(shared, autocommit=True) as connection:
            yield connection
        server.execute(f"drop database {name} with (force)".encode())


@pytest.fixture(scope="session")
def emptying(shared_connection: psycopg.Connection) -> bytes:
    """Statements that delete all rows and start each sequence of ids again; faster than truncate."""
    references: dict[str, set[str]] = {}
    for table, referring in shared_connection.execute(TABLES):
        references.setdefault(table, set()).update([referring] if referring else [])
    deletions = "; ".join(f"delete from {table}" for table in TopologicalSorter(references).static_order())
    return f"{deletions}; {RESTART_IDS}".encode()


TABLES = """
select tables.oid::regclass::text, constraints.conrelid::regclass::text
from pg_class as tables
left join pg_constraint as constraints on constraints.confrelid = tables.oid and constraints.contype = 'f'
where tables.relnamespace = 'inventory'::regnamespace and tables.relkind = 'r' and tables.relname <> 'schema_migration'
"""
"""Each table with each table that refers to it, or null."""

RESTART_IDS = """
select setval(oid::regclass, 1, false)
from pg_class
where relnamespace = 'inventory'::regnamespace and relkind = 'S' and relname like '%\\_id\\_seq'
"""


@pytest.fixture(scope="session")
def shared_client(service_server: str, shared_connection: psycopg.Connection) -> Iterator[TestClient]:
    """The service on that database."""
    url = make_conninfo(service_server, dbname=shared_connection.info.dbname)
    with TestClient(create(InventorySettings(access="open", database_url=url))) as client:
        yield client


@pytest.fixture
def url(service_server: str, shared_connection: psycopg.Connection, emptying: bytes) -> str:
    """URL of a migrated, empty database."""
    shared_connection.execute(emptying)
    return make_conninfo(service_server, dbname=shared_connection.info.dbname)


@pytest.fixture
def stocked(url: str) -> str:
    """URL of a database with the example data."""
    asyncio.run(seed(url))
    return url


@pytest.fixture
def empty(url: str, shared_client: TestClient) -> TestClient:
    """The service on an empty database."""
    assert url
    return shared_client


@pytest.fixture
def client(stocked: str, shared_client: TestClient) -> TestClient:
    """The service with the example data."""
    assert stocked
    return shared_client


@pytest.fixture
def sql(url: str, shared_connection: psycopg.Connection) -> Sql:
    """Runs a statement on the test's database and returns its rows, as ad-hoc SQL would."""
    assert url

    def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
        cursor = shared_connection.execute(statement.encode(), values or None)
        return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture
def waits_for_locks(sql: Sql) -> Waits:
    """Returns when that many statements wait for a lock of another transaction."""

    def wait(count: int) -> None:
        deadline = time.monotonic() + 10
        query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        while sql(query) != [(count,)]:
            assert time.monotonic() < deadline, "nothing waits"
            time.sleep(0.005)

    return wait


@pytest.fixture
def other(stocked: str) -> Iterator[psycopg.Connection]:
    """Another connection, inside a transaction."""
    with psycopg.connect(stocked, options="-c search_path=inventory") as connection:
        yield connection


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Threads to send requests from at the same time."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


class Worker(NamedTuple):
    """An `inventory worker` process, its output in a file: a pipe that nobody reads would stop it."""

    process: subprocess.Popen[bytes]
    output: Path

    def lines(self) -> list[str]:
        """The complete lines of its output so far."""
        return self.output.read_bytes().decode().split("\n")[:-1]

    def told(self) -> list[str]:
        """The ids of the events that it has delivered, from its JSON lines."""
        parsed = [json.loads(line) for line in self.lines()]
        return [line["event_id"] for line in parsed if " has been sent to " in line["event"]]


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """Starts a worker on a migrated database, with the environment given.

    One that is to be killed is started `unmeasured`: it cannot report its coverage, and is there sooner.
    """
    workers: list[Worker] = []

    def run(url: str, *, unmeasured: bool = False, **environment: str) -> Worker:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not (unmeasured and name.startswith("COVERAGE"))
        }
        output = tmp_path / f"worker-{len(workers)}.log"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [str(Path(sys.executable).with_name("inventory")), "worker"],
                env={
                    **inherited,
                    "DATABASE_URL": url,
                    "PORT": "0",
                    "MIGRATE_ON_START": "false",
                    "LOG_LEVEL": "warning",
                    **environment,
                },
                stdout=file,
                stderr=file,
            )
        workers.append(Worker(process, output))
        return workers[-1]

    yield run
    for worker in workers:
        if worker.process.poll() is None:
            worker.process.terminate()
    for worker in workers:
        try:
            worker.process.wait(10)
        except subprocess.TimeoutExpired:
            worker.process.kill()
            worker.process.wait()


@pytest.fixture(scope="session")
def wait_for() -> Callable[..., None]:
    """Waits until a condition holds."""

    def wait(so: Callable[[], object], seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not so():
            assert time.monotonic() < deadline, "the condition never held"
            time.sleep(0.01)

    return wait


class StartGuarded(Protocol):
    """The fixture `start_guarded`: starts the service with roles and with more settings."""

    def __call__(self, **settings: Any) -> TestClient: ...


@pytest.fixture
def start_guarded(url: str) -> Iterator[StartGuarded]:
    """Starts the service with roles, on an empty database; each time it is another replica."""
    with ExitStack() as stack:

        def start(**settings: Any) -> TestClient:
            return stack.enter_context(serving(create, InventorySettings, database_url=url, **settings))

        yield start


@pytest.fixture
def guarded(start_guarded: StartGuarded) -> TestClient:
    """The service with roles, on an empty database."""
    return start_guarded()
