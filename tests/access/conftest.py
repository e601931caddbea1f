"""The running services, and the issuers of the tokens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.access.callers import write_key
from tests.access.lab import Lab, running
from tests.support.databases import creating_databases
from tests.support.issuer import TestIssuer, issuing


@pytest.fixture(scope="session")
def issuer() -> Iterator[TestIssuer]:
    """The issuer that the services trust."""
    with issuing() as started:
        yield started


@pytest.fixture(scope="session")
def stranger() -> Iterator[TestIssuer]:
    """An issuer that they do not know."""
    with issuing() as started:
        yield started


@pytest.fixture(scope="session")
def session_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with the key of sessions."""
    file = tmp_path_factory.mktemp("keys") / "session-keys"
    write_key(file)
    return file


@pytest.fixture(scope="session")
def lab(
    postgres: str,
    service_server: str,
    issuer: TestIssuer,
    session_keys: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Lab]:
    """The three services."""
    settings = {"ACCESS_SESSION_KEYS_FILE": str(session_keys)}
    folder = tmp_path_factory.mktemp("access")
    with (
        creating_databases(postgres, service_server) as new_database,
        running(new_database(), issuer, folder, **settings) as started,
    ):
        yield started
