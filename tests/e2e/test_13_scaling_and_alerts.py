"""Load adds pods, and an alert fires for a service without pods. Both take minutes and run at the same time."""

from collections.abc import Callable, Iterator

import pytest
from tests.e2e.cluster import Cluster
from tests.e2e.figures import Figures
from tests.e2e.prometheus import Prometheus
from tests.e2e.release import Release
from tests.e2e.traffic import Ask, Traffic
from tests.e2e.waiting import NotYet, until

AUTOSCALING = {"enabled": True, "minReplicas": 1, "maxReplicas": 3, "cpuPercent": 80, "scaleDownSeconds": 15}
LOAD = (Ask("GET", "/inventory/v1/instruments"), Ask("GET", "/inventory/v1/sites"))


@pytest.fixture(scope="module", autouse=True)
def scene(release: Release) -> Iterator[None]:
    """Turn on the autoscaler of inventory's API, and scale status to 0 pods; both begin at once, to save minutes."""
    release.wait()
    release.upgrade({"inventory": {"api": {"autoscaling": AUTOSCALING}}})
    release.scale("status", 0)
    yield
    release.scale("status", 2)
    # The autoscaler owns the number of pods, and helm 4 overwrites it only with --force-conflicts (chart's README)
    release.upgrade(force=True)
    release.wait()


def test_load_brings_more_pods_and_its_end_takes_them_away(
    cluster: Cluster,
    release: Release,
    traffic: Callable[..., Traffic],
    figures: Figures,
) -> None:
    autoscaled = release.fullname("inventory")
    until("there is no load: one pod", lambda: pods(cluster, release, autoscaled, exactly=1), seconds=120)
    with traffic(LOAD).flowing() as flow:
        until("there is load: more pods", lambda: pods(cluster, release, autoscaled, least=2), seconds=120)
        seen = cluster.get("HorizontalPodAutoscaler", autoscaled, release.namespace)["status"]
    until(
        "the load has ended: the pods are removed",
        lambda: pods(cluster, release, autoscaled, exactly=1),
        seconds=180,
    )
    used = seen["currentMetrics"][0]["resource"]["current"]["averageUtilization"]
    figures.failures("scaling by load", flow.failed, flow.requests)
    figures.said("load seen by the autoscaler", f"{used} % of what is requested", "80 %")
    assert used > AUTOSCALING["cpuPercent"]
    assert flow.failed == 0, flow.summary()


def pods(
    cluster: Cluster, release: Release, name: str, *, least: int = 0, exactly: int | None = None
) -> None:
    """Raise `NotYet` unless the API has this number of ready pods."""
    status = cluster.get("Deployment", name, release.namespace)["status"]
    ready = status.get("readyReplicas", 0)
    if ready < least or (exactly is not None and {ready, status.get("replicas", 0)} != {exactly}):
        scaler = cluster.get("HorizontalPodAutoscaler", name, release.namespace)["status"]
        raise NotYet(f"{ready} are ready; {scaler.get('currentMetrics')}, {scaler.get('conditions')}")


def test_an_alert_fires_when_a_service_is_away(release: Release, prometheus: Prometheus) -> None:
    def look() -> None:
        if ("BenchtopDown", "status") not in (firing := prometheus.firing(release.namespace)):
            raise NotYet(f"firing: {firing}")

    until("BenchtopDown fires for status", look, seconds=150)


def test_the_alert_clears_when_it_is_back(release: Release, prometheus: Prometheus) -> None:
    release.scale("status", 2)

    def look() -> None:
        if ("BenchtopDown", "status") in (firing := prometheus.firing(release.namespace)):
            raise NotYet(f"firing: {firing}")

    until("BenchtopDown clears", look, seconds=90)
