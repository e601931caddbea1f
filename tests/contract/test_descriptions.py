"""The OpenAPI documents describe each query parameter and each field of the objects under /v1."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.contract.test_operations import APPLICATIONS

from chassis.web.openapi import document

SERVICES = ["inventory"]
"""The services whose documents are checked."""


def references(part: object) -> Iterator[str]:
    """The components that a part of the document refers to."""
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"].rpartition("/")[2]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


@pytest.fixture(params=SERVICES)
def described(request: pytest.FixtureRequest) -> Any:
    """The OpenAPI document of the operations of a service under /v1."""
    operations = [one for one in APPLICATIONS[request.param].state.operations if one.path.startswith("/v1/")]
    assert operations
    return document("", "", "", "", operations)


def test_each_field_has_a_description(described: Any) -> None:
    components = described["components"]["schemas"]
    waiting, seen = set(references(described["paths"])), set()
    without = []
    while waiting:
        seen.add(name := waiting.pop())
        waiting |= set(references(components[name])) - seen
        without += [
            f"{name}.{field}"
            for field, schema in components[name].get("properties", {}).items()
            if not schema.get("description")
        ]
    assert len(seen) > 5
    assert without == [], "these fields need a `Meta(description=…)`"


def test_each_query_parameter_has_a_description(described: Any) -> None:
    parameters = [
        (f"{method.upper()} {path} {one['name']}", one["description"])
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        for one in operation["parameters"]
    ]
    assert len(parameters) > 20
    without = [name for name, description in parameters if not description]
    assert without == [], "these parameters need a `Meta(description=…)`"
