"""Tokens of ServiceAccounts, roles, and the RBAC of the cluster, in a release of its own."""

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from tests.charts.test_routing import OPERATIONS
from tests.e2e.cluster import Cluster, kubectl
from tests.e2e.conftest import ROOT, Target, namespaces_of_our_own
from tests.e2e.figures import Figures
from tests.e2e.ingress import EACH_SERVICE, answered
from tests.e2e.release import CHARTS, Release, helm, merged
from tests.e2e.tokens import Token, account
from tests.e2e.traffic import MIXED, Traffic
from tests.e2e.waiting import NotYet, until

from chassis.access.permissions import ROLES, permissions_of
from chassis.web.operations import Operation

SPACE = "benchtop-e2e-access"
HOST = "benchtop-e2e-access.example"
SERVICES = ("status", "inventory", "balances")
NOBODY = "nobody"
ASKED = 8
"""Requests that reach each of two replicas: the Ingress controller takes them in turn."""
SECONDS = 10.0
"""Time within which a RoleBinding and its deletion count."""

GIVEN = {
    "global": {"access": {"roles": {role: [f"serviceaccount:{SPACE}/{role}"] for role in ROLES}}},
    "balances": {"access": {"roles": {"admin": [f"serviceaccount:{SPACE}/admin"]}}},
}
"""Values with a role for each account of its name; only the admin may read money."""

RBAC = {"global": {"access": {"authorizer": "kubernetes"}}}
OPEN = {"global": {"access": {"mode": "open", "openToNetwork": True}}}


@pytest.fixture(scope="module")
def tokens(cluster: Cluster) -> Iterator[Mapping[str, Token]]:
    """A token of each account: one for each role, and one for nobody."""
    with namespaces_of_our_own(cluster, SPACE):
        yield {name: account(cluster, SPACE, name) for name in (*ROLES, NOBODY)}


@pytest.fixture(scope="module")
def own(
    cluster: Cluster, images: Target, feed_url: str, elsewhere: str, tokens: Mapping[str, Token]
) -> Release:
    """A release that is open to everybody at first."""
    assert tokens
    namespace = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": elsewhere}}}
    values: dict[str, Any] = {
        name: {"image": {"repository": images.prefix + name, "tag": images.tag}} for name in SERVICES
    }
    values["balances"] |= {
        "feeds": [{"name": "bank", "url": feed_url, "currency": "CAD"}],
        "networkPolicy": {"feeds": [namespace]},
    }
    values |= {"ingress": {"host": HOST}, "postgresql": {"enabled": True}}
    found = Release(cluster, "benchtop", SPACE, values)
    found.values = merged(values, OPEN)
    found.install()
    found.values = values
    return found


@pytest.fixture(scope="module")
def client(own: Release, images: Target) -> Iterator[httpx.Client]:
    """A client without a token."""
    with httpx.Client(base_url=images.url, headers={"Host": own.host}, timeout=30, trust_env=False) as found:
        for path in EACH_SERVICE:
            answered(found, path)
        yield found


def test_an_open_release_needs_no_token(client: httpx.Client) -> None:
    client.post("/balances/v1/refresh").raise_for_status()
    assert client.get("/inventory/v1/sites").status_code == 200


def test_an_upgrade_from_open_to_token_fails_no_request_with_a_token(
    own: Release, client: httpx.Client, tokens: Mapping[str, Token], figures: Figures
) -> None:
    with Traffic(str(client.base_url), HOST, MIXED, tokens["admin"]).flowing() as flow:
        own.upgrade(GIVEN)
        own.wait()
    figures.failures("upgrade from open to token", flow.failed, flow.requests)
    assert flow.cut_short == ""
    assert flow.failed == 0, flow.summary()
    assert flow.requests > 100
    assert client.get("/inventory/v1/sites").status_code == 401


