"""The objects of the charts for Prometheus and Grafana."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.k8s import queries

Render = Callable[..., Any]

CHARTS = Path(__file__).parents[2] / "charts"
DATABASE = {"database": {"existingSecret": "x"}}
ON = {"enabled": True}
SERVICES = ["status", "inventory", "balances"]


def values(service: str, **monitoring: Any) -> Any:
    """Values that turn on monitoring."""
    return ({} if service == "status" else DATABASE) | {"monitoring": monitoring}


@pytest.mark.parametrize("service", SERVICES)
def test_no_monitoring_objects_are_made_by_default(render: Render, service: str) -> None:
    objects = render(service, values(service)).objects
    assert objects.of("ServiceMonitor", "PrometheusRule") == []
    assert not any("metrics" in str(one["spec"]) for one in objects.of("Service"))


@pytest.mark.parametrize("service", SERVICES)
def test_a_monitor_finds_the_metrics_of_every_component(render: Render, service: str) -> None:
    objects = render(
        service, values(service, serviceMonitor={**ON, "labels": {"release": "prometheus"}})
    ).objects
    (monitor,) = objects.of("ServiceMonitor")
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    (endpoint,) = monitor["spec"]["endpoints"]
    found = [
        one
        for one in objects.of("Service")
        if wanted <= one["metadata"]["labels"].items()
        and endpoint["port"] in {port["name"] for port in one["spec"]["ports"]}
    ]
    component = "app.kubernetes.io/component"
    assert [one["metadata"]["labels"][component] for one in found] == [
        pod.labels[component] for pod in objects.pods("Deployment")
    ]
    for one in found:
        assert one["spec"]["clusterIP"] == "None"
        assert one["spec"]["ports"] == [{"name": "metrics", "port": 9000, "targetPort": "metrics"}]
        assert one["spec"]["selector"][component] == one["metadata"]["labels"][component]
    assert endpoint["path"] == "/metrics"
    labels = {one["targetLabel"]: one["sourceLabels"] for one in endpoint["relabelings"]}
    prefix = "__meta_kubernetes_service_label_app_kubernetes_io"
    assert labels == {"component": [f"{prefix}_component"], "release": [f"{prefix}_instance"]}
    assert monitor["spec"]["jobLabel"] == "app.kubernetes.io/name"


def rendered_rules(render: Render, service: str, **rules: Any) -> Any:
    """The PrometheusRule of the release `lab` in the namespace `there`."""
    objects = render(service, values(service, rules={**ON, **rules}), "--namespace", "there").objects
    (found,) = objects.of("PrometheusRule")
    return found


OURS = ', namespace="there", release="lab"'
"""The matchers that the chart adds to the rules of the folder."""


@pytest.mark.parametrize("service", SERVICES)
def test_every_rule_of_the_folder_is_rendered_as_it_is_but_for_its_release(
    render: Render, service: str
) -> None:
    rule = rendered_rules(render, service, labels={"release": "prometheus"})
    assert rule["metadata"]["labels"]["release"] == "prometheus"
    files = sorted((CHARTS / service / "rules").glob("*.yaml"))
    assert json.loads(json.dumps(rule["spec"]["groups"]).replace(json.dumps(OURS)[1:-1], "")) == [
        group for file in files for group in yaml.safe_load(file.read_text())["groups"]
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_a_release_watches_itself_alone(render: Render, service: str) -> None:
    for group in rendered_rules(render, service)["spec"]["groups"]:
        for rule in group["rules"]:
            asked = [
                found
                for metric in queries.metrics(rule["expr"])
                for found in re.findall(rf"(?<![\w:]){metric}(?![\w:])([^}}]*)", rule["expr"])
            ]
            assert asked
            assert all(one.startswith(f'{{job="{service}"{OURS}') for one in asked), rule["expr"]


def test_a_chart_under_another_name_watches_that(helm: str, charts: Path, tmp_path: Path) -> None:
    stock = {
        "name": "inventory",
        "alias": "stock",
        "version": "*",
        "repository": f"file://{charts}/inventory",
    }
    chart = {"apiVersion": "v2", "name": "lab", "version": "1.0.0", "dependencies": [stock]}
    (tmp_path / "Chart.yaml").write_text(json.dumps(chart))
    subprocess.run([helm, "dependency", "build", tmp_path], check=True, stdout=subprocess.DEVNULL)
    asked = {"stock": values("inventory", serviceMonitor=ON, rules=ON, dashboards=ON)}
    (tmp_path / "values.yaml").write_text(json.dumps(asked))
    made = subprocess.run(
        [helm, "template", "lab", tmp_path], check=True, capture_output=True, text=True
    ).stdout
    assert set(re.findall(r'job=\\*"(\w+)', made)) == {"stock"}


@pytest.mark.parametrize("service", SERVICES)
def test_runbooks_are_urls_once_it_is_said_where_the_documents_are(render: Render, service: str) -> None:
    base = "https://git.example/lab/benchtop/blob/main/"
    groups = rendered_rules(render, service, runbookBase=base)["spec"]["groups"]
    found = [
        rule["annotations"]["runbook_url"] for group in groups for rule in group["rules"] if "alert" in rule
    ]
    assert found
    assert all(url.startswith(f"{base}docs/operations.md#") for url in found)


@pytest.mark.parametrize("service", SERVICES)
def test_every_dashboard_of_the_folder_is_in_a_config_map_that_grafana_finds(
    render: Render, service: str
) -> None:
    objects = render(service, values(service, dashboards=ON)).objects
    found = objects.one("ConfigMap", f"lab-{service}-dashboards")
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    files = (CHARTS / service / "dashboards").glob("*.json")
    assert {name: json.loads(text) for name, text in found["data"].items()} == {
        file.name: json.loads(file.read_text()) for file in files
    }
