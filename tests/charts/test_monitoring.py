"""What the charts tell Prometheus and Grafana."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Render = Callable[..., Any]

CHARTS = Path(__file__).parents[2] / "charts"
DATABASE = {"database": {"existingSecret": "x"}}
ON = {"enabled": True}
SERVICES = ["status", "inventory", "balances"]


def values(service: str, **monitoring: Any) -> Any:
    """Values that switch something on."""
    return ({} if service == "status" else DATABASE) | {"monitoring": monitoring}


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_needs_an_operator_unless_asked_for(render: Render, service: str) -> None:
    objects = render(service, values(service)).objects
    assert objects.of("ServiceMonitor", "PrometheusRule") == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_monitor_finds_every_service_of_the_chart(render: Render, service: str) -> None:
    objects = render(
        service, values(service, serviceMonitor={**ON, "labels": {"release": "prometheus"}})
    ).objects
    (monitor,) = objects.of("ServiceMonitor")
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    found = [one for one in objects.of("Service") if wanted <= one["metadata"]["labels"].items()]
    assert found == objects.of("Service")
    (endpoint,) = monitor["spec"]["endpoints"]
    for one in found:
        assert endpoint["port"] in {port["name"] for port in one["spec"]["ports"]}
    assert endpoint["path"] == "/metrics"


@pytest.mark.parametrize("service", SERVICES)
def test_every_rule_of_the_folder_is_rendered_as_it_is(render: Render, service: str) -> None:
    objects = render(service, values(service, rules={**ON, "labels": {"release": "prometheus"}})).objects
    (rule,) = objects.of("PrometheusRule")
    assert rule["metadata"]["labels"]["release"] == "prometheus"
    files = sorted((CHARTS / service / "rules").glob("*.yaml"))
    assert rule["spec"]["groups"] == [
        group for file in files for group in yaml.safe_load(file.read_text())["groups"]
    ]


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
