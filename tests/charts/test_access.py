"""Who may call the services: settings, tokens, the key of sessions, and rights in the cluster."""

import argparse
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from tests.charts.test_network import selects

import balances.permissions
import inventory.permissions
import status.permissions
from balances.settings import BalancesSettings
from chassis.access.authorization import Roles
from chassis.access.caller import Caller
from chassis.access.permissions import ROLES, Resource, Role, includes
from chassis.process.settings import Settings, read
from inventory.settings import InventorySettings
from status import session_key
from status.app import StatusSettings

Render = Callable[..., Any]

ROOT = Path(__file__).parents[2]
KINDS: Mapping[str, type[Settings]] = {
    "status": StatusSettings,
    "inventory": InventorySettings,
    "balances": BalancesSettings,
}
RESOURCES: Mapping[str, list[Resource]] = {
    "status": status.permissions.RESOURCES,
    "inventory": inventory.permissions.RESOURCES,
    "balances": balances.permissions.RESOURCES,
}
TRIAL = {"postgresql": {"enabled": True}}
FEEDS = {"feeds": [{"name": "bank", "url": "https://bank.example"}]}
DATABASE = {"database": {"existingSecret": "database"}}
OPEN = {"mode": "open", "openToNetwork": True}
RBAC = {"authorizer": "kubernetes"}
PROVIDER = [{"issuer": "https://id.lab.example:8443/realms/lab", "username": "email", "prefix": "lab:"}]
CLUSTER = {"issuer": "kubernetes"}


def umbrella(render: Render, shared: Any = None, **values: Any) -> Any:
    """The objects of the umbrella chart in the namespace `there`, with values of `global.access`."""
    asked = {**TRIAL, "balances": FEEDS, **values, "global": {"access": shared or {}}}
    return render("benchtop", asked, "--namespace", "there").objects


def api(objects: Any, service: str) -> Any:
    """The API pod of a service."""
    return pod(objects, service, "api")


def pod(objects: Any, service: str, component: str) -> Any:
    """The pod of a component."""
    (found,) = (
        one
        for one in objects.pods()
        if one.labels["app.kubernetes.io/name"] == service
        and one.labels["app.kubernetes.io/component"] == component
    )
    return found


def told(found: Any) -> dict[str, str]:
    """The settings of access in the environment of a pod."""
    return {
        one["name"]: one["value"]
        for one in found.container["env"]
        if one["name"].startswith("ACCESS") and "value" in one
    }


def settings(objects: Any, service: str) -> Any:
    """The settings that the API of a service reads."""
    return read(KINDS[service], {**told(api(objects, service)), "DATABASE_URL": "postgresql://x"})


def roles(objects: Any, service: str) -> dict[str, list[str]]:
    """Who has each role, without the accounts of the chart itself."""
    return {
        role: people
        for role, subjects in settings(objects, service).access_roles.items()
        if (people := [one for one in subjects if not one.startswith("serviceaccount:there/lab-")])
    }


@pytest.mark.parametrize("service", KINDS)
def test_callers_need_a_token_of_the_cluster_by_default(render: Render, service: str) -> None:
    found = settings(umbrella(render), service)
    assert (found.access, found.access_authorizer, found.access_audience) == ("token", "roles", "benchtop")
    assert [one.issuer for one in found.access_issuers] == ["kubernetes"]


@pytest.mark.parametrize("service", KINDS)
def test_a_chart_alone_has_the_same_settings_as_in_the_umbrella_chart(render: Render, service: str) -> None:
    alone = render(service, {} if service == "status" else DATABASE, "--namespace", "there").objects
    found = settings(alone, service)
    # In the umbrella chart, a ConfigMap says where the services are
    assert msgspec.structs.replace(found, access_signed_out_urls=()) == settings(umbrella(render), service)
    peers = ["http://lab-status-peers:8000"] if service == "status" else []
    assert list(found.access_signed_out_urls) == peers


GLOBAL: Mapping[str, Any] = {
    "audience": "lab",
    "issuers": [*PROVIDER, CLUSTER],
    "algorithms": ["ES256", "EdDSA"],
    "maxTokenSeconds": 7200,
    "roles": {"admin": ["group:it"]},
}


