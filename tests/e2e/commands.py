"""The commands of the inventory image."""

from tests.e2e.cluster import Cluster
from tests.e2e.release import Release


def command(cluster: Cluster, release: Release, *arguments: str) -> list[str]:
    """What a command of inventory's prints that runs in a pod of its own, made like a worker's."""
    worker = cluster.get("Deployment", release.fullname("inventory", "worker"), release.namespace)
    template = worker["spec"]["template"]
    name = f"inventory-{arguments[0]}"
    container = {**template["spec"]["containers"][0], "args": list(arguments)}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe", "lifecycle"):
        container.pop(probe, None)
    spec = {**template["spec"], "containers": [container], "restartPolicy": "Never"}
    # Not the worker's, or its service would find the pod
    labels = {**template["metadata"]["labels"], "app.kubernetes.io/component": "command"}
    metadata = {"name": name, "labels": labels}
    cluster.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}, release.namespace)
    done = cluster.wait_for_pod(name, release.namespace, "Succeeded", "Failed")
    lines = cluster.logs(name, release.namespace)
    assert done["status"]["phase"] == "Succeeded", lines
    cluster.gone("Pod", name, release.namespace)
    return lines
