"""NetworkPolicies allow the connections in docs/architecture.md, and no others."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Render = Callable[..., Any]

OPERATORS: Mapping[str, Callable[[str | None, list[str]], bool]] = {
    "In": lambda value, values: value in values,
    "NotIn": lambda value, values: value not in values,
}


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector matches these labels."""
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        OPERATORS[one["operator"]](labels.get(one["key"]), one["values"])
        for one in selector.get("matchExpressions", ())
    )


def allowed(objects: Any, direction: str, here: Any, there: Any) -> bool:
    """Whether the policies of `here` allow connections with `there` in the same namespace, on a port of the server."""
    peers = {"Ingress": "from", "Egress": "to"}[direction]
    server = here if direction == "Ingress" else there
    ports = {
        value for port in server.container.get("ports", ()) for value in (port["name"], port["containerPort"])
    }
    policies = [
        one["spec"] for one in objects.of("NetworkPolicy") if selects(one["spec"]["podSelector"], here.labels)
    ]
    assert all(direction in policy["policyTypes"] for policy in policies)
    return not policies or any(
        ports & {port["port"] for port in rule["ports"]}
        and (
            peers not in rule
            or any(
                "namespaceSelector" not in peer
                and "ipBlock" not in peer
                and selects(peer["podSelector"], there.labels)
                for peer in rule[peers]
            )
        )
        for policy in policies
        for rule in policy.get(direction.lower(), ())
    )


def arrows(objects: Any) -> Iterator[tuple[str, str]]:
    """The allowed connections among the pods of a release."""
    pods = list(objects.pods())
    for one in pods:
        for other in pods:
            both = allowed(objects, "Egress", one, other) and allowed(objects, "Ingress", other, one)
            if one is not other and both:
                yield tuple(
                    pod.labels["app.kubernetes.io/name"] + " " + pod.labels["app.kubernetes.io/component"]
                    for pod in (one, other)
                )


def test_inside_a_release_only_what_is_drawn_is_allowed(trial: Any) -> None:
    assert set(arrows(trial)) == {
        ("inventory api", "postgresql database"),
        ("inventory worker", "postgresql database"),
        ("balances api", "postgresql database"),
        ("balances refresh", "postgresql database"),
        ("status api", "inventory api"),
        ("status api", "balances api"),
        ("inventory api", "status api"),
        ("balances api", "status api"),
        ("status test", "status api"),
        ("inventory test", "inventory api"),
        ("balances test", "balances api"),
    }


def test_every_pod_has_a_policy_for_both_directions(trial: Any) -> None:
    for pod in trial.pods():
        (policy,) = [
            one["spec"]
            for one in trial.of("NetworkPolicy")
            if selects(one["spec"]["podSelector"], pod.labels)
        ]
        assert policy["policyTypes"] == ["Ingress", "Egress"]


def other_namespaces(objects: Any, name: str) -> list[list[str]]:
    """The namespaces from which connections are accepted, by rule."""
    policy: Mapping[str, Any] = objects.one("NetworkPolicy", name)["spec"]
    return [
        [
            namespace
            for peer in rule["from"]
            for expression in peer.get("namespaceSelector", {}).get("matchExpressions", ())
            for namespace in expression["values"]
        ]
        for rule in policy.get("ingress", ())
    ]


def test_from_other_namespaces_only_ingress_and_prometheus_come_in(trial: Any) -> None:
    from_both = [["ingress-nginx", "traefik", "kube-system"], ["monitoring"]]
    for name in ("lab-status", "lab-inventory", "lab-balances"):
        assert other_namespaces(trial, name) == from_both
    assert other_namespaces(trial, "lab-inventory-worker") == [["monitoring"]]
    assert other_namespaces(trial, "lab-balances-refresh") == []
    assert other_namespaces(trial, "lab-postgresql") == [[]]