@pytest.mark.parametrize("service", KINDS)
def test_values_of_all_services_are_said_once(render: Render, service: str) -> None:
    objects = umbrella(render, GLOBAL)
    found = settings(objects, service)
    assert found.access_audience == "lab"
    assert [(one.issuer, one.username, one.prefix) for one in found.access_issuers] == [
        ("https://id.lab.example:8443/realms/lab", "email", "lab:"),
        ("kubernetes", "sub", ""),
    ]
    assert found.access_algorithms == ["ES256", "EdDSA"]
    assert found.access_max_token_seconds == 7200
    assert roles(objects, service) == {"admin": ["group:it"]}


def test_a_value_of_a_service_wins_over_that_of_all(render: Render) -> None:
    own = {
        "audience": "money",
        "issuers": [CLUSTER],
        "algorithms": ["RS512"],
        "maxTokenSeconds": 600,
        "roles": {"viewer": ["group:finance"]},
    }
    objects = umbrella(render, GLOBAL, balances={**FEEDS, "access": own})
    found = settings(objects, "balances")
    assert found.access_audience == "money"
    assert [one.issuer for one in found.access_issuers] == ["kubernetes"]
    assert found.access_algorithms == ["RS512"]
    assert found.access_max_token_seconds == 600
    assert settings(objects, "inventory").access_audience == "lab"


def test_the_roles_of_a_service_replace_those_of_all(render: Render) -> None:
    """So fewer people may read money."""
    own = {"roles": {"viewer": ["group:finance"]}}
    objects = umbrella(render, {"roles": {"viewer": ["group:lab"]}}, balances={**FEEDS, "access": own})
    assert roles(objects, "balances") == {"viewer": ["group:finance"]}
    assert roles(objects, "inventory") == {"viewer": ["group:lab"]}


def test_one_service_may_be_open(render: Render) -> None:
    objects = umbrella(render, status={"access": OPEN})
    assert [settings(objects, service).access for service in KINDS] == ["open", "token", "token"]


@pytest.mark.parametrize("service", KINDS)
def test_an_open_service_has_neither_token_nor_keys(render: Render, service: str) -> None:
    objects = umbrella(render, OPEN)
    found = settings(objects, service)
    assert (found.access, found.access_open_to_network) == ("open", True)
    assert told(api(objects, service)) == {"ACCESS": "open", "ACCESS_OPEN_TO_NETWORK": "true"}
    for one in objects.pods():
        assert "token" not in [volume["name"] for volume in one.spec["volumes"]]
        assert "session" not in str(one.spec["volumes"])
    assert objects.of("Job", "Role", "RoleBinding") == []
    assert "lab-admin" not in [one["metadata"]["name"] for one in objects.of("ServiceAccount")]


def test_every_caller_of_an_open_service_gets_no_policy_for_the_api_server(render: Render) -> None:
    for one in umbrella(render, OPEN).of("NetworkPolicy"):
        assert not any({"port": 6443} in rule["ports"] for rule in one["spec"].get("egress", ()))


