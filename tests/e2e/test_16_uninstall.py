"""After helm uninstall, only the data and secrets are left; after a new installation, the data is there again."""

import httpx
from tests.e2e.cluster import VERSIONS, Cluster
from tests.e2e.ingress import answered
from tests.e2e.release import Release, helm
from tests.e2e.waiting import NotYet, until

KEPT = {
    "PersistentVolumeClaim data-benchtop-postgresql-0",
    "Secret benchtop-postgresql-postgres",
    "Secret benchtop-postgresql-inventory",
    "Secret benchtop-postgresql-balances",
    "Secret benchtop-session",
}
NOT_HELMS = {"Namespace", "Node", "PodMetrics"}


def test_uninstall_leaves_the_data_alone_and_install_finds_it_again(
    cluster: Cluster, release: Release, ingress: httpx.Client
) -> None:
    ingress.post("/balances/v1/refresh").raise_for_status()
    ingress.post("/inventory/site/4711", json={"name": "Kept"}).raise_for_status()
    helm("uninstall", release.name, "-n", release.namespace)

    def look() -> None:
        if (left := everything(cluster, release)) != KEPT:
            raise NotYet(f"there are {sorted(left)}")

    until("only the data is left", look, seconds=120)
    release.install()
    assert answered(ingress, "/inventory/site/4711").json()["name"] == "Kept"
    assert answered(ingress, "/balances/v1/balances/total").json()["total"] == "18377.16"


def everything(cluster: Cluster, release: Release) -> set[str]:
    """The objects of the release."""
    found = set()
    for kind in VERSIONS.keys() - NOT_HELMS:
        if cluster.has(kind):
            for one in cluster.all(kind, release.namespace, release.labels()):
                found.add(f"{kind} {one['metadata']['name']}")
    return found
