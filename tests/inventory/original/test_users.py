"""Users at their original paths; the same bytes as the original program sent."""

from typing import Any

import pytest
from starlette.testclient import TestClient

INVALID = {"status": "fail", "message": "Invalid payload."}
MISSING = {"status": "fail", "message": "User does not exist"}


@pytest.mark.parametrize("prefix", ["", "/inventory"])
def test_ping(client: TestClient, prefix: str) -> None:
    answer = client.get(f"{prefix}/ping")
    assert (answer.status_code, answer.json()) == (200, {"message": "pong!", "status": "success"})


def test_every_user_is_listed(client: TestClient) -> None:
    answer = client.get("/users")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "success",
        "data": {
            "users": [
                {"id": 1, "username": "ada", "email": "ada@example.org", "active": True},
                {"id": 2, "username": "grace", "email": "grace@example.org", "active": True},
            ]
        },
    }


def test_the_list_without_users_is_empty(empty: TestClient) -> None:
    assert empty.get("/users").json() == {"status": "success", "data": {"users": []}}


def test_a_user_is_added(client: TestClient) -> None:
    answer = client.post("/users", json={"username": "lise", "email": "lise@example.org"})
    assert answer.status_code == 201
    assert answer.json() == {"status": "success", "message": "lise@example.org was added!"}
    assert client.get("/users/3").json() == {
        "status": "success",
        "data": {"id": 3, "username": "lise", "email": "lise@example.org", "active": True},
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "lise@example.org"},
        {"username": "lise"},
        {"username": "", "email": "lise@example.org"},
        {"username": "lise", "email": "lise"},
        {"username": "lise", "email": None},
        {"username": 5, "email": "lise@example.org"},
        {"username": "a\0b", "email": "lise@example.org"},
        {"username": "x" * 201, "email": "lise@example.org"},
        [],
        None,
    ],
)
def test_an_incomplete_or_wrong_body_is_invalid(client: TestClient, body: Any) -> None:
    answer = client.post("/users", json=body)
    assert (answer.status_code, answer.json()) == (400, INVALID)
    assert len(client.get("/users").json()["data"]["users"]) == 2


def test_fields_that_the_original_did_not_know_are_ignored(client: TestClient) -> None:
    body = {"username": "lise", "email": "lise@example.org", "active": False, "admin": True, "id": 99}
    assert client.post("/users", json=body).status_code == 201
    user = {"id": 3, "username": "lise", "email": "lise@example.org", "active": True}
    assert client.get("/users/3").json()["data"] == user


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b'{"username":"a","email":"a@b"}', "text/plain"),
    ],
)
def test_a_body_that_is_not_json_is_invalid(client: TestClient, content: bytes, content_type: str) -> None:
    answer = client.post("/users", content=content, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()) == (400, INVALID)


@pytest.mark.parametrize("email", ["ada@example.org", "Ada@Example.ORG"])
def test_a_repeated_email_is_refused(client: TestClient, email: str) -> None:
    answer = client.post("/users", json={"username": "other", "email": email})
    assert answer.status_code == 400
    assert answer.json() == {"status": "fail", "message": "Sorry. That email already exists."}


@pytest.mark.parametrize("username", ["ada", "ADA"])
def test_a_repeated_username_is_refused(client: TestClient, username: str) -> None:
    answer = client.post("/users", json={"username": username, "email": "other@example.org"})
    assert answer.status_code == 400
    assert answer.json() == {"status": "fail", "message": "Sorry. That username already exists."}


def test_a_user_who_is_added_again_has_a_repeated_email(client: TestClient) -> None:
    answer = client.post("/users", json={"username": "ada", "email": "ada@example.org"})
    assert answer.json() == {"status": "fail", "message": "Sorry. That email already exists."}


@pytest.mark.parametrize("ident", ["99", "0", "-1", "blah", "1.0", "2147483648", "9" * 300, "%00", "%ff"])
def test_an_unknown_id_or_one_that_is_not_a_number_is_404(client: TestClient, ident: str) -> None:
    answer = client.get(f"/users/{ident}")
    assert (answer.status_code, answer.json()) == (404, MISSING)