@pytest.mark.parametrize(
    ("chart", "values", "message"),
    [
        ("status", {"access": {"mode": "open"}}, "access.mode is open, but its pods listen on all addresses"),
        (
            "benchtop",
            {**TRIAL, "global": {"access": {"mode": "open"}}},
            "set status.access.openToNetwork=true, or global.access.openToNetwork=true for all services",
        ),
        (
            "benchtop",
            {**TRIAL, "balances": {"access": {"mode": "open"}}},
            "balances.access.mode is open",
        ),
        (
            "status",
            {"access": {**RBAC, "roles": {"admin": ["group:it"]}}},
            "access.authorizer is kubernetes, so access.roles would have no effect. Bind people to the Roles of",
        ),
        (
            "status",
            {"access": {"mode": "opne"}},
            "at '/access/mode': value must be one of '', 'token', 'open'",
        ),
        ("status", {"access": {"role": {}}}, "at '/access': additional properties 'role' not allowed"),
        ("status", {"access": {"roles": {"boss": []}}}, "at '/access/roles': additional properties 'boss'"),
        (
            "status",
            {"access": {"roles": {"admin": ["ada"]}}},
            "at '/access/roles/admin/0': 'ada' does not match",
        ),
        (
            "status",
            {"access": {"roles": {"admin": "user:ada"}}},
            "at '/access/roles/admin': got string, want array",
        ),
        (
            "status",
            {"access": {"roles": {"viewer": ["serviceaccount:grafana"]}}},
            "at '/access/roles/viewer/0': 'serviceaccount:grafana' does not match",
        ),
        (
            "status",
            {"access": {"issuers": [{"url": "x"}]}},
            "at '/access/issuers/0': missing property 'issuer'",
        ),
        (
            "status",
            {"access": {"issuers": [{"issuer": "id.lab.example"}]}},
            "at '/access/issuers/0/issuer': 'id.lab.example' does not match",
        ),
        ("status", {"access": {"algorithms": ["none"]}}, "at '/access/algorithms/0': value must be one of"),
        ("status", {"access": {"maxTokenSeconds": 5}}, "at '/access/maxTokenSeconds'"),
        ("balances", {**DATABASE, "access": {"oidc": {}}}, "additional properties 'oidc' not allowed"),
        ("status", {"access": {"addPeople": True}}, "additional properties 'addPeople' not allowed"),
        (
            "benchtop",
            {**TRIAL, "global": {"access": {"issuers": []}}},
            "at '/global/access/issuers': minItems: got 0, want 1",
        ),
        (
            "benchtop",
            {**TRIAL, "global": {"access": {"mod": "open"}}},
            "additional properties 'mod' not allowed",
        ),
    ],
)
def test_contradictions_are_refused(render: Render, chart: str, values: Any, message: str) -> None:
    rendered = render(chart, values)
    assert rendered.status != 0
    assert message in rendered.error


SET_BY_THE_CHART = {
    "ACCESS": "access.mode",
    "ACCESS_OPEN_TO_NETWORK": "access.openToNetwork",
    "ACCESS_ISSUERS": "access.issuers",
    "ACCESS_AUDIENCE": "access.audience",
    "ACCESS_ALGORITHMS": "access.algorithms",
    "ACCESS_MAX_TOKEN_SECONDS": "access.maxTokenSeconds",
    "ACCESS_AUTHORIZER": "access.authorizer",
    "ACCESS_ROLES": "access.roles",
    "ACCESS_SESSION_KEYS_FILE": "access.sessionKey.existingSecret",
}


@pytest.mark.parametrize("name", SET_BY_THE_CHART)
def test_a_setting_of_access_is_refused_with_the_name_of_the_value(render: Render, name: str) -> None:
    for values in ({"settings": {name: "60"}}, {"extraEnv": [{"name": name, "value": "60"}]}):
        error = render("status", values).error
        assert f"the chart sets it from the value {SET_BY_THE_CHART[name]}. Use that value." in error


# Tokens


def tokens(found: Any) -> list[Any]:
    """The service account tokens in the volumes of a pod, each with the path where it is."""
    mounts = {mount["name"]: mount["mountPath"] for mount in found.container["volumeMounts"]}
    return [
        (mounts[volume["name"]], source["serviceAccountToken"])
        for volume in found.spec["volumes"]
        for source in volume.get("projected", {}).get("sources", ())
        if "serviceAccountToken" in source
    ]


def test_only_pods_that_need_a_token_have_one(render: Render) -> None:
    objects = umbrella(render)
    assert {
        f"{one.labels['app.kubernetes.io/name']} {one.labels['app.kubernetes.io/component']}"
        for one in objects.pods()
        if tokens(one)
    } == {
        "status api",
        "inventory api",
        "balances api",
        "status session-key",
        "status test",
        "inventory test",
        "balances test",
    }
    assert all(one.spec["automountServiceAccountToken"] is False for one in objects.pods())


