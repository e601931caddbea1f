"""Installs the umbrella chart with helm."""

import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.cluster import Cluster, Object, describe, is_ready
from tests.e2e.waiting import NotYet, until

CHARTS = Path(__file__).parents[2] / "charts"
WORKLOADS = ("Deployment", "StatefulSet")

Values = Mapping[str, Any]


def helm(
    *arguments: str, values: Values | None = None, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run helm."""
    command = ["helm", *arguments, *(["--values", "-"] if values is not None else [])]
    given = None if values is None else json.dumps(values)
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=300)
    if check and done.returncode:
        pytest.fail(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done


def merged(base: Values, change: Values) -> dict[str, Any]:
    """The values of `base`, with those of `change` merged into them at any depth."""
    result = dict(base)
    for name, value in change.items():
        old = result.get(name)
        result[name] = (
            merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
        )
    return result


class Release:
    """A release of a chart in a namespace."""

    def __init__(
        self, cluster: Cluster, name: str, namespace: str, values: Values, charts: Path = CHARTS
    ) -> None:
        self.cluster = cluster
        self.name = name
        self.namespace = namespace
        self.values = values
        self.charts = charts
        self.host: str = values["ingress"]["host"]
        self.installed_at = 0.0
        self.seconds_to_ready = 0.0

    def install(self) -> None:
        """Install the chart, and wait until all pods are ready."""
        start = time.monotonic()
        self.installed_at = self.installed_at or time.time()
        helm("install", self.name, str(self.charts / "benchtop"), "-n", self.namespace, values=self.values)
        self.wait(seconds=180)
        self.seconds_to_ready = time.monotonic() - start

    def upgrade(self, change: Values | None = None, *, force: bool = False) -> None:
        """Upgrade the release with its values and a change, which the next upgrade undoes.

        With `force`, overwrite fields that another client has set, such as the autoscaler; helm 3 always does so.
        """
        values = merged(self.values, change or {})
        forced = (
            ["--force-conflicts"] if force and not helm("version", "--short").stdout.startswith("v3") else []
        )
        helm(
            "upgrade", self.name, str(self.charts / "benchtop"), "-n", self.namespace, *forced, values=values
        )

    def wait(self, *, seconds: float = 120) -> None:
        """Wait until every workload is up to date, and all old pods are gone."""
        until(f"all of {self.name} is ready", self._look, seconds=seconds)

    def _look(self) -> None:
        for kind in WORKLOADS:
            for workload in self.cluster.all(kind, self.namespace, self.labels()):
                wanted, status = workload["spec"]["replicas"], workload["status"]
                seen = status.get("observedGeneration") == workload["metadata"]["generation"]
                counts = {key: status.get(key, 0) for key in ("replicas", "readyReplicas", "updatedReplicas")}
                # The updatedReplicas of a StatefulSet that was scaled to 0 keep their old value
                if not seen or any(count != wanted for count in counts.values() if wanted or count):
                    pods = "; ".join(describe(pod) for pod in self.pods() if not is_ready(pod))
                    raise NotYet(f"{workload['metadata']['name']}: {wanted} wanted, {counts}; {pods}")
        for pod in self.pods():
            if not is_ready(pod):
                raise NotYet(describe(pod))

    def labels(self, chart: str = "", component: str = "") -> dict[str, str]:
        """The labels by which the objects are selected."""
        found = {"app.kubernetes.io/instance": self.name}
        if chart:
            found["app.kubernetes.io/name"] = chart
        if component:
            found["app.kubernetes.io/component"] = component
        return found

    def pods(self, chart: str = "", component: str = "") -> list[Object]:
        """The running pods, including those that are not ready or terminating."""
        found = self.cluster.all("Pod", self.namespace, self.labels(chart, component))
        owners = {"ReplicaSet", "StatefulSet"}
        return [
            pod
            for pod in found
            if {one["kind"] for one in pod["metadata"].get("ownerReferences", ())} & owners
        ]

    def pod(self, chart: str, component: str = "api") -> str:
        """The name of one ready pod."""
        name: str = next(pod["metadata"]["name"] for pod in self.pods(chart, component) if is_ready(pod))
        return name

    def services_pods(self) -> list[Object]:
        """The pods of Benchtop's own services: all but the trial database."""
        return [
            pod for pod in self.pods() if pod["metadata"]["labels"]["app.kubernetes.io/name"] != "postgresql"
        ]

    def fullname(self, chart: str, component: str = "api") -> str:
        """The name of the objects of a component."""
        return f"{self.name}-{chart}" + ("" if component == "api" else f"-{component}")

    def scale(self, chart: str, replicas: int, component: str = "api") -> None:
        """Set the number of pods of a component."""
        self.cluster.scale("Deployment", self.fullname(chart, component), self.namespace, replicas)

    def sql(self, statement: str) -> str:
        """Run a statement on the trial PostgreSQL as its superuser, and return the output."""
        command = ("psql", "--username", "postgres", "--dbname", "benchtop", "--tuples-only", "--no-align")
        return self.cluster.run_in(
            f"{self.name}-postgresql-0", self.namespace, *command, "--command", statement
        ).strip()
