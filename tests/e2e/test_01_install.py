"""Install in a namespace that enforces *restricted*, run `helm test`, and upgrade to the same values."""

from tests.e2e.cluster import is_ready, restarts
from tests.e2e.figures import Figures
from tests.e2e.release import Release, helm


def test_after_helm_install_every_pod_becomes_ready(release: Release, figures: Figures) -> None:
    figures.note("helm install to all Ready", release.seconds_to_ready, "s", below=30)
    names = {pod["metadata"]["labels"]["app.kubernetes.io/name"] for pod in release.pods() if is_ready(pod)}
    assert names == {"status", "inventory", "balances", "postgresql"}
    assert sum(restarts(pod) for pod in release.pods()) == 0


def test_helm_test_passes(release: Release) -> None:
    said = helm("test", release.name, "-n", release.namespace, "--timeout", "120s").stdout
    assert said.count("Phase:          Succeeded") == 3


def test_two_upgrades_to_the_same_values_change_nothing(release: Release) -> None:
    before = everything(release)
    for _ in range(2):
        release.upgrade()
    assert everything(release) == before


def everything(release: Release) -> dict[str, object]:
    """The generation of each object, or its content if it has no generation, and the names of the pods."""
    found: dict[str, object] = {}
    for kind in ("Secret", "ConfigMap", "ServiceAccount"):
        for one in release.cluster.all(kind, release.namespace, release.labels()):
            found[f"{kind} {one['metadata']['name']}"] = one.get("data")
    kinds = (
        "Deployment",
        "StatefulSet",
        "CronJob",
        "Ingress",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Service",
    )
    for kind in kinds:
        for one in release.cluster.all(kind, release.namespace, release.labels()):
            spec = {key: value for key, value in one["spec"].items() if value is not None}
            found[f"{kind} {one['metadata']['name']}"] = (one["metadata"].get("generation"), spec)
    for kind in ("Role", "RoleBinding"):
        for one in release.cluster.all(kind, release.namespace, release.labels()):
            found[f"{kind} {one['metadata']['name']}"] = one.get("rules") or one["subjects"]
    for pod in release.pods():
        found[f"Pod {pod['metadata']['name']}"] = pod["metadata"]["uid"]
    return found