def test_prometheus_reaches_only_the_metrics_and_everybody_else_only_the_api(trial: Any) -> None:
    for name in ("lab-status", "lab-inventory", "lab-balances", "lab-inventory-worker"):
        for rule in trial.one("NetworkPolicy", name)["spec"]["ingress"]:
            (port,) = rule["ports"]
            of_prometheus = any("monitoring" in str(peer) for peer in rule["from"])
            assert port == {"port": "metrics" if of_prometheus else "http"}


def test_empty_lists_of_namespaces_allow_no_clients(render: Render) -> None:
    policy: Mapping[str, list[str]] = {"ingressNamespaces": [], "prometheusNamespaces": []}
    objects = render("status", {"networkPolicy": policy}).objects
    (rule,) = objects.one("NetworkPolicy", "lab-status")["spec"]["ingress"]
    assert all(
        peer["podSelector"]["matchLabels"]["app.kubernetes.io/instance"] == "lab" for peer in rule["from"]
    )


def test_the_pods_of_another_release_are_not_allowed(render: Render) -> None:
    one = render("benchtop", {"postgresql": {"enabled": True}}).objects
    other = render("benchtop", {"postgresql": {"enabled": True}}, release="other").objects
    (status,) = (pod for pod in other.pods("Deployment") if pod.labels["app.kubernetes.io/name"] == "status")
    for pod in one.pods("Deployment"):
        assert not allowed(one, "Ingress", pod, status)
        assert not allowed(other, "Egress", status, pod)


def test_an_external_database_is_allowed_at_the_port_and_peers_in_the_values(render: Render) -> None:
    peers = [{"ipBlock": {"cidr": "192.0.2.7/32"}}]
    values = {"database": {"existingSecret": "x", "port": 6432, "peers": peers}}
    rules = render("inventory", values).objects.one("NetworkPolicy", "lab-inventory-worker")["spec"]["egress"]
    assert {"ports": [{"port": 6432}], "to": peers} in rules


def test_the_trial_database_is_allowed_at_port_5432_whatever_the_values_are(render: Render) -> None:
    values = {"postgresql": {"enabled": True}, "inventory": {"database": {"port": 6432}}}
    objects = render("benchtop", values).objects
    assert ("inventory api", "postgresql database") in set(arrows(objects))
    rules = objects.one("NetworkPolicy", "lab-inventory")["spec"]["egress"]
    assert {"port": 6432} not in [port for rule in rules for port in rule["ports"]]


def test_feeds_from_a_secret_are_allowed_at_port_443_and_at_ports_in_the_values(render: Render) -> None:
    values = {
        "database": {"existingSecret": "x"},
        "secretSettings": {"FEEDS": {"secret": "bank", "key": "feeds.json"}},
        "networkPolicy": {"egress": [{"ports": [{"port": 8443}]}]},
    }
    *_, feeds, more = render("balances", values).objects.one("NetworkPolicy", "lab-balances-refresh")["spec"][
        "egress"
    ]
    assert feeds["ports"] == [{"port": 443}]
    assert more == {"ports": [{"port": 8443}]}


def test_feeds_are_reached_on_the_ports_of_their_addresses_but_in_no_private_network(trial: Any) -> None:
    for name in ("lab-balances", "lab-balances-refresh"):
        *_, rule = trial.one("NetworkPolicy", name)["spec"]["egress"]
        assert [port["port"] for port in rule["ports"]] == [443, 8080]
        v4, v6 = (peer["ipBlock"] for peer in rule["to"])
        assert v4["cidr"] == "0.0.0.0/0"
        assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= set(v4["except"])
        assert v6 == {"cidr": "::/0", "except": ["fc00::/7", "fe80::/10"]}


def test_without_feeds_and_access_only_dns_and_the_database_are_allowed(render: Render) -> None:
    values = {"database": {"existingSecret": "x"}, "access": {"mode": "open", "openToNetwork": True}}
    objects = render("balances", values).objects
    ports = [rule["ports"] for rule in objects.one("NetworkPolicy", "lab-balances")["spec"]["egress"]]
    assert ports == [[{"port": 53, "protocol": "UDP"}, {"port": 53}], [{"port": 5432}]]