def test_a_token_has_the_role_of_its_account(client: httpx.Client, tokens: Mapping[str, Token]) -> None:
    site = {"name": "Attic"}
    asked = {
        name: [
            client.get("/inventory/v1/sites", auth=token).status_code,
            client.post("/inventory/v1/sites", json=site, auth=token).status_code,
            client.delete("/inventory/v1/sites/999999", headers={"If-Match": '"1"'}, auth=token).status_code,
            client.get("/balances/v1/balances/total", auth=token).status_code,
        ]
        for name, token in tokens.items()
    }
    assert asked == {
        "viewer": [200, 403, 403, 403],
        "member": [200, 403, 403, 403],
        "keeper": [200, 201, 403, 403],
        "admin": [200, 201, 404, 200],
        NOBODY: [403, 403, 403, 403],
    }


def test_a_refusal_says_who_may_not_do_what(client: httpx.Client, tokens: Mapping[str, Token]) -> None:
    answer = client.post("/inventory/v1/sites", json={"name": "Attic"}, auth=tokens["viewer"])
    assert f"system:serviceaccount:{SPACE}:viewer may not create sites" in answer.json()["detail"]


@pytest.mark.parametrize("audience", ["elsewhere", "https://kubernetes.default.svc.cluster.local"])
def test_a_token_for_another_audience_is_refused(client: httpx.Client, audience: str) -> None:
    answer = client.get("/inventory/v1/sites", auth=Token(SPACE, "admin", audience))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_helm_test_passes(own: Release) -> None:
    assert helm("test", own.name, "-n", SPACE, "--timeout", "120s").stdout.count("Succeeded") >= 3


# The RBAC of the cluster decides


@pytest.fixture(scope="module")
def rbac(own: Release) -> None:
    """Let the RBAC of the cluster decide."""
    own.upgrade(RBAC)
    own.wait()


def bind(role: str, name: str) -> None:
    """Bind an account to a Role."""
    kubectl(
        *("create", "rolebinding", name, "-n", SPACE, f"--role={role}", f"--serviceaccount={SPACE}:{name}")
    )


def status_within(client: httpx.Client, token: Token, wanted: int) -> float:
    """Request the sites until every replica gives the wanted status, and return the seconds that this took."""
    start = time.monotonic()

    def look() -> None:
        statuses = {client.get("/inventory/v1/sites", auth=token).status_code for _ in range(ASKED)}
        if statuses != {wanted}:
            raise NotYet(str(statuses))

    until(f"the status is {wanted}", look, seconds=SECONDS)
    return time.monotonic() - start


@pytest.mark.usefixtures("rbac")
def test_a_role_binding_gives_a_right_and_its_deletion_takes_it(
    client: httpx.Client, cluster: Cluster, tokens: Mapping[str, Token], figures: Figures
) -> None:
    for _ in range(4):  # each replica has asked, and knows that it is not allowed
        assert client.get("/inventory/v1/sites", auth=tokens[NOBODY]).status_code == 403
    bind("benchtop-viewer", NOBODY)
    figures.note("a RoleBinding counts after", status_within(client, tokens[NOBODY], 200), "s", below=SECONDS)
    cluster.delete("RoleBinding", NOBODY, SPACE)
    figures.note("its deletion counts after", status_within(client, tokens[NOBODY], 403), "s", below=SECONDS)


@pytest.mark.usefixtures("rbac")
def test_the_role_of_one_service_gives_nothing_in_another(
    client: httpx.Client, cluster: Cluster, tokens: Mapping[str, Token]
) -> None:
    bind("benchtop-inventory-viewer", NOBODY)
    status_within(client, tokens[NOBODY], 200)
    assert client.get("/balances/v1/balances/total", auth=tokens[NOBODY]).status_code == 403
    cluster.delete("RoleBinding", NOBODY, SPACE)
    status_within(client, tokens[NOBODY], 403)


