"""`GET /v1/me`: who the caller is, and what they may do in the service."""

import datetime as dt

import pytest
from tests.chassis.access.guarded import Guard, get, trusted
from tests.support.api_server import TestApiServer
from tests.support.issuer import TestIssuer


def test_it_names_the_caller_and_what_the_role_allows(guard: Guard, issuer: TestIssuer) -> None:
    token = issuer.token(groups=["lab"], name="Ada", email="ada@lab.example", email_verified=True)
    response = get(guard(trusted(issuer)), token, "/v1/me")
    body = response.json()
    expires = dt.datetime.fromisoformat(body.pop("expires_at"))
    assert abs(expires.timestamp() - dt.datetime.now(dt.UTC).timestamp() - 600) < 30
    assert body == {
        "actor": "ada",
        "kind": "token",
        "name": "Ada",
        "email": "ada@lab.example",
        "groups": ["lab"],
        "role": "viewer",
        "permissions": [{"resource": "notes", "verbs": ["list"]}],
    }
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("user", "role", "verbs"),
    [("root", "admin", [["create", "delete", "list"]]), ("eve", None, [])],
)
def test_the_permissions_are_those_of_the_role(
    guard: Guard, issuer: TestIssuer, user: str, role: str | None, verbs: list[list[str]]
) -> None:
    body = get(guard(trusted(issuer)), issuer.token(user), "/v1/me").json()
    assert (body["role"], [one["verbs"] for one in body["permissions"]]) == (role, verbs)


def test_with_rbac_the_permissions_are_those_of_the_cluster(
    guard: Guard, issuer: TestIssuer, api_server: TestApiServer
) -> None:
    api_server.allowed = {("ada", "create", "notes"), ("ada", "delete", "notes")}
    client = guard(
        trusted(issuer),
        access_authorizer="kubernetes",
        access_namespace="lab",
        access_cluster_dir=str(api_server.folder),
        access_roles={},
    )
    body = get(client, issuer.token(), "/v1/me").json()
    assert (body["role"], body["permissions"]) == (
        None,
        [{"resource": "notes", "verbs": ["create", "delete"]}],
    )


def test_nobody_is_refused(guard: Guard, issuer: TestIssuer) -> None:
    assert guard(trusted(issuer)).get("/v1/me").status_code == 401


def test_an_open_service_lets_everybody_do_everything(guard: Guard) -> None:
    body = guard(access="open", access_roles={}).get("/v1/me").json()
    assert body == {
        "actor": "anonymous",
        "kind": "open",
        "name": "",
        "email": "",
        "groups": [],
        "role": None,
        "permissions": [{"resource": "notes", "verbs": ["create", "delete", "list"]}],
        "expires_at": None,
    }
