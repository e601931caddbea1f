"""Properties of every pod of every scenario."""

from typing import Any

import pytest

SERVING = ("Deployment",)
ALLOWED_VOLUMES = {"configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret"}


def test_it_meets_the_level_restricted(objects: Any) -> None:
    for pod in objects.pods():
        context, container = pod.spec["securityContext"], pod.container["securityContext"]
        assert context["runAsNonRoot"] is True
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["allowPrivilegeEscalation"] is False
        assert container["capabilities"] == {"drop": ["ALL"]}
        assert not container.get("privileged")
        assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers"} & set(pod.spec)
        assert not any("hostPort" in port for port in pod.container.get("ports", []))
        kinds = {kind for volume in pod.spec["volumes"] for kind in volume if kind != "name"}
        assert kinds <= ALLOWED_VOLUMES


def test_it_runs_as_a_numeric_user_who_is_not_root(objects: Any) -> None:
    for pod in objects.pods():
        assert pod.spec["securityContext"]["runAsUser"] > 0
        assert pod.spec["securityContext"]["runAsGroup"] > 0


def test_its_root_is_read_only_unless_values_say_otherwise(
    request: pytest.FixtureRequest, objects: Any
) -> None:
    development = "development" in request.node.name
    for pod in objects.pods("Pod", "Deployment", "CronJob"):
        assert pod.container["securityContext"]["readOnlyRootFilesystem"] is not development
        assert "tmp" in {mount["name"] for mount in pod.container["volumeMounts"]}
    for pod in objects.pods("StatefulSet"):
        assert pod.container["securityContext"]["readOnlyRootFilesystem"] is True


def test_it_has_no_token(objects: Any) -> None:
    for pod in objects.pods():
        assert pod.spec["automountServiceAccountToken"] is False
    for account in objects.of("ServiceAccount"):
        assert account["automountServiceAccountToken"] is False


def test_only_its_settings_are_in_its_environment(objects: Any) -> None:
    for pod in objects.pods():
        assert pod.spec["enableServiceLinks"] is False
        assert "envFrom" not in pod.container
        sources = [one["valueFrom"] for one in pod.container.get("env", ()) if "valueFrom" in one]
        for source in sources:
            assert source.get("configMapKeyRef", {}).get("name") == "lab-links" or source == {
                "fieldRef": {"fieldPath": "metadata.namespace"}
            }


def test_it_asks_for_cpu_and_memory_and_has_limits(objects: Any) -> None:
    for pod in objects.pods():
        for amounts in (pod.container["resources"]["requests"], pod.container["resources"]["limits"]):
            assert set(amounts) == {"cpu", "memory"}


def test_its_image_is_a_version(objects: Any) -> None:
    for pod in objects.pods():
        name, separator, version = pod.container["image"].replace("@", ":").partition(":")
        assert name
        assert separator
        assert version not in {"", "latest"}
        assert pod.container["imagePullPolicy"] == "IfNotPresent"


def test_why_it_ended_is_in_its_state(objects: Any) -> None:
    for pod in objects.pods("Pod", "Deployment", "CronJob"):
        assert pod.container["terminationMessagePolicy"] == "FallbackToLogsOnError"


def test_it_is_live_without_its_database_and_ready_only_with_it(objects: Any) -> None:
    for pod in objects.pods(*SERVING):
        probes = {name: pod.container[f"{name}Probe"] for name in ("startup", "liveness", "readiness")}
        paths = {name: probe["httpGet"] for name, probe in probes.items()}
        assert paths == {
            "startup": {"path": "/health", "port": "http"},
            "liveness": {"path": "/health", "port": "http"},
            "readiness": {"path": "/health/ready", "port": "http"},
        }


def test_its_readiness_falls_within_10_seconds(objects: Any) -> None:
    for pod in objects.pods(*SERVING):
        probe = pod.container["readinessProbe"]
        answer = 2  # the time after which readiness reports a dependency as down
        assert probe["timeoutSeconds"] > answer
        assert probe["periodSeconds"] * probe["failureThreshold"] + answer < 10