@pytest.fixture(scope="module")
def bound(rbac: None, client: httpx.Client, tokens: Mapping[str, Token]) -> None:
    """Bind the account of each role to the Role of that name."""
    del rbac
    for role in ROLES:
        bind(f"benchtop-{role}", role)
        status_within(client, tokens[role], 200)


def listed(name: str) -> set[tuple[str, str]]:
    """The verbs and resources of Benchtop that an account has, as kubectl says."""
    who = f"system:serviceaccount:{SPACE}:{name}"
    lines = kubectl("auth", "can-i", "--list", "-n", SPACE, "--as", who).splitlines()
    rows = [re.fullmatch(r"(\w+)\.benchtop\.dev\s.*\[([\w ]+)\]\s*", line) for line in lines]
    return {(verb, row[1]) for row in rows if row for verb in row[2].split()}


NEEDING = [
    (service, operation)
    for service in SERVICES
    for operation in OPERATIONS[service]
    if permissions_of(operation.needs)
]


def called(client: httpx.Client, service: str, operation: Operation, token: Token) -> httpx.Response:
    """Send the request of an operation, without a body and with parameters that name nothing."""
    path = re.sub(r"\{\w+\}", "0", operation.path)
    return client.request(operation.method, f"/{service}{path}", auth=token)


@pytest.mark.usefixtures("bound")
@pytest.mark.parametrize("name", [*ROLES, NOBODY])
def test_kubectl_and_benchtop_agree_about_every_operation(
    client: httpx.Client, tokens: Mapping[str, Token], name: str
) -> None:
    held = listed(name)
    assert bool(held) is (name != NOBODY)
    wrong = []
    for service, operation in NEEDING:
        answer = called(client, service, operation, tokens[name])
        may = all((one.verb, one.resource) in held for one in permissions_of(operation.needs))
        if (answer.status_code != 403) is not may or answer.status_code in (401, 503):
            wrong.append(f"{operation.method} {operation.path}: {answer.status_code} {answer.text[:100]}")
    assert wrong == []


@pytest.mark.usefixtures("rbac")
def test_helm_test_and_the_first_person_have_their_roles(own: Release, client: httpx.Client) -> None:
    assert helm("test", own.name, "-n", SPACE, "--timeout", "120s").stdout.count("Succeeded") >= 3
    first = Token(SPACE, f"{own.name}-admin")
    for service, operation in NEEDING:
        if operation.method == "DELETE":
            assert called(client, service, operation, first).status_code != 403


# Who may install


BOSS = ("--kube-as-user", "boss")


@pytest.fixture
def space_of_an_admin(cluster: Cluster) -> Iterator[str]:
    """A namespace, of which `boss` is the admin and nothing more."""
    name = f"{SPACE}-boss"
    with namespaces_of_our_own(cluster, name):
        kubectl("create", "rolebinding", "boss", "-n", name, "--clusterrole=admin", "--user=boss")
        yield name


def test_the_admin_of_a_namespace_may_install_and_with_a_cluster_role_also_the_roles(
    space_of_an_admin: str, images: Target
) -> None:
    values = {"image": {"repository": f"{images.prefix}status", "tag": images.tag}}
    chart = [str(CHARTS / "status"), "-n", space_of_an_admin, *BOSS]
    helm("install", "status", *chart, values=values)
    rbac = {**values, "access": {"authorizer": "kubernetes"}}
    refused = helm("upgrade", "status", *chart, values=rbac, check=False)
    assert refused.returncode != 0
    assert "attempting to grant RBAC permissions not currently held" in refused.stderr
    kubectl("apply", "-k", str(ROOT / "k8s/access"))
    try:

        def look() -> None:  # the controller adds the rules to the ClusterRole admin
            done = helm("upgrade", "status", *chart, values=rbac, check=False)
            if done.returncode:
                raise NotYet(done.stderr[:500])

        until("the admin may create the Roles", look, seconds=60, every=1)
    finally:
        kubectl("delete", "-k", str(ROOT / "k8s/access"))
