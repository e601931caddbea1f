"""Routes from outside: a path for each service, or a host for each with the original paths at its root."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

import balances.app
import balances.settings
import inventory.app
import inventory.settings
import status.app

Render = Callable[..., Any]

TRIAL = {"postgresql": {"enabled": True}}
HOSTS = {"status": "a.example", "inventory": "b.example", "balances": "c.example"}
GATEWAY = {"enabled": True, "parentRefs": [{"name": "web", "namespace": "gateways"}]}
ONE_HOST = {
    ("Exact", "/"): "lab-status",
    ("Exact", "/health"): "lab-status",
    ("Exact", "/metadata"): "lab-status",
    ("Prefix", "/status"): "lab-status",
    ("Prefix", "/inventory"): "lab-inventory",
    ("Prefix", "/balances"): "lab-balances",
}


def ingress_paths(rule: Mapping[str, Any]) -> Mapping[tuple[str, str], str]:
    """The Service of each route, by type and path."""
    return {
        (one["pathType"], one["path"]): one["backend"]["service"]["name"] for one in rule["http"]["paths"]
    }


def route_paths(route: Mapping[str, Any]) -> Mapping[tuple[str, str], str]:
    """The Service of each route, by type and path, with the type names of an Ingress."""
    return {
        (match["path"]["type"].removeprefix("Path"), match["path"]["value"]): rule["backendRefs"][0]["name"]
        for rule in route["spec"]["rules"]
        for match in rule["matches"]
    }


def test_one_host_has_each_service_under_its_path(render: Render) -> None:
    objects = render("benchtop", {**TRIAL, "ingress": {"host": "lab.example"}}).objects
    (rule,) = objects.one("Ingress", "lab-benchtop")["spec"]["rules"]
    assert rule["host"] == "lab.example"
    assert ingress_paths(rule) == ONE_HOST


def test_without_a_host_any_host_is_served(trial: Any) -> None:
    (rule,) = trial.one("Ingress", "lab-benchtop")["spec"]["rules"]
    assert "host" not in rule
    assert ingress_paths(rule) == ONE_HOST


def test_a_gateway_routes_the_same_paths(render: Render) -> None:
    objects = render("benchtop", {**TRIAL, "ingress": {"enabled": False}, "httpRoute": GATEWAY}).objects
    (route,) = objects.of("HTTPRoute")
    assert route_paths(route) == ONE_HOST
    assert route["spec"]["parentRefs"] == GATEWAY["parentRefs"]
    assert objects.of("Ingress") == []


def test_a_host_for_each_service_has_its_paths_at_its_root(render: Render) -> None:
    objects = render("benchtop", {**TRIAL, "ingress": {"hosts": HOSTS}, "httpRoute": GATEWAY}).objects
    rules = objects.one("Ingress", "lab-benchtop")["spec"]["rules"]
    by_host = {rule["host"]: ingress_paths(rule) for rule in rules}
    assert set(by_host) == set(HOSTS.values())
    assert by_host["b.example"]["Prefix", "/sites"] == "lab-inventory"
    assert by_host["a.example"]["Exact", "/"] == "lab-status"
    routes = {route["spec"]["hostnames"][0]: route_paths(route) for route in objects.of("HTTPRoute")}
    assert routes == by_host


def test_each_host_has_a_route_of_its_services_name(render: Render) -> None:
    """A route of another host then does not change it."""
    objects = render("benchtop", {**TRIAL, "ingress": {"hosts": HOSTS}, "httpRoute": GATEWAY}).objects
    by_host = {route["spec"]["hostnames"][0]: route["metadata"]["name"] for route in objects.of("HTTPRoute")}
    assert by_host == {host: f"lab-{service}" for service, host in HOSTS.items()}


def test_a_rule_has_no_more_matches_than_the_first_gateway_api_takes(objects: Any) -> None:
    rules = [rule for route in objects.of("HTTPRoute") for rule in route["spec"]["rules"]]
    assert all(1 <= len(rule["matches"]) <= 8 for rule in rules)
    assert all(len(route["spec"]["rules"]) <= 16 for route in objects.of("HTTPRoute"))


@pytest.mark.parametrize("service", ["status", "inventory", "balances"])
def test_a_host_of_its_own_routes_everything_that_a_service_answers_but_metrics(
    service: str, render: Render
) -> None:
    objects = render("benchtop", {**TRIAL, "ingress": {"hosts": HOSTS}}).objects
    rules = objects.one("Ingress", "lab-benchtop")["spec"]["rules"]
    (rule,) = [rule for rule in rules if rule["host"] == HOSTS[service]]
    routed = ingress_paths(rule)
    answered = [operation.path for operation in OPERATIONS[service]]
    assert [path for path in answered if not _is_routed(path, routed)] == []
    assert not _is_routed("/metrics", routed)


@pytest.mark.parametrize("hosts", [{}, HOSTS])
@pytest.mark.parametrize("kind", ["Ingress", "HTTPRoute"])
def test_a_path_prefix_of_the_users_is_routed(render: Render, kind: str, hosts: Mapping[str, str]) -> None:
    values = {**TRIAL, "ingress": {"hosts": hosts}, "inventory": {"pathPrefix": "/lab/things"}}
    objects = render("benchtop", {**values, "httpRoute": GATEWAY}).objects
    rules = objects.one("Ingress", "lab-benchtop")["spec"]["rules"]
    by_kind = {
        "Ingress": [ingress_paths(rule) for rule in rules],
        "HTTPRoute": [route_paths(route) for route in objects.of("HTTPRoute")],
    }
    routed = by_kind[kind]
    assert {paths.get(("Prefix", "/lab/things")) for paths in routed} - {None} == {"lab-inventory"}
    assert not any(("Prefix", "/inventory") in paths for paths in routed)


def test_on_a_host_of_its_own_a_service_answers_under_its_prefix_too(render: Render) -> None:
    """The paths in its documents and links therefore work there as well."""
    objects = render("benchtop", {**TRIAL, "ingress": {"hosts": HOSTS}}).objects
    rules = objects.one("Ingress", "lab-benchtop")["spec"]["rules"]
    for service, host in HOSTS.items():
        (paths,) = [ingress_paths(rule) for rule in rules if rule["host"] == host]
        assert paths["Prefix", f"/{service}"] == f"lab-{service}"


def test_hosts_of_services_that_are_not_installed_make_no_ingress(render: Render) -> None:
    off = {"enabled": False}
    values = {"inventory": off, "balances": off, "ingress": {"hosts": {"balances": "c.example"}}}
    assert render("benchtop", values).objects.of("Ingress") == []


def test_with_no_service_at_all_nothing_is_routed(render: Render) -> None:
    """The cluster would refuse an Ingress without a path. An HTTPRoute without a match would match every request."""
    off = {"enabled": False}
    values = {"status": off, "inventory": off, "balances": off, "httpRoute": GATEWAY}
    assert render("benchtop", values).objects == []


def test_a_host_of_a_service_that_is_not_installed_is_left_out(render: Render) -> None:
    values = {"inventory": {"enabled": False}, "ingress": {"hosts": HOSTS, "tlsSecret": "certificate"}}
    spec = render("benchtop", {**TRIAL, **values}).objects.one("Ingress", "lab-benchtop")["spec"]
    assert sorted(rule["host"] for rule in spec["rules"]) == [HOSTS["status"], HOSTS["balances"]]
    assert sorted(spec["tls"][0]["hosts"]) == [HOSTS["status"], HOSTS["balances"]]


def test_on_a_host_of_its_own_a_service_may_be_without_a_prefix(render: Render) -> None:
    values = {**TRIAL, "ingress": {"hosts": HOSTS}, "inventory": {"pathPrefix": ""}}
    rules = render("benchtop", values).objects.one("Ingress", "lab-benchtop")["spec"]["rules"]
    (paths,) = [ingress_paths(rule) for rule in rules if rule["host"] == HOSTS["inventory"]]
    assert ("Prefix", "/sites") in paths
    assert ("Prefix", "") not in paths


NOWHERE = "postgresql://nowhere"
OPERATIONS: Mapping[str, Any] = {
    "status": status.app.create(status.app.StatusSettings(access="open")).state.operations,
    "inventory": inventory.app.create(
        inventory.settings.InventorySettings(access="open", database_url=NOWHERE)
    ).state.operations,
    "balances": balances.app.create(
        balances.settings.BalancesSettings(access="open", database_url=NOWHERE)
    ).state.operations,
}


def _is_routed(path: str, routed: Mapping[tuple[str, str], str]) -> bool:
    return any(
        path == start if kind == "Exact" else path == start or path.startswith(f"{start}/")
        for kind, start in routed
    )


def test_no_service_is_routed_that_is_not_installed(render: Render) -> None:
    off = {"enabled": False}
    objects = render("benchtop", {"inventory": off, "balances": off}).objects
    (rule,) = objects.one("Ingress", "lab-benchtop")["spec"]["rules"]
    assert set(ingress_paths(rule).values()) == {"lab-status"}


def test_every_route_ends_at_a_service_and_port_that_are_there(objects: Any) -> None:
    ports = {one["metadata"]["name"]: one["spec"]["ports"][0] for one in objects.of("Service")}
    for rule in (rule for one in objects.of("Ingress") for rule in one["spec"]["rules"]):
        for path in rule["http"]["paths"]:
            backend = path["backend"]["service"]
            assert ports[backend["name"]]["name"] == backend["port"]["name"]
    for rule in (rule for one in objects.of("HTTPRoute") for rule in one["spec"]["rules"]):
        (backend,) = rule["backendRefs"]
        assert ports[backend["name"]]["port"] == backend["port"]


def test_tls_covers_every_host(render: Render) -> None:
    objects = render("benchtop", {**TRIAL, "ingress": {"hosts": HOSTS, "tlsSecret": "certificate"}}).objects
    (tls,) = objects.one("Ingress", "lab-benchtop")["spec"]["tls"]
    assert tls["secretName"] == "certificate"
    assert sorted(tls["hosts"]) == sorted(HOSTS.values())


def test_class_and_annotations_are_the_users(render: Render) -> None:
    theirs = {"className": "nginx", "annotations": {"nginx.ingress.kubernetes.io/proxy-body-size": "1m"}}
    ingress = render("benchtop", {**TRIAL, "ingress": theirs}).objects.one("Ingress", "lab-benchtop")
    assert ingress["spec"]["ingressClassName"] == "nginx"
    assert ingress["metadata"]["annotations"] == theirs["annotations"]
