"""Fixtures that tests of several services share: a real PostgreSQL with fresh databases, and real processes."""

import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from tests.support.databases import NewDatabase, creating_databases
from tests.support.pgbouncer import pgbouncer
from tests.support.postgresql import NewFolder, fast_server
from tests.support.processes import Start, free_port, starting

# A background job of a shell ignores Ctrl-C, and the commands that the tests start would inherit that
signal.signal(signal.SIGINT, signal.default_int_handler)

# The commands that the tests start do not ask who calls, unless a test is about that
os.environ.setdefault("ACCESS", "open")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With a pooler, deselect the tests that need a session of their own."""
    if os.environ.get("POOLER"):
        direct = [item for item in items if item.get_closest_marker("direct")]
        config.hook.pytest_deselected(items=direct)
        items[:] = [item for item in items if item not in direct]


@pytest.fixture(autouse=True)
def logging_restored() -> Iterator[None]:
    """Restore the logging of the process: the test's handlers write to an output that pytest closes."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.captureWarnings(capture=False)
    logging.root.handlers[:], logging.root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def new_folder() -> Iterator[NewFolder]:
    """Creates folders in which a PostgreSQL server can keep its data.

    They are not below pytest's `tmp_path`: if the tests run as root, the server runs as another user, and pytest
    lets no other user into the folder above each `tmp_path`.
    """
    made: list[Path] = []

    def create() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="benchtop-tests-")))
        return made[-1]

    yield create
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(new_folder: NewFolder) -> Iterator[str]:
    """URL of a server's maintenance database; `DATABASE_URL` chooses another server than the embedded one."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with fast_server(new_folder() / "data") as url:
        yield url


@pytest.fixture(scope="session")
def service_server(postgres: str) -> Iterator[str]:
    """URL of the same database for the services: with `POOLER=pgbouncer`, through PgBouncer in transaction mode."""
    if os.environ.get("POOLER") != "pgbouncer":
        yield postgres
        return
    with pgbouncer(postgres) as url:
        yield url


@pytest.fixture
def new_database(postgres: str, service_server: str) -> Iterator[NewDatabase]:
    """Creates databases, and drops them after the test."""
    with creating_databases(postgres, service_server) as create:
        yield create


@pytest.fixture
def database_url(new_database: NewDatabase) -> str:
    """URL of an empty database, which no other test uses."""
    return new_database()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a command on a free port, and waits until it responds; it is killed after the test."""
    with starting() as start:
        yield start


@pytest.fixture(scope="session")
def free_ports() -> Callable[[], int]:
    """Finds ports on which nothing listens now."""
    return free_port
