"""The OpenAPI documents explain every field, and their examples are requests that the services accept."""

import json
import re
import shlex
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest
from starlette.testclient import TestClient
from tests.contract.test_operations import APPLICATIONS

from chassis.web.curl import CONTINUED
from chassis.web.openapi import PARAMETER

CREATED = ("sites", "freezers", "computers", "containers", "users", "events")
"""The collections under /v1 that clients can add to."""

SERVICES = ("status", "inventory", "balances")
DOCUMENTS = {service: TestClient(APPLICATIONS[service]).get("/openapi.json").json() for service in SERVICES}
BODIES = [
    pytest.param(service, operation, id=f"{service} {operation.method} {operation.path}")
    for service in SERVICES
    for operation in APPLICATIONS[service].state.operations
    if operation.body_type is not None
]


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_has_an_id_of_its_own(service: str) -> None:
    ids = [operation["operationId"] for _, operation in operations_of(DOCUMENTS[service])]
    assert [one for one in set(ids) if ids.count(one) > 1] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_field_has_a_description(service: str) -> None:
    schemas = DOCUMENTS[service]["components"]["schemas"]
    missing = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, about in schema.get("properties", {}).items()
        if not about.get("description")
    ]
    assert missing == [], "give the types of these fields a Meta(description=…)"


@pytest.mark.parametrize("service", SERVICES)
def test_every_schema_has_a_description(service: str) -> None:
    schemas = DOCUMENTS[service]["components"]["schemas"]
    assert [name for name, schema in schemas.items() if not schema.get("description")] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_parameter_has_a_description(service: str) -> None:
    missing = [
        f"{name}: {parameter['name']}"
        for name, operation in operations_of(DOCUMENTS[service])
        for parameter in operation["parameters"]
        if not parameter.get("description")
    ]
    assert missing == [], "give the types of these parameters a Meta(description=…)"


@pytest.mark.parametrize(("service", "operation"), BODIES)
def test_the_example_of_a_body_is_valid(service: str, operation: Any) -> None:
    path = DOCUMENTS[service]["paths"][PARAMETER.sub(r"{\1}", operation.path)]
    content = path[operation.method.lower()]["requestBody"]["content"]["application/json"]
    msgspec.json.decode(json.dumps(content["example"]), type=operation.body_type)


def wait_for(url: str) -> None:
    """Wait until a request succeeds: the feed is read while the services already run."""
    for _ in range(100):
        if httpx.get(url).status_code == 200:
            return
        time.sleep(0.1)
    raise AssertionError(f"{url} does not succeed")


class Command(NamedTuple):
    """A command line of curl, taken apart."""

    method: str
    path: str
    headers: dict[str, str]
    body: str | None


def parse(source: str) -> Command:
    """The request that an example sends. It has only the options that the documents use."""
    method, url, headers, body = "GET", "", {}, None
    words = iter(shlex.split(source.replace(CONTINUED, " "))[1:])
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(words)
        else:
            url = word
    return Command(method, re.sub(r"^https?://[^/]+", "", url), headers, body)


def test_the_services_accept_the_example_bodies(
    start: Callable[..., Any], database_url: str, tmp_path: Path
) -> None:
    """The ids in paths and bodies are those of the example data. What is created is deleted: some fields are unique."""
    running = start("benchtop", DATABASE_URL=database_url, LOCAL_DIR=str(tmp_path))
    statuses = {}
    with httpx.Client(base_url=running.url) as client:
        for name, operation in operations_of(DOCUMENTS["inventory"]):
            command = parse(operation["x-codeSamples"][0]["source"])
            if command.body is None or "{event_id}" in name:  # the id of an event is random
                continue
            response = client.request(
                command.method, command.path, headers=command.headers, content=command.body
            )
            assert response.status_code in (200, 201), f"{name}: {response.text}"
            statuses[name] = response.status_code
            if location := response.headers.get("Location"):
                client.delete(location, headers={"If-Match": "*"})
    created = {name for name, status in statuses.items() if name.startswith("POST /v1/") and status == 201}
    assert created == {f"POST /v1/{kind}" for kind in CREATED}


@pytest.mark.parametrize("service", SERVICES)
def test_the_example_requests_without_parameters_are_answered(
    start: Callable[..., Any], database_url: str, tmp_path: Path, service: str
) -> None:
    running = start("benchtop", DATABASE_URL=database_url, LOCAL_DIR=str(tmp_path))
    wait_for(f"{running.url}/balances/v1/balances/total")
    for name, operation in operations_of(DOCUMENTS[service]):
        command = parse(operation["x-codeSamples"][0]["source"])
        if command.method == "GET" and "{" not in name:
            response = httpx.get(running.url + command.path, headers=command.headers)
            assert str(response.status_code) == min(operation["responses"]), f"{name}: {response.text}"
