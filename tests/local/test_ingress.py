"""Each path goes to its service, as in a cluster."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

import status.app
from local.ingress import Ingress

events: list[str] = []


def service(name: str) -> Starlette:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        events.append(f"{name} opens")
        yield {"name": name}
        events.append(f"{name} closes")

    async def answer(request: Request) -> Response:
        return PlainTextResponse(request.state.name)

    return Starlette(routes=[Route("/{path:path}", answer)], lifespan=lifespan)


@asynccontextmanager
async def worker() -> AsyncIterator[None]:
    events.append("worker starts")
    yield
    events.append("worker stops")


@pytest.fixture
def ingress() -> Ingress:
    events.clear()
    portal, inventory = service("status"), service("inventory")
    return Ingress(
        {"/": portal, "/health": portal}, {"/status": portal, "/inventory": inventory}, worker=worker
    )


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "status"),
        ("/health", "status"),
        ("/status", "status"),
        ("/status/docs", "status"),
        ("/inventory", "inventory"),
        ("/inventory/sites", "inventory"),
    ],
)
def test_a_path_goes_to_its_service_with_that_services_state(ingress: Ingress, path: str, name: str) -> None:
    with TestClient(ingress) as client:
        assert client.get(path).text == name


@pytest.mark.parametrize("path", ["/metrics", "/inventorytoo", "/statusx", "/health/ready", "/nowhere"])
def test_any_other_path_is_a_404_problem(ingress: Ingress, path: str) -> None:
    with TestClient(ingress) as client:
        response = client.get(path)
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/docs", "/health/ready", "/nowhere"])
def test_a_browser_gets_a_404_page_for_any_other_path(path: str) -> None:
    portal = status.app.create(status.app.StatusSettings(access="open"))
    with TestClient(Ingress({"/": portal}, {"/status": portal}, worker=worker)) as client:
        response = client.get(path, headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is no such page" in response.text


def test_each_service_is_opened_once_and_the_worker_stops_first(ingress: Ingress) -> None:
    with TestClient(ingress):
        pass
    assert sorted(events[:2]) == ["inventory opens", "status opens"]
    assert events[2:4] == ["worker starts", "worker stops"]
    assert sorted(events[4:]) == ["inventory closes", "status closes"]


def test_a_404_has_a_request_id(ingress: Ingress) -> None:
    with TestClient(ingress) as client:
        response = client.get("/nowhere", headers={"X-Request-ID": "r-1"})
    assert (response.status_code, response.headers["x-request-id"]) == (404, "r-1")