@pytest.mark.parametrize("service", KINDS)
def test_an_api_finds_its_token_and_the_certificate_where_its_settings_say(
    render: Render, service: str
) -> None:
    objects = umbrella(render)
    found = api(objects, service)
    ((path, token),) = tokens(found)
    assert path == settings(objects, service).access_cluster_dir
    assert token["path"] == "token"
    assert "audience" not in token  # that of the API server
    assert token["expirationSeconds"] <= 3600
    (volume,) = [volume for volume in found.spec["volumes"] if volume["name"] == "token"]
    certificate = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    assert {"configMap": certificate} in volume["projected"]["sources"]


@pytest.mark.parametrize("service", KINDS)
def test_helm_test_calls_with_a_token_of_its_own_account(render: Render, service: str) -> None:
    issuer = {**CLUSTER, "audience": "other"}
    for shared, audience in (
        ({}, "benchtop"),
        ({"audience": "lab"}, "lab"),
        ({"issuers": [issuer]}, "other"),
    ):
        objects = umbrella(render, shared)
        found = pod(objects, service, "test")
        ((path, token),) = tokens(found)
        assert token == {"path": "token", "audience": audience, "expirationSeconds": 600}
        assert found.container["args"][2] == f"{path}/token"
        account = found.spec["serviceAccountName"]
        assert objects.one("ServiceAccount", account)
        who = f"system:serviceaccount:there:{account}"
        assert role_of(objects, service, who) == "viewer"


def role_of(objects: Any, service: str, who: str) -> str | None:
    """The role of somebody in the settings of a service."""
    return Roles(settings(objects, service).access_roles).role(Caller(kind="token", actor=who))


def test_without_tokens_of_the_cluster_nothing_has_one(render: Render) -> None:
    objects = umbrella(render, {"issuers": PROVIDER})
    assert {one.labels["app.kubernetes.io/component"] for one in objects.pods() if tokens(one)} == {
        "session-key"
    }
    for service in KINDS:
        assert "ACCESS_CLUSTER_DIR" not in told(api(objects, service))
        assert len(pod(objects, service, "test").container["args"]) == 2
        assert settings(objects, service).access_roles == {}


def test_the_rbac_of_the_cluster_needs_a_token_whoever_issues_those_of_callers(render: Render) -> None:
    objects = umbrella(render, {"issuers": PROVIDER, **RBAC})
    for service in KINDS:
        assert len(tokens(api(objects, service))) == 1


# The account of the first person


def test_the_first_person_signs_in_as_a_service_account_with_the_role_admin(render: Render) -> None:
    objects = umbrella(render)
    account = objects.one("ServiceAccount", "lab-admin")
    assert account["automountServiceAccountToken"] is False
    assert not any(one.spec.get("serviceAccountName") == "lab-admin" for one in objects.pods())
    for service in KINDS:
        assert role_of(objects, service, "system:serviceaccount:there:lab-admin") == "admin"


@pytest.mark.parametrize("service", KINDS)
def test_a_chart_that_is_installed_alone_makes_the_account_too(render: Render, service: str) -> None:
    objects = render(service, {} if service == "status" else DATABASE, "--namespace", "there").objects
    assert objects.one("ServiceAccount", "lab-admin")
    assert role_of(objects, service, "system:serviceaccount:there:lab-admin") == "admin"


def test_there_is_no_such_account_if_the_values_say_so(render: Render) -> None:
    off = {"adminAccount": {"create": False}}
    objects = umbrella(render, off)
    assert "lab-admin" not in [one["metadata"]["name"] for one in objects.of("ServiceAccount")]
    assert all("admin" not in settings(objects, service).access_roles for service in KINDS)
    alone = render("status", {"access": off}).objects
    assert "lab-admin" not in [one["metadata"]["name"] for one in alone.of("ServiceAccount")]


def test_a_service_may_refuse_the_role_admin_to_that_account(render: Render) -> None:
    objects = umbrella(render, balances={**FEEDS, "access": {"adminAccount": {"create": False}}})
    assert objects.one("ServiceAccount", "lab-admin")
    assert "admin" in settings(objects, "inventory").access_roles
    assert "admin" not in settings(objects, "balances").access_roles


