"""The cluster of the current kube context: its objects as dictionaries, and commands in its pods."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from kubernetes import client, config, dynamic
from kubernetes.dynamic.exceptions import NotFoundError, ResourceNotFoundError
from tests.e2e.waiting import NotYet, until

Object = dict[str, Any]

VERSIONS = {
    "ConfigMap": "v1",
    "Namespace": "v1",
    "Node": "v1",
    "PersistentVolumeClaim": "v1",
    "Pod": "v1",
    "Secret": "v1",
    "Service": "v1",
    "ServiceAccount": "v1",
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "CronJob": "batch/v1",
    "Job": "batch/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "Ingress": "networking.k8s.io/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "PodDisruptionBudget": "policy/v1",
    "Role": "rbac.authorization.k8s.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "PodMetrics": "metrics.k8s.io/v1beta1",
    "PrometheusRule": "monitoring.coreos.com/v1",
    "ServiceMonitor": "monitoring.coreos.com/v1",
}
MERGE = "application/merge-patch+json"


class Cluster:
    """Access to the Kubernetes API, and to the commands that only kubectl has."""

    def __init__(self) -> None:
        config.load_kube_config()  # type: ignore[no-untyped-call]  # the library has no types
        self._api = dynamic.DynamicClient(client.ApiClient())  # type: ignore[no-untyped-call]  # as above

    def _kind(self, kind: str) -> Any:
        return self._api.resources.get(kind=kind, api_version=VERSIONS[kind])

    def has(self, kind: str) -> bool:
        """Whether the cluster has this kind of object."""
        try:
            self._kind(kind)
        except ResourceNotFoundError:
            return False
        return True

    def find(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        """One object, or None."""
        try:
            found: Object = self._kind(kind).get(name=name, namespace=namespace).to_dict()
        except NotFoundError:
            return None
        return found

    def get(self, kind: str, name: str, namespace: str | None = None) -> Object:
        """One object, which must exist."""
        found: Object = self._kind(kind).get(name=name, namespace=namespace).to_dict()
        return found

    def all(
        self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None
    ) -> list[Object]:
        """The objects of a kind that have these labels."""
        selector = ",".join(f"{name}={value}" for name, value in (labels or {}).items())
        found = self._kind(kind).get(namespace=namespace, label_selector=selector)
        items: list[Object] = found.to_dict()["items"]
        return items

    def create(self, body: Object, namespace: str | None = None) -> Object:
        """Create an object."""
        made: Object = self._kind(body["kind"]).create(body=body, namespace=namespace).to_dict()
        return made

    def patch(self, kind: str, name: str, namespace: str, change: Object) -> None:
        """Change an object."""
        self._kind(kind).patch(name=name, namespace=namespace, body=change, content_type=MERGE)

    def scale(self, kind: str, name: str, namespace: str, replicas: int) -> None:
        """Set the number of pods."""
        self.patch(kind, name, namespace, {"spec": {"replicas": replicas}})

    def delete(self, kind: str, name: str, namespace: str | None = None) -> None:
        """Begin to delete an object, which may not exist."""
        try:
            self._kind(kind).delete(name=name, namespace=namespace)
        except NotFoundError:
            return

    def gone(self, kind: str, name: str, namespace: str | None = None, *, seconds: float = 90) -> None:
        """Delete an object, and wait until it is gone."""
        self.delete(kind, name, namespace)

        def look() -> None:
            if found := self.find(kind, name, namespace):
                raise NotYet(json.dumps(found.get("status", {})))

        until(f"{kind} {name} is gone", look, seconds=seconds)

    def wait_for_pod(self, name: str, namespace: str, *phases: str, seconds: float = 60) -> Object:
        """Wait until the pod is in one of these phases, or ready if no phase is given, and return it."""

        def look() -> Object:
            pod = self.find("Pod", name, namespace)
            if not pod:
                raise NotYet("there is no such pod")
            if not (pod["status"]["phase"] in phases if phases else is_ready(pod)):
                raise NotYet(describe(pod))
            return pod

        return until(f"pod {name} is {' or '.join(phases) or 'ready'}", look, seconds=seconds)

    def run_in(self, pod: str, namespace: str, *command: str, given: str | None = None) -> str:
        """Run a command in a pod and return its output."""
        return kubectl("exec", "-i", "-n", namespace, pod, "--", *command, given=given)

    def logs(self, pod: str, namespace: str) -> list[str]:
        """The log lines of a pod."""
        return kubectl("logs", "-n", namespace, pod).splitlines()


def kubectl(*arguments: str, given: str | None = None) -> str:
    """Run kubectl and return its output."""
    done = subprocess.run(
        ["kubectl", *arguments], input=given, capture_output=True, text=True, check=False, timeout=180
    )
    if done.returncode:
        raise RuntimeError(f"kubectl {' '.join(arguments)}: {done.stderr or done.stdout}")
    return done.stdout


@contextmanager
def forwarded(namespace: str, target: str, port: int) -> Iterator[str]:
    """Forward a port of `target` (`service/loki`, `pod/x`) and return its URL on this machine."""
    command = ["kubectl", "port-forward", "-n", namespace, "--address", "127.0.0.1", target, f":{port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout
            said = process.stdout.readline()
            found = re.match(r"Forwarding from 127\.0\.0\.1:(\d+)", said)
            if not found:
                raise RuntimeError(f"{' '.join(command)}: {said}{process.stdout.read()}")
            yield f"http://127.0.0.1:{found[1]}"
        finally:
            process.terminate()


def is_ready(pod: Object) -> bool:
    """Whether a pod is ready and not terminating."""
    return condition(pod, "Ready") and "deletionTimestamp" not in pod["metadata"]


def condition(pod: Object, kind: str) -> bool:
    """Whether a condition of a pod is true."""
    conditions: Sequence[Object] = pod["status"].get("conditions", ())
    return any(one["type"] == kind and one["status"] == "True" for one in conditions)


def restarts(pod: Object) -> int:
    """How often the containers of a pod were restarted."""
    return sum(one["restartCount"] for one in pod["status"].get("containerStatuses", ()))


def describe(pod: Object) -> str:
    """A line for messages that describes the state of a pod."""
    words = [pod["metadata"]["name"], pod["status"]["phase"]]
    words += ["ready" if is_ready(pod) else "not ready", f"{restarts(pod)} restarts"]
    if "deletionTimestamp" in pod["metadata"]:
        words.append("terminating")
    for one in pod["status"].get("conditions", ()):
        if one["type"] == "PodScheduled" and one["status"] != "True":
            words.append(one["message"])
    for container in pod["status"].get("containerStatuses", ()):
        for state in container["state"].values():
            words += [str(state[key]) for key in ("reason", "message") if state and state.get(key)]
    return " ".join(words)


def moment(text: str) -> float:
    """Convert a time in the format of Kubernetes to seconds since 1970."""
    return datetime.fromisoformat(text).timestamp()
