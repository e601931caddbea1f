"""The number of pods, and disruption budgets."""

from collections.abc import Callable
from typing import Any

Render = Callable[..., Any]


def test_with_an_autoscaler_the_deployment_has_no_replicas(render: Render) -> None:
    objects = render("status", {"api": {"autoscaling": {"enabled": True, "maxReplicas": 9}}}).objects
    assert "replicas" not in objects.one("Deployment", "lab-status")["spec"]
    scaler = objects.one("HorizontalPodAutoscaler", "lab-status")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 9)
    assert scaler["scaleTargetRef"]["name"] == "lab-status"


def test_without_an_autoscaler_the_replicas_are_those_in_the_values(render: Render) -> None:
    objects = render("status", {"api": {"replicas": 5}}).objects
    assert objects.one("Deployment", "lab-status")["spec"]["replicas"] == 5
    assert objects.of("HorizontalPodAutoscaler") == []


def test_several_pods_are_drained_one_at_a_time(render: Render) -> None:
    objects = render("inventory", {"database": {"existingSecret": "x"}, "worker": {"replicas": 2}}).objects
    budgets = {
        one["metadata"]["name"]: one["spec"]["maxUnavailable"] for one in objects.of("PodDisruptionBudget")
    }
    assert budgets == {"lab-inventory": 1, "lab-inventory-worker": 1}


def test_a_single_pod_has_no_budget_that_would_stop_a_drain(render: Render) -> None:
    assert render("status", {"api": {"replicas": 1}}).objects.of("PodDisruptionBudget") == []
    scaled = {"api": {"replicas": 3, "autoscaling": {"enabled": True, "minReplicas": 1}}}
    assert render("status", scaled).objects.of("PodDisruptionBudget") == []
