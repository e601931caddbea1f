"""Size of the images, start time of the services, and memory of the pods with few requests."""

import json

import pytest
from tests.e2e.cluster import Cluster, Object, moment
from tests.e2e.figures import Figures
from tests.e2e.memory import Memory
from tests.e2e.release import Release
from tests.e2e.waiting import NotYet, until

SERVICES = ("status", "inventory", "balances")

WEIGH = """
import os
print(sum(os.lstat(os.path.join(folder, name)).st_size for folder, _, names in os.walk("/app") for name in names))
"""
"""The files that an image adds to its base image are under /app."""

STARTED = """
import os, time
ticks = int(open("/proc/1/stat").read().rpartition(")")[2].split()[19])
print(time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + ticks / os.sysconf("SC_CLK_TCK"))
"""
"""The time at which the first process of the container started, by the node's clock."""


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_weighs_little_more_than_its_base(
    cluster: Cluster, release: Release, figures: Figures, service: str
) -> None:
    added = int(cluster.run_in(release.pod(service), release.namespace, "python", "-c", WEIGH)) / 1e6
    figures.note(f"image of {service}, over its base", added, "MB", below=80)
    assert added <= 80


@pytest.mark.parametrize(
    ("service", "component"),
    [("status", "api"), ("inventory", "api"), ("inventory", "worker"), ("balances", "api")],
)
def test_a_service_starts_quickly(
    cluster: Cluster, release: Release, figures: Figures, service: str, component: str
) -> None:
    """Measure an additional pod while the database is available; the number has no goal."""
    release.wait()
    before = release.pods(service, component)
    release.scale(service, len(before) + 1, component)
    release.wait()
    (pod,) = [
        one
        for one in release.pods(service, component)
        if one["metadata"]["uid"] not in {old["metadata"]["uid"] for old in before}
    ]
    name = pod["metadata"]["name"]
    started = float(cluster.run_in(name, release.namespace, "python", "-c", STARTED))
    lines = [json.loads(line) for line in cluster.logs(name, release.namespace)]
    # A pod listens on two ports: that of the service, and that of its metrics
    answers = max(moment(line["timestamp"]) for line in lines if line["event"] == "Listening")
    figures.note(f"start of {service} {component}: answers after", answers - started, "s", below=2)
    figures.note(f"start of {service} {component}: Ready within", became_ready(pod) + 1 - started, "s")
    release.scale(service, len(before), component)


def became_ready(pod: Object) -> float:
    """The time at which a condition became true; Kubernetes rounds it down to seconds."""
    (when,) = [one["lastTransitionTime"] for one in pod["status"]["conditions"] if one["type"] == "Ready"]
    return moment(when)


def test_a_pod_at_rest_holds_little(release: Release, memory: Memory, figures: Figures) -> None:
    release.wait()
    most = until("the metrics server reports all pods", lambda: of_all(release, memory), seconds=90)
    for component, held in sorted(most.items()):
        goal = None if component.startswith("postgresql") else 120 if component.startswith("status") else 80
        figures.note(f"memory at rest: {component}", held, "MiB", below=goal)


def of_all(release: Release, memory: Memory) -> dict[str, float]:
    """The highest memory use of each component."""
    now = memory.look("at rest")
    wanted = {
        f"{labels['app.kubernetes.io/name']} {labels['app.kubernetes.io/component']}"
        for labels in (pod["metadata"]["labels"] for pod in release.pods())
    }
    if missing := wanted - now.keys():
        raise NotYet(f"no numbers for {sorted(missing)}")
    return now
