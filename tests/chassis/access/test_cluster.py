"""Tokens of the cluster's service accounts."""

from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.chassis.access.guarded import Guard, get, trusted
from tests.support.api_server import DISCOVERY, JWKS, TestApiServer, certificate
from tests.support.issuer import Answer, TestIssuer, as_json

from chassis.process.access_settings import Issuer

CLUSTER = Issuer(issuer="kubernetes")


@pytest.fixture
def client(guard: Guard, api_server: TestApiServer) -> TestClient:
    """A service that trusts the cluster, where a service account has a role."""
    return guard(
        CLUSTER,
        access_cluster_dir=str(api_server.folder),
        access_roles={"viewer": ["serviceaccount:lab/robot"]},
    )


def test_a_service_account_has_its_name_and_its_groups(client: TestClient, api_server: TestApiServer) -> None:
    response = get(client, api_server.token(), "/v1/me")
    assert response.status_code == 200
    body = response.json()
    assert (body["actor"], body["role"]) == ("system:serviceaccount:lab:robot", "viewer")


@pytest.mark.parametrize(
    "group", ["system:serviceaccounts", "system:serviceaccounts:lab", "system:authenticated"]
)
def test_a_role_of_the_groups_of_service_accounts_counts(
    guard: Guard, api_server: TestApiServer, group: str
) -> None:
    client = guard(
        CLUSTER, access_cluster_dir=str(api_server.folder), access_roles={"viewer": [f"group:{group}"]}
    )
    assert get(client, api_server.token()).json()["groups"] == [group]


def test_a_role_of_the_service_accounts_of_another_namespace_does_not_count(
    guard: Guard, api_server: TestApiServer
) -> None:
    roles = {"viewer": ["group:system:serviceaccounts:other"]}
    client = guard(CLUSTER, access_cluster_dir=str(api_server.folder), access_roles=roles)
    assert get(client, api_server.token()).status_code == 403


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": ["https://kubernetes.default.svc.cluster.local"]},
        {"iss": "https://other.cluster"},
        {"sub": "system:admin"},
        {"sub": "system:serviceaccount:lab"},
        {"sub": "system:serviceaccount:lab:robot\n"},
        {"sub": "system:node:n1"},
        {"exp": 4_102_444_800},
    ],
    ids=str,
)
def test_other_tokens_of_the_cluster_are_refused(
    client: TestClient, api_server: TestApiServer, changed: dict[str, Any]
) -> None:
    assert get(client, api_server.token(**changed)).status_code == 401


def test_groups_in_the_token_of_a_service_account_do_not_count(
    guard: Guard, api_server: TestApiServer
) -> None:
    roles = {"admin": ["group:system:masters"], "viewer": ["group:system:authenticated"]}
    client = guard(CLUSTER, access_cluster_dir=str(api_server.folder), access_roles=roles)
    assert get(client, api_server.token(groups=["system:masters"])).json()["groups"] == [
        "system:authenticated"
    ]


def test_the_token_for_the_api_server_is_read_at_each_use(
    client: TestClient, api_server: TestApiServer
) -> None:
    assert get(client, api_server.token()).status_code == 200
    api_server.use_token("second")
    api_server.asked.clear()
    assert get(client, api_server.token(kid="unknown")).status_code == 401
    assert [(one.path, one.token) for one in api_server.asked] == [(DISCOVERY, "second"), (JWKS, "second")]


def test_new_certificates_of_the_api_server_are_trusted(
    client: TestClient, api_server: TestApiServer, capfd: pytest.CaptureFixture[str]
) -> None:
    assert get(client, api_server.token()).status_code == 200
    api_server.renew()
    api_server.asked.clear()
    get(client, api_server.token(kid="unknown"))
    assert [one.path for one in api_server.asked] == [DISCOVERY, JWKS]
    assert "cannot be read" not in capfd.readouterr().out


def test_another_server_at_the_address_of_the_cluster_gets_no_token(
    guard: Guard, api_server: TestApiServer, capfd: pytest.CaptureFixture[str]
) -> None:
    certificate(api_server.folder)  # the service trusts this one, which the server does not have
    client = guard(CLUSTER, access_cluster_dir=str(api_server.folder))
    assert get(client, api_server.token()).status_code == 503
    assert api_server.asked == []
    assert "certificate verify failed" in capfd.readouterr().out


def test_people_can_sign_in_while_the_api_server_is_down(
    guard: Guard, api_server: TestApiServer, issuer: TestIssuer
) -> None:
    api_server.stop()
    client = guard(CLUSTER, trusted(issuer), access_cluster_dir=str(api_server.folder))
    assert get(client, issuer.token(groups=["lab"])).status_code == 200
    assert get(client, api_server.token()).status_code == 503


@pytest.mark.parametrize("answer", [as_json([]), as_json({}), as_json({"issuer": ""}), Answer(403)], ids=str)
def test_without_the_name_of_the_issuer_tokens_are_not_accepted(
    guard: Guard, api_server: TestApiServer, answer: Answer
) -> None:
    api_server.answers[DISCOVERY] = answer
    client = guard(CLUSTER, access_cluster_dir=str(api_server.folder))
    assert get(client, api_server.token(iss="")).status_code == 401
    assert get(client, api_server.token()).status_code == 503
