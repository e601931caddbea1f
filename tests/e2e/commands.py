"""The commands of the inventory image."""

from tests.e2e.cluster import Cluster
from tests.e2e.release import Release


def command(cluster: Cluster, release: Release, *arguments: str) -> list[str]:
    """Run a command of inventory in a separate pod, which is like a worker's, and return its output."""
    worker = cluster.get("Deployment", release.fullname("inventory", "worker"), release.namespace)
    template = worker["spec"]["template"]
    name = f"inventory-{arguments[0]}"
    container = {**template["spec"]["containers"][0], "args": list(arguments)}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe", "lifecycle"):
        container.pop(probe, None)
    spec = {**template["spec"], "containers": [container], "restartPolicy": "Never"}
    # Not the worker's labels, because the Service of the worker would select the pod
    labels = {**template["metadata"]["labels"], "app.kubernetes.io/component": "command"}
    metadata = {"name": name, "labels": labels}
    cluster.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}, release.namespace)
    done = cluster.wait_for_pod(name, release.namespace, "Succeeded", "Failed")
    lines = cluster.logs(name, release.namespace)
    assert done["status"]["phase"] == "Succeeded", lines
    cluster.gone("Pod", name, release.namespace)
    return lines