# The key of sessions


def session_source(found: Any) -> Any:
    """The secret with the keys of sessions in the volumes of a pod; its path is in the settings."""
    path = Path(told(found)["ACCESS_SESSION_KEYS_FILE"])
    (volume,) = [volume for volume in found.spec["volumes"] if volume["name"] == "settings"]
    (mount,) = [mount for mount in found.container["volumeMounts"] if mount["name"] == "settings"]
    assert mount["mountPath"] == str(path.parent)
    (secret,) = [
        source["secret"]
        for source in volume["projected"]["sources"]
        if "secret" in source and source["secret"]["items"][0]["path"] == path.name
    ]
    return secret


@pytest.mark.parametrize("service", KINDS)
def test_every_api_mounts_the_secret_that_the_hook_creates(render: Render, service: str) -> None:
    objects = umbrella(render)
    found = session_source(api(objects, service))
    arguments = hook_arguments(objects)
    assert found["name"] == arguments.secret == "lab-session"
    assert found["items"][0]["key"] == session_key.FIELD
    assert found["optional"] is True  # pods start without it


def hook_arguments(objects: Any) -> argparse.Namespace:
    """The arguments of the hook, as the command of status reads them."""
    parser = argparse.ArgumentParser()
    session_key.add_parser(parser.add_subparsers(dest="command"))
    return parser.parse_args(pod(objects, "status", "session-key").container["args"])


def test_the_hook_knows_its_namespace_and_finds_its_token(render: Render) -> None:
    found = pod(umbrella(render), "status", "session-key")
    names = {one["name"]: one for one in found.container["env"]}
    assert names["ACCESS_NAMESPACE"]["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.namespace"}}
    ((path, token),) = tokens(found)
    assert path == StatusSettings().access_cluster_dir
    assert (token["path"], token["expirationSeconds"]) == ("token", 600)
    assert found.container["image"] == api(umbrella(render), "status").container["image"]
    assert found.spec["restartPolicy"] == "Never"


def hooks(objects: Any) -> Iterator[tuple[int, Any]]:
    """The objects of the hook, in the order in which helm makes them."""
    for one in objects:
        annotations = one["metadata"].get("annotations", {})
        if "helm.sh/hook" in annotations and annotations["helm.sh/hook"] != "test":
            yield int(annotations["helm.sh/hook-weight"]), one


def test_the_hook_runs_before_everything_else_and_leaves_nothing_but_the_secret(render: Render) -> None:
    found = sorted(hooks(umbrella(render)), key=lambda item: item[0])
    assert [one["kind"] for _, one in found][-1] == "Job"
    assert {one["kind"] for _, one in found} == {
        "Job",
        "NetworkPolicy",
        "Role",
        "RoleBinding",
        "ServiceAccount",
    }
    assert max(weight for weight, one in found if one["kind"] != "Job") < found[-1][0]
    for _, one in found:
        annotations = one["metadata"]["annotations"]
        assert annotations["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert annotations["helm.sh/hook-delete-policy"] == "before-hook-creation,hook-succeeded"


def test_the_hook_may_create_secrets_and_read_its_own_one(render: Render) -> None:
    objects = umbrella(render)
    found = pod(objects, "status", "session-key")
    (binding,) = [
        one
        for one in objects.of("RoleBinding")
        if found.spec["serviceAccountName"] in [subject["name"] for subject in one["subjects"]]
    ]
    rules = objects.one("Role", binding["roleRef"]["name"])["rules"]
    assert rules == [
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]},
        {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["lab-session"], "verbs": ["get"]},
    ]


def test_the_hook_connects_to_the_api_server_alone(render: Render) -> None:
    objects = umbrella(render)
    found = pod(objects, "status", "session-key")
    (policy,) = [
        one["spec"]
        for one in objects.of("NetworkPolicy")
        if selects(one["spec"]["podSelector"], found.labels)
    ]
    assert "ingress" not in policy
    assert [rule["ports"] for rule in policy["egress"]] == [
        [{"port": 53, "protocol": "UDP"}, {"port": 53}],
        [{"port": 443}, {"port": 6443}],
    ]


