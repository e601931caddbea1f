"""The status service: greeting, portal, health and metadata."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from status.app import StatusSettings, create

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PREFIXES = pytest.mark.parametrize("prefix", ["", "/status"])


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(create(StatusSettings(access="open", commit_file=str(tmp_path / "commit")))) as client:
        yield client


@pytest.mark.parametrize(
    "accept", ["*/*", "", "application/json", "text/plain", "text/html;q=0", "text/htmlx"]
)
@pytest.mark.parametrize("path", ["/", "/status", "/status/"])
def test_a_client_that_does_not_accept_html_gets_the_greeting_to_the_byte(
    client: TestClient, path: str, accept: str
) -> None:
    response = client.get(path, headers={"Accept": accept})
    assert (response.status_code, response.content) == (200, b"Hello World!\n")
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("accept", [BROWSER, "text/html", "TEXT/HTML; q=0.5, */*"])
@PREFIXES
def test_a_browser_gets_the_portal(client: TestClient, prefix: str, accept: str) -> None:
    response = client.get(f"{prefix}/", headers={"Accept": accept})
    assert response.headers["content-type"].startswith("text/html")
    assert "<h1>Benchtop</h1>" in response.text
    assert "unsafe-inline" not in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"


def test_caches_keep_the_greeting_and_the_portal_apart(client: TestClient) -> None:
    assert "Accept" in client.get("/").headers["vary"].split(", ")


@PREFIXES
def test_health_is_ok_to_the_byte(client: TestClient, prefix: str) -> None:
    response = client.get(f"{prefix}/health")
    assert (response.status_code, response.content) == (200, b"OK\n")
    assert response.headers["content-type"].startswith("text/plain")


@PREFIXES
def test_metadata_has_its_keys(client: TestClient, prefix: str) -> None:
    response = client.get(f"{prefix}/metadata")
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {
        "app_name": "status",
        "description": "The portal page, and the greeting at the root of the host.",
        "version": "0.1.0",
        "last_commit_sha": "Development",
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/health", "/metadata"])
def test_other_methods_than_get_and_head_are_405_with_allow(
    client: TestClient, path: str, method: str
) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/", "/health", "/metadata"])
def test_head_responds_like_get_without_the_body(client: TestClient, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


def test_version_prints_the_version() -> None:
    command = Path(sys.executable).with_name("status")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"status {version('benchtop-status')}\n")
