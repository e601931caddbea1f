"""While the database cannot be reached, routes that need it respond 503, and the others still work."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from inventory.app import create
from inventory.settings import InventorySettings

EVENT = {"user_id": "ada", "description": "x"}


@pytest.fixture(scope="module")
def cut_off(free_ports: Callable[[], int]) -> Iterator[TestClient]:
    nowhere = f"postgresql://127.0.0.1:{free_ports()}/x?connect_timeout=1"
    settings = InventorySettings(access="open", database_url=nowhere, database_timeout_seconds=0.1)
    with TestClient(create(settings)) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/sites", None),
        ("GET", "/sites/0/5", None),
        ("GET", "/site/1", None),
        ("POST", "/site/1", {"name": "x"}),
        ("DELETE", "/site/1", None),
        ("GET", "/instruments", None),
        ("GET", "/users", None),
        ("POST", "/users", {"username": "a", "email": "a@b"}),
        ("GET", "/users/1", None),
        ("GET", "/events/", None),
        ("POST", "/events/", EVENT),
        ("PUT", "/events/0b7e4f4e-3c9a-4b1e-8f55-6d2f6a2c9f10", {"status": "Processed"}),
        ("GET", "/v1/sites", None),
        ("POST", "/v1/sites", {"name": "x"}),
        ("GET", "/v1/sites/1", None),
        ("PATCH", "/v1/sites/1", {"name": "x"}),
        ("DELETE", "/v1/sites/1", None),
        ("GET", "/v1/instruments", None),
        ("POST", "/v1/events", EVENT),
        ("GET", "/v1/notifications", None),
        ("POST", "/v1/notifications/1:replay", None),
    ],
)
def test_routes_that_need_the_database_are_503(
    cut_off: TestClient, method: str, path: str, body: dict[str, Any] | None
) -> None:
    answer = cut_off.request(method, path, json=body, headers={"If-Match": "*", "Idempotency-Key": "k"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize("path", ["/health", "/metadata", "/openapi.json", "/docs", "/ping", "/ping/"])
def test_other_routes_still_respond(cut_off: TestClient, path: str) -> None:
    assert cut_off.get(path).status_code == 200


def test_the_original_users_are_503_in_their_own_envelope(cut_off: TestClient) -> None:
    answer = cut_off.post("/users", json={"username": "a", "email": "a@b"}).json()
    assert answer["status"] == "fail"
    assert "cannot be reached" in answer["message"]
