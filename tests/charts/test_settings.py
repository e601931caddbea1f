"""The settings and secrets of the pods; a changed setting replaces the pods."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from balances.feed.settings import FeedSettings
from balances.settings import BalancesSettings
from chassis.process.settings import Settings, describe, read
from inventory.settings import InventorySettings
from status.app import StatusSettings

Render = Callable[..., Any]

KINDS: Mapping[str, type[Settings]] = {
    "status": StatusSettings,
    "inventory": InventorySettings,
    "balances": BalancesSettings,
}
DATABASE = {"existingSecret": "theirs", "key": "uri"}
FEEDS = [
    {"name": "zeta", "url": "https://z.example/x?a=1&b=2"},
    {"name": "alpha", "url": "http://a.example:8080"},
]


def environment(pod: Any) -> dict[str, str]:
    """The environment variables of a pod."""
    return {one["name"]: one["value"] for one in pod.container["env"] if "value" in one}


def projected(pod: Any) -> list[Any]:
    """The files under /etc/benchtop."""
    (volume,) = [volume for volume in pod.spec["volumes"] if volume["name"] == "settings"]
    found: list[Any] = volume["projected"]["sources"]
    return found


def test_every_service_reads_what_its_pods_are_told(objects: Any) -> None:
    for pod in objects.pods("Deployment", "CronJob"):
        kind = KINDS[pod.labels["app.kubernetes.io/name"]]
        told = environment(pod)
        known = {field.upper() for field in kind.__struct_fields__}
        files = {name for name in told if name.endswith("_FILE") and name not in known}
        assert {name.removesuffix("_FILE") for name in files} | (set(told) - files - {"HTTPS_PROXY"}) <= known
        plain = {name: value for name, value in told.items() if name not in files}
        settings = read(kind, {**plain, "DATABASE_URL": "postgresql://x"})
        assert (settings.host, settings.port, settings.path_prefix) == (
            "::",  # all addresses of both families, for IPv4 and IPv6 clusters
            8000,
            f"/{pod.labels['app.kubernetes.io/name']}",
        )


def test_further_settings_are_passed_on_and_win(render: Render) -> None:
    values = {"database": DATABASE, "settings": {"MAX_BODY_BYTES": 2048, "DATABASE_TIMEOUT_SECONDS": 7}}
    for pod in render("inventory", values).objects.pods("Deployment"):
        assert environment(pod)["MAX_BODY_BYTES"] == "2048"
        assert environment(pod)["DATABASE_TIMEOUT_SECONDS"] == "7"


def test_variables_that_are_no_settings_are_passed_on(render: Render) -> None:
    extra = [
        {"name": "HTTPS_PROXY", "value": "http://proxy.example:3128"},
        {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
    ]
    values = {"database": DATABASE, "feeds": FEEDS, "extraEnv": extra}
    pods = list(render("balances", values).objects.pods("Deployment", "CronJob"))
    assert len(pods) == 2
    for pod in pods:
        assert pod.container["env"][-2:] == extra


@pytest.mark.parametrize("chart", KINDS)
def test_the_schema_knows_exactly_the_settings_of_the_service(charts: Any, chart: str) -> None:
    schema = json.loads((charts / chart / "values.schema.json").read_text())
    names = {setting.name for setting in describe(KINDS[chart])}
    both = names | {f"{name}_FILE" for name in names}
    for where in ("settings", "secretSettings"):
        assert schema["$defs"][where]["properties"].keys() == both
        assert schema["$defs"][where]["additionalProperties"] is False


@pytest.mark.parametrize("chart", KINDS)
def test_every_default_of_a_setting_may_be_said(render: Render, chart: str) -> None:
    reserved = (
        "HOST",
        "PORT",
        "METRICS_PORT",
        "PATH_PREFIX",
        "TIME_ZONE",
        "LOG_",
        "SHUTDOWN_",
        "DRAIN_",
        "DATABASE_WAIT",
        "DATABASE_POOL",
        "ACCESS",
        "SIGN_IN_CLIENT",
    )
    defaults = {
        setting.name: setting.default
        for setting in describe(KINDS[chart])
        if not setting.name.startswith((*reserved, "DATABASE_URL", "FEEDS"))
    }
    as_text = {name: str(value) for name, value in defaults.items()}
    for settings in (defaults, as_text):
        values = {"database": DATABASE} if chart != "status" else {}
        assert render(chart, {**values, "settings": settings}).error == ""


@pytest.mark.parametrize("seconds", [10, 120, 3600])
def test_it_gives_up_waiting_for_its_database_while_there_is_time_to_migrate(
    render: Render, seconds: int
) -> None:
    values = {"database": DATABASE, "startupSeconds": seconds}
    for pod in render("inventory", values).objects.pods("Deployment"):
        waits = read(InventorySettings, {**environment(pod), "DATABASE_URL_FILE": "", "DATABASE_URL": "x"})
        assert waits.database_wait_seconds == seconds / 2
        assert pod.container["startupProbe"]["failureThreshold"] == seconds


def test_large_numbers_stay_numbers(render: Render) -> None:
    (pod,) = render("status", {"settings": {"MAX_BODY_BYTES": 10485760}}).objects.pods("Deployment")
    assert environment(pod)["MAX_BODY_BYTES"] == "10485760"


def test_the_database_is_a_file_from_a_secret(render: Render) -> None:
    for pod in render("inventory", {"database": DATABASE}).objects.pods("Deployment"):
        assert environment(pod)["DATABASE_URL_FILE"] == "/etc/benchtop/DATABASE_URL"
        assert projected(pod)[0] == {
            "secret": {"name": "theirs", "items": [{"key": "uri", "path": "DATABASE_URL"}]}
        }


def test_the_pod_of_helm_test_knows_no_secret(objects: Any) -> None:
    for pod in objects.pods("Pod"):
        assert not any("secret" in str(volume) for volume in pod.spec["volumes"])


def test_feeds_are_mounted_from_a_config_map_in_their_order(render: Render) -> None:
    objects = render("balances", {"database": DATABASE, "feeds": FEEDS}).objects
    text = objects.one("ConfigMap", "lab-balances")["data"]["FEEDS"]
    feeds = read(BalancesSettings, {"DATABASE_URL": "x", "FEEDS": text}).feeds
    assert [(name, feed.url) for name, feed in feeds.items()] == [
        (feed["name"], feed["url"]) for feed in FEEDS
    ]
    for pod in objects.pods("Deployment", "CronJob"):
        assert environment(pod)["FEEDS_FILE"] == "/etc/benchtop/FEEDS"
        assert {"configMap": {"name": "lab-balances"}} in projected(pod)


def test_feeds_with_a_secret_in_them_come_from_a_secret(render: Render) -> None:
    secret = {"FEEDS": {"secret": "bank", "key": "feeds.json"}}
    objects = render("balances", {"database": DATABASE, "secretSettings": secret}).objects
    assert objects.of("ConfigMap") == []
    for pod in objects.pods("Deployment", "CronJob"):
        assert {"secret": {"name": "bank", "items": [{"key": "feeds.json", "path": "FEEDS"}]}} in projected(
            pod
        )


def test_the_schema_knows_exactly_what_can_be_said_of_a_feed(charts: Any) -> None:
    schema = json.loads((charts / "balances/values.schema.json").read_text())
    said = set(schema["$defs"]["feed"]["properties"])
    assert said == {"name", *(field.name for field in msgspec.structs.fields(FeedSettings))}


@pytest.mark.parametrize(
    ("chart", "change"),
    [
        ("status", {"log": {"level": "debug"}}),
        ("inventory", {"database": {**DATABASE, "existingSecret": "another"}}),
        ("balances", {"feeds": FEEDS[:1]}),
        ("balances", {"feeds": FEEDS[::-1]}),
    ],
)
def test_a_changed_setting_replaces_the_pods(render: Render, chart: str, change: Mapping[str, Any]) -> None:
    values: dict[str, Any] = {"status": {}, "inventory": {"database": DATABASE}}.get(
        chart, {"database": DATABASE, "feeds": FEEDS}
    )
    before = list(render(chart, values).objects.pods("Deployment"))
    after = list(render(chart, {**values, **change}).objects.pods("Deployment"))
    for old, new in zip(before, after, strict=True):
        assert (old.annotations, old.spec) != (new.annotations, new.spec)


def test_what_is_no_setting_replaces_no_pod(render: Render) -> None:
    before = list(render("status", {}).objects.pods("Deployment"))
    monitored = {"monitoring": {"rules": {"enabled": True}, "serviceMonitor": {"enabled": True}}}
    after = list(render("status", {"api": {"replicas": 7}, **monitored}).objects.pods("Deployment"))
    assert [(pod.labels, pod.annotations, pod.spec) for pod in before] == [
        (pod.labels, pod.annotations, pod.spec) for pod in after
    ]
