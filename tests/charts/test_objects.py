"""Every object of every scenario is valid for Kubernetes and has the standard labels."""

import functools
import json
from typing import Any

import pytest
from kubernetes_validate.utils import validate

OLDEST, TRIED = "1.30", "1.34"
"""The oldest Kubernetes version that the charts accept, and the one on which they are tested."""

FOREIGN = ("ServiceMonitor", "PrometheusRule", "HTTPRoute")
"""Kinds that are not part of Kubernetes itself."""


@pytest.mark.parametrize("version", [OLDEST, TRIED])
def test_kubernetes_takes_it(objects: Any, version: str) -> None:
    for one in objects:
        if one["kind"] not in FOREIGN:
            _validate(json.dumps(one), version)


@functools.cache  # many objects are the same in several scenarios
def _validate(document: str, version: str) -> None:
    validate(json.loads(document), version, strict=True)


def test_no_two_have_one_name(objects: Any) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in objects]
    assert len(names) == len(set(names))


def test_it_has_the_standard_labels(objects: Any) -> None:
    for one in objects:
        labels = one["metadata"]["labels"]
        assert {f"app.kubernetes.io/{name}" for name in ("name", "instance", "version", "component")} <= set(
            labels
        )
        assert labels["app.kubernetes.io/part-of"] == "benchtop"
        assert labels["app.kubernetes.io/managed-by"] == "Helm"
        assert labels["helm.sh/chart"].endswith("-0.1.0")


def test_whatever_selects_pods_names_chart_release_and_component(objects: Any) -> None:
    complete = {f"app.kubernetes.io/{name}" for name in ("name", "instance", "component")}
    for one in objects.of("Deployment", "StatefulSet", "PodDisruptionBudget"):
        assert set(one["spec"]["selector"]["matchLabels"]) == complete
    for one in objects.of("Service"):
        assert set(one["spec"]["selector"]) == complete
    for one in objects.of("NetworkPolicy"):
        assert set(one["spec"]["podSelector"]["matchLabels"]) == complete


def test_every_selector_finds_the_pods_of_one_owner(objects: Any) -> None:
    everybody = [pod.labels for pod in objects.pods()]
    for one in objects.of("Deployment", "StatefulSet", "PodDisruptionBudget", "Service", "NetworkPolicy"):
        selector = one["spec"].get("podSelector") or one["spec"]["selector"]
        wanted = selector.get("matchLabels", selector).items()
        assert sum(wanted <= labels.items() for labels in everybody) == 1, one["metadata"]["name"]


def test_a_new_version_of_the_chart_alone_replaces_no_pod(objects: Any) -> None:
    owned = objects.pods("Deployment", "StatefulSet", "CronJob")
    assert not any("helm.sh/chart" in pod.labels for pod in owned)
