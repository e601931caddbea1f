"""The objects of `kubectl apply -k k8s`, checked without a cluster."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes_validate.utils import ValidationError, validate
from tests.k8s import queries
from tests.k8s.conftest import K8S, ROOT, Manifest

KUSTOMIZATIONS = sorted([*K8S.rglob("kustomization.yaml"), *queries.CHARTS.rglob("kustomization.yml")])
OPERATOR = "monitoring.coreos.com/v1"


def load(path: Path) -> Any:
    """Read a YAML file."""
    return yaml.safe_load(path.read_text())


def pods(manifests: list[Manifest]) -> dict[str, Any]:
    """The pod specifications, by the name of their workload."""
    return {
        one.object["metadata"]["name"]: one.object["spec"]["template"]["spec"]
        for one in manifests
        if one.object["kind"] in {"Deployment", "DaemonSet"}
    }


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_kustomization_names_what_is_there(path: Path) -> None:
    content = load(path)
    assert content["apiVersion"] == "kustomize.config.k8s.io/v1beta1"
    generated = [name for one in content.get("configMapGenerator", []) for name in one["files"]]
    assert [name for name in content.get("resources", []) if not (path.parent / name).exists()] == []
    assert [name for name in generated if not (path.parent / name).is_file()] == []


def test_all_at_once_leaves_out_only_what_needs_an_operator_or_changes_the_rights_of_admins() -> None:
    # The base of Prometheus includes the rules
    folders = {path.name for path in K8S.iterdir() if path.is_dir()}
    assert set(load(K8S / "kustomization.yaml")["resources"]) == folders - {"operator", "rules", "access"}


def test_every_object_fits_its_schema(manifests: list[Manifest]) -> None:
    for path, one in manifests:
        if one["apiVersion"] != OPERATOR:
            try:
                validate(one, "1.34", strict=True)
            except ValidationError as error:
                pytest.fail(f"{path}: {error}")


def test_every_rule_file_of_the_charts_is_mounted_by_prometheus(manifests: list[Manifest]) -> None:
    (rules,) = [volume for volume in pods(manifests)["prometheus"]["volumes"] if volume["name"] == "rules"]
    mounted = {source["configMap"]["name"] for source in rules["projected"]["sources"]}
    assert mounted == {f"rules-{path.parent.parent.name}" for path in queries.RULES}
    assert generated(queries.RULES) == queries.RULES


def test_every_dashboard_of_the_charts_becomes_a_config_map() -> None:
    assert generated(queries.DASHBOARDS) == queries.DASHBOARDS


def generated(paths: list[Path]) -> list[Path]:
    """The files from which kustomize makes ConfigMaps."""
    folders = sorted({path.parent for path in paths})
    maps = [
        (folder, one)
        for folder in folders
        for one in load(folder / "kustomization.yml")["configMapGenerator"]
    ]
    return [folder / name for folder, one in maps for name in one["files"]]


def test_prometheus_takes_its_configuration(promtool: str) -> None:
    done = subprocess.run(
        [promtool, "check", "config", "--syntax-only", str(K8S / "prometheus/prometheus.yaml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_scraped_series_has_the_labels_that_rules_and_dashboards_use() -> None:
    (scrape,) = load(K8S / "prometheus/prometheus.yaml")["scrape_configs"]
    from_pod = {
        one["target_label"]: one["source_labels"]
        for one in scrape["relabel_configs"]
        if not one.get("target_label", "__").startswith("__")
    }
    label = "__meta_kubernetes_pod_label_app_kubernetes_io"
    assert from_pod == {
        "namespace": ["__meta_kubernetes_namespace"],
        "release": [f"{label}_instance"],
        "job": [f"{label}_name"],
        "component": [f"{label}_component"],
        "pod": ["__meta_kubernetes_pod_name"],
    }


def test_every_pod_but_the_collectors_meets_the_level_restricted(manifests: list[Manifest]) -> None:
    levels = {
        one.object["metadata"]["name"]: one.object["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        for one in manifests
        if one.object["kind"] == "Namespace"
    }
    assert levels == {"benchtop": "restricted", "monitoring": "restricted", "logging": "privileged"}
    for name in ("prometheus", "loki"):
        security = pods(manifests)[name]["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] > 0
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}


def test_every_container_is_locked_down_bounded_and_watched(manifests: list[Manifest]) -> None:
    for pod in pods(manifests).values():
        for container in pod["containers"]:
            security = container["securityContext"]
            assert security["allowPrivilegeEscalation"] is False
            assert security["readOnlyRootFilesystem"] is True
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert set(container["resources"]["requests"]) == {"cpu", "memory"}
            assert "memory" in container["resources"]["limits"]
            assert {"readinessProbe", "livenessProbe"} <= set(container)
            assert container["image"].rpartition(":")[2] not in {"", "latest"}


def test_the_collector_only_reads_the_node(manifests: list[Manifest]) -> None:
    pod = pods(manifests)["collector"]
    of_the_node = {volume["name"] for volume in pod["volumes"] if "hostPath" in volume}
    mounts = pod["containers"][0]["volumeMounts"]
    assert of_the_node
    assert all(mount["readOnly"] for mount in mounts if mount["name"] in of_the_node)


def test_the_name_of_a_pod_is_no_index_label_of_loki() -> None:
    config = load(K8S / "loki/loki.yaml")
    labels = config["distributor"]["otlp_config"]["default_resource_attributes_as_index_labels"]
    assert set(labels) == {"service.name", "k8s.namespace.name", "k8s.container.name"}