def test_it_may_wait_a_minute_for_its_database_at_start(objects: Any) -> None:
    for pod in objects.pods(*SERVING):
        probe = pod.container["startupProbe"]
        assert probe["periodSeconds"] * probe["failureThreshold"] > 60


def test_a_healthy_start_leaves_no_warning(objects: Any) -> None:
    """A probe before the service listens would cause a warning event."""
    for pod in objects.pods(*SERVING):
        assert pod.container["startupProbe"]["initialDelaySeconds"] >= 2


def test_it_goes_on_serving_until_every_ingress_has_noticed(
    request: pytest.FixtureRequest, objects: Any
) -> None:
    for pod in objects.pods(*SERVING):
        sleep = pod.container["lifecycle"]["preStop"]["sleep"]["seconds"]
        environment = {one["name"]: one["value"] for one in pod.container["env"] if "value" in one}
        if "development" not in request.node.name:
            assert 5 <= sleep <= 10
        assert pod.spec["terminationGracePeriodSeconds"] > sleep + int(environment["SHUTDOWN_SECONDS"])


def test_it_is_replaced_only_once_another_one_serves(objects: Any) -> None:
    for one in objects.of("Deployment"):
        assert one["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_it_is_spread_over_zones_and_nodes(objects: Any) -> None:
    for pod in objects.pods(*SERVING):
        constraints = pod.spec["topologySpreadConstraints"]
        assert [one["topologyKey"] for one in constraints] == [
            "topology.kubernetes.io/zone",
            "kubernetes.io/hostname",
        ]
        for one in constraints:
            assert one["labelSelector"]["matchLabels"].items() <= pod.labels.items()


def test_pods_have_the_annotations_for_scraping_unless_the_values_disable_them(
    request: pytest.FixtureRequest, objects: Any
) -> None:
    expected = {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "9000",
        "prometheus.io/path": "/metrics",
    }
    for pod in objects.pods(*SERVING):
        found = {name: value for name, value in pod.annotations.items() if name.startswith("prometheus.io/")}
        assert found == ({} if "status-nothing" in request.node.name else expected)


def test_metrics_have_a_port_of_their_own(objects: Any) -> None:
    for pod in objects.pods(*SERVING):
        ports = {port["name"]: port["containerPort"] for port in pod.container["ports"]}
        environment = {one["name"]: one["value"] for one in pod.container["env"] if "value" in one}
        assert ports == {"http": int(environment["PORT"]), "metrics": int(environment["METRICS_PORT"])}
        assert ports["http"] != ports["metrics"]


def test_a_pod_that_serves_nothing_has_no_port(objects: Any) -> None:
    for pod in objects.pods("CronJob", "Pod"):
        assert "ports" not in pod.container
        assert "METRICS_PORT" not in {one["name"] for one in pod.container.get("env", ())}


def test_a_limit_of_cpu_may_be_taken_away_and_amounts_may_be_numbers(render: Any) -> None:
    resources = {"requests": {"cpu": 0.5}, "limits": {"cpu": None, "memory": 268435456}}
    (pod,) = render("status", {"api": {"resources": resources}}).objects.pods("Deployment")
    assert pod.container["resources"]["requests"] == {"cpu": 0.5, "memory": "96Mi"}
    assert pod.container["resources"]["limits"] == {"memory": 268435456}


def test_what_is_said_of_all_pods_holds_for_the_one_of_helm_test_too(render: Any) -> None:
    values = {"podLabels": {"team": "lab"}, "podAnnotations": {"sidecar.istio.io/inject": "false"}}
    for kind in ("Pod", "Deployment"):
        (pod,) = render("status", values).objects.pods(kind)
        assert pod.labels["team"] == "lab"
        assert pod.annotations["sidecar.istio.io/inject"] == "false"


def test_its_version_is_its_images(render: Any) -> None:
    (pod,) = render("status", {"image": {"tag": "7.0.0-rc.1"}}).objects.pods("Deployment")
    assert pod.labels["app.kubernetes.io/version"] == "7.0.0-rc.1"
