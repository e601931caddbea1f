"""The routes that every service has, with and without the path prefix."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.chassis.greeter import MakeClient

PREFIXES = pytest.mark.parametrize("prefix", ["", "/greeter"])


@PREFIXES
def test_health_is_ok_while_dependencies_are_down(make_client: MakeClient, prefix: str) -> None:
    async def away() -> None:
        raise ConnectionError("gone")

    response = make_client(checks={"database": away}).get(f"{prefix}/health")
    assert (response.status_code, response.text) == (200, "OK\n")
    assert response.headers["content-type"].startswith("text/plain")


@PREFIXES
def test_readiness_names_each_dependency(make_client: MakeClient, prefix: str) -> None:
    async def well() -> None: ...

    async def away() -> None:
        raise ConnectionError("gone")

    response = make_client(checks={"bank": well, "database": away}).get(f"{prefix}/health/ready")
    assert response.status_code == 503
    assert response.json() == {
        "status": "unready",
        "checks": {
            "bank": {"status": "up"},
            "database": {"status": "down", "detail": "ConnectionError: gone"},
        },
    }


def test_readiness_is_200_when_all_dependencies_are_up(client: TestClient) -> None:
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (200, {"status": "ready", "checks": {}})


@PREFIXES
def test_metadata_has_the_commit_of_the_image(make_client: MakeClient, tmp_path: Path, prefix: str) -> None:
    (tmp_path / "commit").write_text("0123456789abcdef0123\n")
    assert make_client().get(f"{prefix}/metadata").json() == {
        "app_name": "chassis",
        "description": "A service for tests.",
        "version": "0.1.0",
        "last_commit_sha": "0123456789ab",
    }


def test_metadata_without_a_commit_file_says_development(client: TestClient) -> None:
    assert client.get("/metadata").json()["last_commit_sha"] == "Development"


@pytest.mark.parametrize("content", [None, b"", b"\xff"])
def test_metadata_reports_a_commit_file_that_cannot_be_read(
    make_client: MakeClient, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "commit"
    file.mkdir() if content is None else file.write_bytes(content)
    assert make_client().get("/metadata").json()["last_commit_sha"] == "Unknown/Error"


def test_an_unknown_path_is_a_problem(client: TestClient) -> None:
    response = client.get("/nowhere")
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


def test_a_path_that_only_starts_with_the_same_letters_is_not_under_the_prefix(client: TestClient) -> None:
    assert client.get("/greetertoo/health").status_code == 404
