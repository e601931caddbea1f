"""Requests for other host names are refused, as a protection against DNS rebinding."""

from typing import Any

import pytest
from msgspec import ValidationError, convert
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from chassis.process.settings import HostNames
from chassis.web.middleware.allowed_hosts import LOOPBACK, AllowedHosts, split


def ask(host: str, *hosts: str, server: str = "127.0.0.2") -> Any:
    """Ask for a host where those are allowed, on a connection to that address."""
    client = TestClient(AllowedHosts(PlainTextResponse("answered"), hosts), base_url=f"http://{server}")
    return client.get("/", headers={"Host": host})


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:9000", "[::1]", "[::1]:8000"]
)
def test_loopback_names_are_allowed_on_any_port(host: str) -> None:
    assert ask(host, *LOOPBACK).text == "answered"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "evil.example@localhost",
        "127.0.0.1.evil.example",
        "127.0.0.10",
        "[::2]:8000",
        "[::1",
        "",
    ],
)
def test_any_other_name_is_a_421_problem_that_names_the_setting(host: str) -> None:
    response = ask(host, *LOOPBACK)
    assert (response.status_code, response.headers["content-type"]) == (421, "application/problem+json")
    detail = response.json()["detail"]
    assert f"{host!r}" in detail or not host
    assert "localhost, 127.0.0.1, [::1]" in detail
    assert "ALLOWED_HOSTS" in detail


@pytest.mark.parametrize(
    ("names", "host", "status"),
    [
        ("lab.example", "lab.example", 200),
        ("lab.example", "www.lab.example", 421),
        ("www.lab.example", "lab.example", 421),
        ("*.lab.example", "a.lab.example:8000", 200),
        ("*.lab.example", "lab.example", 421),
        ("a.example, [fd00::2]", "[fd00::2]", 200),
        ("*", "evil.example", 200),
    ],
)
def test_names_in_allowed_hosts_are_allowed(names: str, host: str, status: int) -> None:
    assert ask(host, *LOOPBACK, *split(names)).status_code == status


@pytest.mark.parametrize(
    ("server", "host", "status"),
    [
        ("10.0.0.5:8000", "10.0.0.5:8000", 200),
        ("10.0.0.5:8000", "10.0.0.6:8000", 421),
        ("[fd00::2]:8000", "[fd00::2]:8000", 200),
        ("[::ffff:10.0.0.5]:8000", "10.0.0.5:8000", 200),
        ("socket", "socket", 421),
    ],
)
def test_the_address_that_a_request_came_in_on_is_allowed(server: str, host: str, status: int) -> None:
    assert ask(host, *LOOPBACK, server=server).status_code == status


@pytest.mark.parametrize("names", ["", "*", "lab.example,*.lab.example, 10.0.0.5", "[fd00::2]"])
def test_the_setting_has_names_separated_by_commas(names: str) -> None:
    assert convert(names, HostNames) == names


@pytest.mark.parametrize("names", ["http://lab.example", "lab.example:8000", "*lab.example", "a b", "lab.*"])
def test_the_setting_refuses_invalid_host_names(names: str) -> None:
    with pytest.raises(ValidationError):
        convert(names, HostNames)


@pytest.mark.parametrize(("given", "replaced"), [("r-1", None), ("not one", "true")])
def test_a_421_has_a_request_id(given: str, replaced: str | None) -> None:
    client = TestClient(AllowedHosts(PlainTextResponse("answered"), LOOPBACK))
    headers = client.get("/", headers={"Host": "evil.example", "X-Request-ID": given}).headers
    assert (headers["x-request-id"] == given) == (replaced is None)
    assert headers.get("x-request-id-replaced") == replaced
