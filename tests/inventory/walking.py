"""Reads all pages of a list under /v1."""

from collections.abc import Iterator
from typing import Any, get_args

import msgspec
from starlette.testclient import TestClient

from inventory.app import OPERATIONS


def pages(client: TestClient, path: str, **query: object) -> Iterator[Any]:
    """The pages of a list, one after the other."""
    parameters = {name: str(value) for name, value in query.items()}
    while True:
        response = client.get(path, params=parameters)
        assert response.status_code == 200, response.text
        yield response.json()
        if "next" not in response.json():
            return
        parameters["cursor"] = response.json()["next"]


def items(client: TestClient, path: str, **query: object) -> list[Any]:
    """The items on all pages of a list."""
    return [item for page in pages(client, path, **query) for item in page["items"]]


def ids(client: TestClient, path: str, **query: object) -> list[Any]:
    """The ids of the items on all pages of a list."""
    return [item["id"] for item in items(client, path, **query)]


def parameters_of(path: str) -> dict[str, Any]:
    """The type of each query parameter of a list."""
    (operation,) = (one for one in OPERATIONS if (one.method, one.path) == ("GET", path))
    assert operation.query_type is not None
    return {field.name: field.type for field in msgspec.structs.fields(operation.query_type)}


def orders_of(path: str) -> list[str]:
    """The values of `sort` of a list."""
    literal, *_ = get_args(parameters_of(path)["sort"])
    return list(get_args(literal))
