"""Other routes: HTTPRoutes of the Gateway API, and a host for each service with its original paths at the root."""

from collections.abc import Iterator

import httpx
import pytest
from tests.e2e.cluster import Cluster
from tests.e2e.conftest import Target
from tests.e2e.ingress import EACH_SERVICE, answered
from tests.e2e.release import Release
from tests.e2e.tokens import Token

GATEWAY_HOST = "benchtop-e2e-gateway.example"
HOSTS = {name: f"{name}.benchtop-e2e.example" for name in ("status", "inventory", "balances")}


@pytest.fixture
def ask(images: Target, admin: Token) -> Iterator[httpx.Client]:
    """A client that sets the Host header of each request."""
    with httpx.Client(base_url=images.url, auth=admin, timeout=30, trust_env=False) as client:
        yield client


def test_the_gateway_serves_instead_of_an_ingress(
    cluster: Cluster, release: Release, images: Target, ask: httpx.Client
) -> None:
    namespace, _, name = images.gateway.rpartition("/")
    parent = {"name": name, "namespace": namespace}
    release.upgrade(
        {
            "ingress": {"enabled": False, "host": GATEWAY_HOST},
            "httpRoute": {"enabled": True, "parentRefs": [parent]},
        }
    )
    assert cluster.all("Ingress", release.namespace) == []
    for path in (
        "/",
        "/health",
        "/metadata",
        "/status/health",
        "/inventory/sites",
        "/balances/v1/balances/total",
    ):
        answered(ask, path, GATEWAY_HOST)
    assert ask.get("/metrics", headers={"Host": GATEWAY_HOST}).status_code == 404
    (route,) = cluster.all("HTTPRoute", release.namespace)
    (status,) = route["status"]["parents"]
    assert {one["type"]: one["status"] for one in status["conditions"]}["Accepted"] == "True"


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("status", "/"),
        ("status", "/metadata"),
        ("inventory", "/health"),
        ("inventory", "/ping"),
        ("inventory", "/ping/"),
        ("inventory", "/users"),
        ("inventory", "/users/1"),
        ("inventory", "/events/"),
        ("inventory", "/sites"),
        ("inventory", "/sites/"),
        ("inventory", "/sites/0/2"),
        ("inventory", "/site/1"),
        ("inventory", "/freezers"),
        ("inventory", "/computer/1"),
        ("inventory", "/containers"),
        ("inventory", "/instruments/"),
        ("inventory", "/docs"),
        ("balances", "/v1/balances/daily"),
    ],
)
@pytest.mark.usefixtures("own_hosts")
def test_on_a_host_of_its_own_a_service_has_its_paths_at_the_root(
    ask: httpx.Client, service: str, path: str
) -> None:
    answered(ask, path, HOSTS[service])


@pytest.mark.usefixtures("own_hosts")
def test_on_a_host_of_its_own_a_service_hides_its_metrics_too(ask: httpx.Client) -> None:
    for host in HOSTS.values():
        assert ask.get("/metrics", headers={"Host": host}).status_code == 404


@pytest.fixture(scope="module")
def own_hosts(cluster: Cluster, release: Release, ingress: httpx.Client) -> Iterator[None]:
    cluster.run_in(release.pod("inventory"), release.namespace, "inventory", "seed")
    release.upgrade({"ingress": {"host": "", "hosts": HOSTS}})
    yield
    release.upgrade()
    for path in EACH_SERVICE:
        answered(ingress, path)
