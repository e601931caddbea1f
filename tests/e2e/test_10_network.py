"""Each pod can open the connections in docs/architecture.md, and no others."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
from tests.e2e import outside
from tests.e2e.cluster import Cluster, Object
from tests.e2e.conftest import Target
from tests.e2e.release import Release
from tests.e2e.waiting import NotYet, until

DNS = "name resolution"
API_SERVER = "the API server"

DRAWN: Mapping[str, set[str]] = {
    "status api": {DNS, API_SERVER, "status api", "inventory api", "balances api"},
    "inventory api": {DNS, API_SERVER, "status api", "postgresql database"},
    "inventory worker": {DNS, "postgresql database"},
    "balances api": {DNS, API_SERVER, "status api", "postgresql database", "feed"},
    "balances refresh": {DNS, "postgresql database", "feed"},
    "postgresql database": set(),
    # The pod of `helm test`
    "status test": {DNS, "status api"},
    "inventory test": {DNS, "inventory api"},
    "balances test": {DNS, "balances api"},
}
"""The pods that each pod can reach. The database cannot even use DNS."""

SERVICES = {"status api", "inventory api", "inventory worker", "balances api"}
BENCHTOP = SERVICES | {"postgresql database"}
METRICS = {who: f"metrics of {who}" for who in SERVICES}

IN_PYTHON = """
import json, socket, sys, concurrent.futures
def reached(address):
    try:
        if address == "name resolution":
            return bool(socket.getaddrinfo("kubernetes.default.svc.cluster.local", 443))
        host, _, port = address.rpartition(":")
        socket.create_connection((host, int(port)), timeout=2).close()
    except OSError:
        return False
    return True
addresses = sys.argv[1:]
with concurrent.futures.ThreadPoolExecutor(len(addresses)) as pool:
    print(json.dumps(dict(zip(addresses, pool.map(reached, addresses)))))
"""
IN_BASH = """
for address; do
  ( host=${address%:*} port=${address##*:}
    if [ "$address" = "name resolution" ]; then timeout 2 getent hosts kubernetes.default.svc.cluster.local
    else timeout 2 bash -c "</dev/tcp/$host/$port"; fi >/dev/null 2>&1 && echo "$address" ) &
done
wait
"""


class Place(NamedTuple):
    """A pod at one end of a connection."""

    who: str
    pod: str
    namespace: str
    address: str


@pytest.fixture(scope="module")
def places(cluster: Cluster, release: Release, images: Target, elsewhere: str) -> Iterator[list[Place]]:
    """Every pod of the release, and pods that stand for short-lived pods and for pods that may reach nothing."""
    made: list[tuple[str, str, dict[str, str]]] = [
        ("intruder", release.namespace, {}),
        ("benchtop-e2e-neighbour", "monitoring", {}),
    ]
    for chart, component in (
        ("balances", "refresh"),
        ("status", "test"),
        ("inventory", "test"),
        ("balances", "test"),
    ):
        made.append((f"{chart}-{component}", release.namespace, release.labels(chart, component)))
    try:
        for name, namespace, labels in made:
            cluster.create(outside.idle(name, images.image("balances"), labels), namespace)
        for name, namespace, _ in made:
            cluster.wait_for_pod(name, namespace)
        pods = release.pods() + [cluster.get("Pod", name, namespace) for name, namespace, _ in made]
        pods += [cluster.get("Pod", name, elsewhere) for name in ("stranger", "feed")]
        yield [place(pod) for pod in pods]
    finally:
        for name, namespace, _ in made:
            cluster.delete("Pod", name, namespace)


def place(pod: Object) -> Place:
    metadata = pod["metadata"]
    labels = metadata["labels"]
    chart, component = (labels.get(f"app.kubernetes.io/{key}") for key in ("name", "component"))
    who = f"{chart} {component}" if chart else labels["app"]
    return Place(who, metadata["name"], metadata["namespace"], pod["status"]["podIP"])


@pytest.fixture(scope="module")
def addresses(cluster: Cluster, places: list[Place]) -> dict[str, str]:
    """The possible targets by address: each pod of the release, and the cluster's own services."""
    found = {DNS: DNS}
    for one in places:
        if one.who in SERVICES:
            found[f"{one.address}:8000"] = one.who
            found[f"{one.address}:9000"] = METRICS[one.who]
        elif one.who in BENCHTOP:
            found[f"{one.address}:5432"] = one.who
        elif one.who == "feed":
            found[f"{one.address}:{outside.FEED_PORT}"] = one.who
    api = cluster.get("Service", "kubernetes", "default")
    found[f"{api['spec']['clusterIP']}:443"] = API_SERVER
    for service, port in (("prometheus", 9090), ("loki", 3100)):
        found[f"{cluster.get('Service', service, 'monitoring')['spec']['clusterIP']}:{port}"] = service
    node = cluster.all("Node")[0]
    (internal,) = [one["address"] for one in node["status"]["addresses"] if one["type"] == "InternalIP"]
    found[f"{internal}:10250"] = "the kubelet"
    return found


def reached(cluster: Cluster, source: Place, addresses: Mapping[str, str]) -> set[str]:
    """The targets that a pod can reach, without itself."""
    asked = [address for address in addresses if address.rpartition(":")[0] != source.address]
    if source.who == "postgresql database":
        answered = cluster.run_in(
            source.pod, source.namespace, "bash", "-c", IN_BASH, "bash", *asked
        ).splitlines()
    else:
        said = cluster.run_in(source.pod, source.namespace, "python", "-c", IN_PYTHON, *asked)
        answered = [address for address, open_ in json.loads(said).items() if open_]
    return {addresses[address] for address in answered}


def settled(
    cluster: Cluster, sources: list[Place], addresses: Mapping[str, str], expected: Mapping[str, set[str]]
) -> None:
    """Try all connections, and repeat this for some seconds until the network plugin has noticed the newest pods."""

    def look() -> None:
        with ThreadPoolExecutor(4) as pool:
            seen = list(pool.map(lambda source: reached(cluster, source, addresses), sources))
        wrong = [
            f"{source.pod} reaches {sorted(found)} and should reach {sorted(expected[source.who])}"
            for source, found in zip(sources, seen, strict=True)
            if found != expected[source.who]
        ]
        if wrong:
            raise NotYet("; ".join(wrong))

    until("each pod reaches the targets in docs/architecture.md, and no others", look, seconds=15)


def test_each_pod_reaches_what_is_drawn_and_nothing_else(
    cluster: Cluster, places: list[Place], addresses: dict[str, str]
) -> None:
    sources = [one for one in places if one.who in DRAWN]
    assert {one.who for one in sources} == DRAWN.keys()
    settled(cluster, sources, addresses, DRAWN)


def test_no_other_pod_reaches_benchtop_but_prometheus_its_metrics(
    cluster: Cluster, places: list[Place], addresses: dict[str, str]
) -> None:
    others = {
        "intruder": set(),
        "stranger": set(),
        "benchtop-e2e-neighbour": set(METRICS.values()),  # in the namespace of Prometheus
    }
    sources = [one for one in places if one.who in others]
    ours = {address: who for address, who in addresses.items() if who in BENCHTOP or who in METRICS.values()}
    settled(cluster, sources, ours, others)


def test_the_forbidden_addresses_are_reachable_without_a_policy(
    cluster: Cluster, places: list[Place], addresses: dict[str, str]
) -> None:
    (stranger,) = [one for one in places if one.who == "stranger"]
    assert {DNS, "feed", API_SERVER, "the kubelet"} <= reached(cluster, stranger, addresses)
