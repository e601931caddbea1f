"""Clients of the service in `greeter`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.chassis.greeter import MakeClient, making_clients


@pytest.fixture
def make_client(tmp_path: Path) -> Iterator[MakeClient]:
    """Starts the service with the settings and the rest given."""
    with making_clients(tmp_path) as make:
        yield make


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    """The service with its default settings."""
    return make_client()
