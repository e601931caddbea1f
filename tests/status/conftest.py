"""The status service between an inventory and a balances whose responses a test sets."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from starlette.testclient import TestClient
from tests.status.portal.service_server import ServiceServer, fill_balances, fill_inventory, running

from status.app import StatusSettings, create
from status.portal import services, shared_answers

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class Lab(NamedTuple):
    """Status, and the servers that it asks."""

    client: TestClient
    inventory: ServiceServer
    balances: ServiceServer

    def portal(self) -> str:
        """The HTML of the portal."""
        response = self.client.get("/", headers={"Accept": BROWSER})
        assert response.status_code == 200
        return response.text

    def box(self, name: str) -> str:
        """The HTML of a box of the portal."""
        response = self.client.get(f"/ui/boxes/{name}")
        assert response.status_code == 200
        return response.text

    def services(self) -> str:
        """The HTML of the page of the services."""
        response = self.client.get("/ui/")
        assert response.status_code == 200
        return response.text


MakeClient = Callable[..., TestClient]


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine does not make a service slow, and an answer is not used for the next request of a test."""
    monkeypatch.setattr(services, "DEADLINE", 30.0)
    monkeypatch.setattr(shared_answers, "SHARED_SECONDS", 0.0)


@pytest.fixture
def make_client(tmp_path: Path) -> Iterator[MakeClient]:
    """Starts status with the settings given."""
    with ExitStack() as stack:

        def start(**settings: Any) -> TestClient:
            given = StatusSettings(**{"access": "open", "commit_file": str(tmp_path / "commit"), **settings})
            return stack.enter_context(TestClient(create(given)))

        yield start


@pytest.fixture
def lab(make_client: MakeClient) -> Iterator[Lab]:
    """Status, an inventory and a balances that work."""
    with running() as inventory, running() as balances:
        fill_inventory(inventory)
        fill_balances(balances)
        client = make_client(inventory_url=inventory.url, balances_url=balances.url)
        yield Lab(client, inventory, balances)
