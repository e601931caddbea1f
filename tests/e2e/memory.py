"""Memory use of the pods, as the metrics server reports it."""

from collections import defaultdict

from tests.e2e.cluster import Cluster
from tests.e2e.release import Release

MIB = 1024


class Memory:
    """The highest memory use of a pod of each component, in MiB."""

    def __init__(self, cluster: Cluster, release: Release) -> None:
        self._cluster, self._release = cluster, release
        self.most: dict[str, dict[str, float]] = defaultdict(dict)

    def look(self, when: str) -> dict[str, float]:
        """Record the present memory use of each pod, if it is the highest of its component."""
        now: dict[str, float] = {}
        for one in self._cluster.all("PodMetrics", self._release.namespace, self._release.labels()):
            labels = one["metadata"]["labels"]
            component = f"{labels['app.kubernetes.io/name']} {labels['app.kubernetes.io/component']}"
            held = sum(kibibytes(container["usage"]["memory"]) for container in one["containers"]) / MIB
            now[component] = max(now.get(component, 0), held)
        for component, held in now.items():
            self.most[when][component] = max(self.most[when].get(component, 0), held)
        return now


def kibibytes(quantity: str) -> float:
    """Convert a quantity of memory in the format of the metrics server to MiB."""
    for suffix, factor in (("Ki", 1.0), ("Mi", 1024.0), ("Gi", 1024.0**2)):
        if quantity.endswith(suffix):
            return float(quantity.removesuffix(suffix)) * factor
    return float(quantity) / 1024
