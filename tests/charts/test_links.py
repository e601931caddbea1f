"""How the API pods get to know where the services are, and the time zone."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from balances.settings import BalancesSettings
from chassis.process.settings import Settings, read
from inventory.settings import InventorySettings
from status.app import StatusSettings

Render = Callable[..., Any]

TRIAL = {"postgresql": {"enabled": True}}
HOSTS = {"status": "a.example", "inventory": "b.example", "balances": "c.example"}
KINDS: Mapping[str, type[Settings]] = {
    "status": StatusSettings,
    "inventory": InventorySettings,
    "balances": BalancesSettings,
}


def environment(objects: Any, pod: Any) -> dict[str, str]:
    """The environment of a pod, with the values that come from ConfigMaps."""
    found: dict[str, str] = {}
    for one in pod.container["env"]:
        assert one["name"] not in found
        if "value" in one:
            found[one["name"]] = one["value"]
            continue
        source = one["valueFrom"]["configMapKeyRef"]
        text = objects.one("ConfigMap", source["name"])["data"].get(source["key"])
        assert text is not None or source["optional"]
        found |= {one["name"]: text} if text is not None else {}
    return found


def settings(render: Render, service: str, values: Mapping[str, Any], release: str = "lab") -> Any:
    """The settings that the API pods of a service read."""
    objects = render("benchtop", {**TRIAL, **values}, release=release).objects
    (pod,) = (
        pod
        for pod in objects.pods("Deployment")
        if (pod.labels["app.kubernetes.io/name"], pod.labels["app.kubernetes.io/component"])
        == (service, "api")
    )
    plain = {name: text for name, text in environment(objects, pod).items() if not name.endswith("_FILE")}
    return read(KINDS[service], {**plain, "DATABASE_URL": "postgresql://x"})


def links(found: Any) -> tuple[str, str, str]:
    """The links in the settings."""
    return found.status_link, found.inventory_link, found.balances_link


@pytest.mark.parametrize("service", KINDS)
def test_on_a_shared_host_links_are_the_paths_of_the_services(render: Render, service: str) -> None:
    changed = {"inventory": {"pathPrefix": "/things"}, "ingress": {"host": "lab.example"}}
    assert links(settings(render, service, changed)) == ("/status", "/things", "/balances")


@pytest.mark.parametrize("service", KINDS)
def test_with_a_host_for_each_service_links_are_urls(render: Render, service: str) -> None:
    found = settings(render, service, {"ingress": {"hosts": HOSTS}})
    assert links(found) == (
        "http://a.example/status",
        "http://b.example/inventory",
        "http://c.example/balances",
    )


def test_links_are_https_if_there_is_a_certificate(render: Render) -> None:
    values = {"ingress": {"hosts": HOSTS, "tlsSecret": "tls"}, "balances": {"pathPrefix": ""}}
    found = settings(render, "status", values)
    assert links(found) == ("https://a.example/status", "https://b.example/inventory", "https://c.example")


def test_a_wildcard_host_is_no_link(render: Render) -> None:
    found = settings(render, "status", {"ingress": {"hosts": {**HOSTS, "inventory": "*.example"}}})
    assert found.inventory_link == "/inventory"


@pytest.mark.parametrize("release", ["lab", "benchtop", "a-release-with-a-name-that-is-very-long-indeed-yes"])
def test_status_requests_the_services_of_its_release(render: Render, release: str) -> None:
    found = settings(render, "status", {}, release)
    objects = render("benchtop", TRIAL, release=release).objects
    services = {one["metadata"]["name"] for one in objects.of("Service")}
    for url in (found.inventory_url, found.balances_url):
        assert url.removeprefix("http://") in services
    assert found.inventory_url != found.balances_url


def test_status_requests_a_service_by_its_own_name(render: Render) -> None:
    found = settings(render, "status", {"inventory": {"fullnameOverride": "things"}})
    assert found.inventory_url == "http://things"


def test_a_service_that_is_not_installed_is_not_requested(render: Render) -> None:
    found = settings(render, "status", {"inventory": {"enabled": False}})
    assert (found.inventory_url, found.balances_url) == ("", "http://lab-balances")


def test_the_origin_of_pages_is_known_if_there_is_a_certificate_for_their_host(render: Render) -> None:
    shared = {"ingress": {"host": "lab.example", "tlsSecret": "tls"}}
    own = {"ingress": {"hosts": HOSTS, "tlsSecret": "tls", "host": "lab.example"}}
    for service, host in HOSTS.items():
        assert settings(render, service, shared).public_origin == "https://lab.example"
        assert settings(render, service, own).public_origin == f"https://{host}"


@pytest.mark.parametrize(
    "ingress",
    [
        {},
        {"host": "lab.example"},
        {"host": "*.lab.example", "tlsSecret": "tls"},
        {"hosts": {"status": "*.example"}, "tlsSecret": "tls"},
        {"host": "lab.example", "tlsSecret": "tls", "enabled": False},
    ],
)
def test_any_other_origin_is_left_to_the_settings(render: Render, ingress: Any) -> None:
    assert settings(render, "status", {"ingress": ingress}).public_origin == ""
    told = {"ingress": ingress, "status": {"settings": {"PUBLIC_ORIGIN": "https://here.example:8443"}}}
    assert settings(render, "status", told).public_origin == "https://here.example:8443"


def test_the_origin_in_the_settings_wins(render: Render) -> None:
    told = {"status": {"settings": {"PUBLIC_ORIGIN": "https://proxy.example"}}}
    values = {"ingress": {"host": "lab.example", "tlsSecret": "tls"}, **told}
    assert settings(render, "status", values).public_origin == "https://proxy.example"


def test_who_has_signed_out_is_asked_of_every_pod_of_status_and_status_asks_all(render: Render) -> None:
    peers = "http://lab-status-peers:8000"
    asked = {service: settings(render, service, {}).access_signed_out_urls for service in KINDS}
    assert asked == {
        "status": [peers, "http://lab-inventory", "http://lab-balances"],
        "inventory": [peers],
        "balances": [peers],
    }
    objects = render("benchtop", TRIAL).objects
    service = objects.one("Service", "lab-status-peers")["spec"]
    assert service["clusterIP"] == "None"  # the name has the address of each pod
    assert service["ports"] == [{"name": "http", "port": 8000, "targetPort": "http"}]
    assert not service.get("publishNotReadyAddresses")


def test_without_status_nobody_signs_out(render: Render) -> None:
    found = settings(render, "inventory", {"status": {"enabled": False}})
    assert found.access_signed_out_urls == ()


def test_the_settings_of_a_service_win(render: Render) -> None:
    told = {"INVENTORY_URL": "http://elsewhere", "INVENTORY_LINK": "https://things.example"}
    found = settings(render, "status", {"status": {"settings": told}})
    assert (found.inventory_url, found.inventory_link) == ("http://elsewhere", "https://things.example")


def test_a_setting_from_a_secret_wins(render: Render) -> None:
    secret = {"INVENTORY_URL": {"secret": "theirs", "key": "url"}}
    objects = render("benchtop", {**TRIAL, "status": {"secretSettings": secret}}).objects
    (names,) = (
        [one["name"] for one in pod.container["env"]]
        for pod in objects.pods("Deployment")
        if pod.labels["app.kubernetes.io/name"] == "status"
    )
    assert "INVENTORY_URL_FILE" in names
    assert "INVENTORY_URL" not in names


def test_only_the_pods_that_need_them_get_them(render: Render, trial: Any) -> None:
    def told(objects: Any) -> dict[str, set[str]]:
        return {
            f"{pod.labels['app.kubernetes.io/name']} {pod.labels['app.kubernetes.io/component']}": {
                one["name"] for one in pod.container.get("env", ()) if "configMapKeyRef" in str(one)
            }
            for pod in objects.pods()
        }

    pages = {"STATUS_LINK", "INVENTORY_LINK", "BALANCES_LINK", "PUBLIC_ORIGIN", "ACCESS_SIGNED_OUT_URLS"}
    assert {who: names for who, names in told(trial).items() if names} == {
        "status api": pages | {"INVENTORY_URL", "BALANCES_URL"},
        "inventory api": pages,
        "balances api": pages,
    }
    alone = told(render("status", {}).objects)
    assert set().union(*alone.values()) == set()


def test_the_time_zone_is_utc_if_no_value_names_one(render: Render) -> None:
    (pod,) = render("status", {}).objects.pods("Deployment")
    assert {"name": "TIME_ZONE", "value": "UTC"} in pod.container["env"]


def test_the_time_zone_is_the_global_one_unless_the_service_has_another(render: Render) -> None:
    values = {"global": {"timeZone": "Europe/Amsterdam"}, "balances": {"timeZone": "Asia/Tokyo"}}
    assert settings(render, "status", values).time_zone == "Europe/Amsterdam"
    assert settings(render, "inventory", values).time_zone == "Europe/Amsterdam"
    assert settings(render, "balances", values).time_zone == "Asia/Tokyo"


def test_a_time_zone_among_the_settings_is_refused_with_the_name_of_the_value(render: Render) -> None:
    error = render("benchtop", {**TRIAL, "status": {"settings": {"TIME_ZONE": "UTC"}}}).error
    assert "Use that value" in error
    assert "status.timeZone" in error