def test_the_pods_of_a_release_without_status_still_start(render: Render) -> None:
    """No hook creates the secret, which another release may have."""
    objects = render("inventory", DATABASE).objects
    assert objects.of("Job") == []
    assert session_source(api(objects, "inventory"))["optional"] is True


@pytest.mark.parametrize("service", KINDS)
def test_with_a_secret_of_their_own_nothing_is_created(render: Render, service: str) -> None:
    theirs = {"sessionKey": {"existingSecret": "theirs", "key": "session"}}
    own = {"sessionKey": {"existingSecret": "own"}}
    objects = umbrella(render, theirs, balances={**FEEDS, "access": own})
    found = session_source(api(objects, service))
    expected = ("own", "keys") if service == "balances" else ("theirs", "session")
    assert (found["name"], found["items"][0]["key"]) == expected
    assert objects.of("Job") == []


@pytest.mark.parametrize("shared", [{}, RBAC, OPEN, {"roles": {"admin": ["group:it"]}}])
def test_the_same_values_give_the_same_objects(helm: str, charts: Path, shared: Any) -> None:
    values = {
        "global": {"access": shared},
        "inventory": DATABASE,
        "balances": {**DATABASE, **FEEDS},
        "ingress": {"host": "lab.example", "tlsSecret": "tls"},
    }
    command = [helm, "template", "lab", str(charts / "benchtop"), "--values", "-"]
    first, second = (
        subprocess.run(command, input=json.dumps(values), capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    )
    assert first == second


# Rights in the cluster


def granted(rules: list[Any]) -> set[tuple[str, str]]:
    """The verbs and resources of rules; each rule is of the group benchtop.dev."""
    found = []
    for rule in rules:
        assert rule["apiGroups"] == ["benchtop.dev"]
        found += [(verb, resource) for verb in rule["verbs"] for resource in rule["resources"]]
    assert len(found) == len(set(found))
    return set(found)


def permitted(services: Any, role: Role) -> set[tuple[str, str]]:
    """What a role may do in services, by their code."""
    return {
        (permission.verb, permission.resource)
        for service in services
        for resource in RESOURCES[service]
        for permission in resource.permissions.values()
        if includes(role, permission.role)
    }


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("service", KINDS)
def test_the_roles_of_a_chart_are_those_of_the_code(render: Render, service: str, role: Role) -> None:
    objects = umbrella(render, RBAC)
    assert granted(objects.one("Role", f"lab-{service}-{role}")["rules"]) == permitted([service], role)


@pytest.mark.parametrize("role", ROLES)
def test_the_roles_of_the_umbrella_chart_are_those_of_all_services(render: Render, role: Role) -> None:
    objects = umbrella(render, RBAC)
    assert granted(objects.one("Role", f"lab-{role}")["rules"]) == permitted(RESOURCES, role)
    some = umbrella(render, RBAC, inventory={"access": {"authorizer": "roles"}}, status={"enabled": False})
    assert granted(some.one("Role", f"lab-{role}")["rules"]) == permitted(["balances"], role)


def test_the_cluster_role_for_admins_has_every_permission() -> None:
    found = yaml.safe_load((ROOT / "k8s/access/role.yaml").read_text())
    assert found["metadata"]["labels"] == {"rbac.authorization.k8s.io/aggregate-to-admin": "true"}
    assert granted(found["rules"]) == permitted(RESOURCES, "admin")


def bound(objects: Any, account: str) -> set[str]:
    """The Roles to which a ServiceAccount of the release is bound."""
    subject = {"kind": "ServiceAccount", "name": account, "namespace": "there"}
    return {one["roleRef"]["name"] for one in objects.of("RoleBinding") if subject in one["subjects"]}


@pytest.mark.parametrize("service", KINDS)
def test_an_api_may_ask_what_a_caller_may_do_and_nothing_else(render: Render, service: str) -> None:
    objects = umbrella(render, RBAC)
    assert bound(objects, api(objects, service).spec["serviceAccountName"]) == {f"lab-{service}-ask"}
    assert objects.one("Role", f"lab-{service}-ask")["rules"] == [
        {
            "apiGroups": ["authorization.k8s.io"],
            "resources": ["localsubjectaccessreviews"],
            "verbs": ["create"],
        }
    ]


@pytest.mark.parametrize("service", KINDS)
def test_helm_test_and_the_first_person_are_bound_to_roles(render: Render, service: str) -> None:
    objects = umbrella(render, RBAC)
    assert bound(objects, f"lab-{service}-test") == {f"lab-{service}-viewer"}
    assert f"lab-{service}-admin" in bound(objects, "lab-admin")
    without = umbrella(render, {**RBAC, "issuers": PROVIDER})
    assert bound(without, f"lab-{service}-test") == bound(without, "lab-admin") == set()


def test_a_service_asks_about_the_namespace_of_its_pod(render: Render) -> None:
    for service in KINDS:
        environment = {one["name"]: one for one in api(umbrella(render, RBAC), service).container["env"]}
        assert environment["ACCESS_NAMESPACE"]["valueFrom"] == {
            "fieldRef": {"fieldPath": "metadata.namespace"}
        }
        assert "ACCESS_ROLES" not in environment
        assert environment["ACCESS_AUTHORIZER"]["value"] == "kubernetes"


def test_with_roles_in_the_values_there_is_nothing_that_only_a_cluster_admin_may_create(
    render: Render,
) -> None:
    """The admin of a namespace may give only rights that he has: those on secrets, but none of benchtop.dev."""
    objects = umbrella(render)
    assert {one["kind"] for one in objects} & {"ClusterRole", "ClusterRoleBinding"} == set()
    assert [one["metadata"]["name"] for one in objects.of("Role")] == ["lab-status-session-key"]


# Signing in


def test_the_client_of_the_provider_is_a_file_from_a_secret(render: Render) -> None:
    client = {"oidc": {"existingSecret": "provider", "key": "lab.json"}}
    found = api(umbrella(render, {"issuers": PROVIDER}, status={"access": client}), "status")
    path = Path(next(one["value"] for one in found.container["env"] if one["name"] == "SIGN_IN_CLIENT_FILE"))
    (volume,) = [volume for volume in found.spec["volumes"] if volume["name"] == "settings"]
    assert path.parent == Path("/etc/benchtop")
    secret = {"name": "provider", "items": [{"key": "lab.json", "path": path.name}]}
    assert {"secret": secret} in volume["projected"]["sources"]


@pytest.mark.parametrize("service", ["inventory", "balances"])
def test_only_status_knows_the_client(render: Render, service: str) -> None:
    client = {"oidc": {"existingSecret": "provider"}}
    for one in umbrella(render, status={"access": client}).pods():
        if one.labels["app.kubernetes.io/name"] == service:
            assert "SIGN_IN_CLIENT" not in str(one.spec)


def test_the_client_among_the_settings_is_refused_with_the_name_of_the_value(render: Render) -> None:
    secret = {"secretSettings": {"SIGN_IN_CLIENT": {"secret": "provider", "key": "client.json"}}}
    assert "from the value access.oidc.existingSecret. Use that value." in render("status", secret).error


@pytest.mark.parametrize("adds", [True, False])
def test_accounts_of_people_who_sign_in_are_added_only_if_the_values_say_so(
    render: Render, adds: bool
) -> None:
    objects = umbrella(render, inventory={"access": {"addPeople": adds}})
    assert settings(objects, "inventory").access_add_people is adds


# Authorities of certificates


def trusted(found: Any) -> tuple[str, str] | None:
    """The ConfigMap and the key of the file that SSL_CERT_FILE names in a pod; None if it names none."""
    environment = {one["name"]: one.get("value", "") for one in found.container["env"]}
    if "SSL_CERT_FILE" not in environment:
        return None
    path = Path(environment["SSL_CERT_FILE"])
    mounts = {mount["name"]: mount["mountPath"] for mount in found.container["volumeMounts"]}
    return next(
        (source["configMap"]["name"], item["key"])
        for volume in found.spec["volumes"]
        for source in volume.get("projected", {}).get("sources", ())
        for item in source.get("configMap", {}).get("items", ())
        if Path(mounts[volume["name"]], item["path"]) == path
    )


def test_every_pod_of_a_service_trusts_the_authorities_in_the_values(render: Render) -> None:
    shared = {"trustedCertificates": {"existingConfigMap": "authorities"}}
    own = {"trustedCertificates": {"existingConfigMap": "bank", "key": "bundle.pem"}}
    values = {**TRIAL, "global": shared, "balances": {**FEEDS, **own}}
    objects = render("benchtop", values).objects
    found = {
        f"{one.labels['app.kubernetes.io/name']} {one.labels['app.kubernetes.io/component']}": trusted(one)
        for one in objects.pods("Deployment", "CronJob")
    }
    assert found == {
        "status api": ("authorities", "ca.crt"),
        "inventory api": ("authorities", "ca.crt"),
        "inventory worker": ("authorities", "ca.crt"),
        "balances api": ("bank", "bundle.pem"),
        "balances refresh": ("bank", "bundle.pem"),
    }
    assert all(trusted(one) is None for one in umbrella(render).pods("Deployment"))


def test_the_file_of_authorities_is_said_once(render: Render) -> None:
    extra = {"extraEnv": [{"name": "SSL_CERT_FILE", "value": "/etc/ssl/ca.pem"}]}
    assert render("status", extra).status == 0
    error = render("status", {**extra, "trustedCertificates": {"existingConfigMap": "authorities"}}).error
    assert (
        "extraEnv.SSL_CERT_FILE cannot be set: the chart sets it from the value trustedCertificates." in error
    )


# The network


def egress(objects: Any, service: str) -> list[Any]:
    """The rules for the connections that the API of a service may open."""
    found: list[Any] = objects.one("NetworkPolicy", f"lab-{service}")["spec"]["egress"]
    return found


API_SERVER = {"ports": [{"port": 443}, {"port": 6443}]}


@pytest.mark.parametrize("service", KINDS)
def test_an_api_reaches_the_api_server_only_if_it_asks_it(render: Render, service: str) -> None:
    assert API_SERVER in egress(umbrella(render), service)
    assert API_SERVER in egress(umbrella(render, {"issuers": PROVIDER, **RBAC}), service)
    assert API_SERVER not in egress(umbrella(render, {"issuers": PROVIDER}), service)


def test_workers_and_jobs_reach_no_api_server(render: Render) -> None:
    objects = umbrella(render)
    for name in ("lab-inventory-worker", "lab-balances-refresh", "lab-status-test"):
        assert API_SERVER not in objects.one("NetworkPolicy", name)["spec"]["egress"]


def test_the_addresses_of_the_api_server_are_the_users(render: Render) -> None:
    peers = [{"ipBlock": {"cidr": "192.0.2.1/32"}}]
    values = {"networkPolicy": {"apiServer": {"ports": [8443], "peers": peers}}}
    objects = render("status", values).objects
    for name in ("lab-status", "lab-status-session-key"):
        rules = objects.one("NetworkPolicy", name)["spec"]["egress"]
        assert {"ports": [{"port": 8443}], "to": peers} in rules


@pytest.mark.parametrize("service", KINDS)
def test_an_api_reaches_providers_at_the_ports_of_their_urls(render: Render, service: str) -> None:
    issuers = [*PROVIDER, {"issuer": "https://id.example"}, {"issuer": "http://id.there"}]
    rules = egress(umbrella(render, {"issuers": issuers}), service)
    assert {"ports": [{"port": 443}, {"port": 80}, {"port": 8443}]} in rules
    peers = [{"ipBlock": {"cidr": "192.0.2.0/24"}}]
    policy = {"networkPolicy": {"issuers": peers}}
    limited = umbrella(
        render, {"issuers": PROVIDER}, **{service: {**policy, **(FEEDS if service == "balances" else {})}}
    )
    assert {"ports": [{"port": 8443}], "to": peers} in egress(limited, service)
