"""Every documented value has an effect."""

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

Render = Callable[..., Any]

ROOT = Path(__file__).parents[2]
ON = {"enabled": True}
FEEDS = [{"name": "bank", "url": "https://bank.example"}]
HOSTS = {"status": "a.example"}

SHARED: Mapping[str, Any] = {
    "api": {"autoscaling": ON},
    "monitoring": {"serviceMonitor": ON, "rules": ON, "dashboards": ON},
}
BASES: Mapping[str, Any] = {
    "balances": {**SHARED, "feeds": FEEDS, "database": {"existingSecret": "database"}},
    "inventory": {"database": {"existingSecret": "database"}},
    "status": {},
    "benchtop": {
        "inventory": {"database": {"existingSecret": "database"}},
        "balances": {"enabled": False},
        "postgresql": ON,
        "ingress": {"host": "lab.example", "tlsSecret": "certificate"},
        "httpRoute": {**ON, "parentRefs": [{"name": "web"}]},
    },
}
"""Values that turn features on, so that other values have an effect."""

OPEN = {"access": {"mode": "open", "openToNetwork": True}}
THEIR_KEY = {"access": {"sessionKey": {"existingSecret": "theirs"}}}
PROVIDER = [{"issuer": "https://id.lab.example"}]

NEEDS: Mapping[str, Any] = {
    "access.mode": OPEN,
    "trustedCertificates.key": {"trustedCertificates": {"existingConfigMap": "authorities"}},
    "global.trustedCertificates.key": {
        "global": {"trustedCertificates": {"existingConfigMap": "authorities"}}
    },
    "access.oidc.key": {"access": {"oidc": {"existingSecret": "theirs"}}},
    "access.openToNetwork": OPEN,
    "access.sessionKey.key": THEIR_KEY,
    "global.access.mode": {"global": OPEN},
    "global.access.openToNetwork": {"global": OPEN},
    "global.access.sessionKey.key": {"global": THEIR_KEY},
    "networkPolicy.issuers": {"access": {"issuers": PROVIDER}},
    "api.replicas": {"api": {"autoscaling": {"enabled": False}}},
    "database.trial": {"database": {"existingSecret": ""}},
    "inventory.database.trial": {"inventory": {"database": {"existingSecret": ""}}},
    "balances.database.trial": {"balances": {"enabled": True}},
}
"""Other values that must also be changed for a value to have an effect."""

ACCESS: Mapping[str, Any] = {
    "access.mode": "token",
    "access.issuers": PROVIDER,
    "access.algorithms": ["ES512"],
    "access.maxTokenSeconds": 3600,
    "access.authorizer": "kubernetes",
    "access.roles": {"admin": ["group:it"]},
}
OTHERS: Mapping[str, Any] = {
    **ACCESS,
    **{f"global.{name}": other for name, other in ACCESS.items()},
    "networkPolicy.apiServer.ports": [8443],
    "feeds": [*FEEDS, {"name": "other", "url": "https://other.example"}],
    "refresh.schedule": "5 4 * * *",
    "image.digest": "sha256:" + 64 * "1",
    "log.level": "debug",
    "log.format": "console",
    "monitoring.serviceMonitor.interval": "15s",
    "pathPrefix": "/elsewhere",
    "imagePullSecrets": [{"name": "registry"}],
    "settings": {"MAX_BODY_BYTES": 1},
    "secretSettings": {"COMMIT_FILE": {"secret": "a", "key": "b"}},
    "extraEnv": [{"name": "TZ", "value": "Europe/Oslo"}],
    "tmpSize": "1Gi",
    "postgresql.storage.size": "7Gi",
    "postgresql.imagePullSecrets": [{"name": "registry"}],
    "monitoring.rules.runbookBase": "https://git.example/lab/",
    "httpRoute.parentRefs": [{"name": "other"}],
    "ingress.hosts": HOSTS,
}
"""A different value for those whose type does not determine one."""


def reference() -> Any:
    """The module that reads the comments in values.yaml."""
    spec = importlib.util.spec_from_file_location("reference", ROOT / "charts/reference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def documented() -> Iterator[Any]:
    """Chart, path, default and schema of each value; shared values only once."""
    known: set[tuple[str, ...]] = set()
    for chart in BASES:
        for value in reference().values(chart):
            if chart == "benchtop" or value.path not in known:
                known.add(value.path)
                yield pytest.param(chart, value, id=f"{chart}-{'.'.join(value.path)}")


def merged(values: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Merge two mappings; the second one takes precedence."""
    result = dict(values)
    for name, value in more.items():
        both = isinstance(value, Mapping) and isinstance(result.get(name), Mapping)
        result[name] = merged(result[name], value) if both else value
    return result


def another(value: Any, base: Any) -> Any:
    """A value that differs from that in `base` and from the default."""
    path, default = ".".join(value.path), value.default
    for name in value.path:
        base = base.get(name, {})
    if path in OTHERS:
        return OTHERS[path]
    if choices := [choice for choice in value.schema.get("enum", ()) if choice != default]:
        return choices[0]
    if "resources" in value.path:
        return {amount: {"cpu": "7m", "memory": "7Mi"} for amount in ("requests", "limits")}
    by_type: Mapping[type, Callable[[], Any]] = {
        bool: lambda: not (default if base == {} else base),
        int: lambda: default + 1,
        str: lambda: "another",
        list: lambda: [{"another": "one"}] if value.schema["items"]["type"] == "object" else ["another"],
        dict: lambda: {"another": "one"},
    }
    return by_type[type(default)]()


@pytest.mark.parametrize(("chart", "value"), list(documented()))
def test_it_changes_what_is_rendered(render: Render, chart: str, value: Any) -> None:
    base = merged(BASES[chart], NEEDS.get(".".join(value.path), {}))
    change = _changed(value, another(value, base))
    before, after = (_without_passwords(render(chart, values)) for values in (base, merged(base, change)))
    assert before != after


def _changed(value: Any, to: Any) -> Any:
    """Values with a different value at a path."""
    for name in reversed(value.path):
        to = {name: to}
    return to


@pytest.mark.parametrize(("chart", "value"), list(documented()))
def test_left_empty_it_means_nothing_or_is_refused_by_its_name(
    render: Render, chart: str, value: Any
) -> None:
    """In a file of values, `podAnnotations:` without a value means null."""
    base = merged(BASES[chart], NEEDS.get(".".join(value.path), {}))
    left, empty = (merged(base, _changed(value, to)) for to in (None, type(value.default)()))
    rendered = render(chart, left)
    name = value.path[-1]
    if "null" in value.schema.get("type", ()):
        assert _without_passwords(rendered) == _without_passwords(render(chart, empty))
        assert rendered.status == 0
    elif value.path[0] == "global" and not rendered.status:  # helm then keeps the default of a nested value
        assert _without_passwords(rendered) == _without_passwords(render(chart, base))
    else:
        assert f"missing property '{name}'" in rendered.error or f"/{name}': got null" in rendered.error


@pytest.mark.parametrize("chart", list(BASES))
def test_a_group_of_values_left_empty_is_refused_by_its_name(render: Render, chart: str) -> None:
    for group in {value.path[0] for value in reference().values(chart) if len(value.path) > 1}:
        if group not in ("status", "inventory", "balances"):  # charts, whose own defaults apply then
            rendered = render(chart, {**BASES[chart], group: None})
            assert f"at '': missing property '{group}'" in rendered.error


def _without_passwords(rendered: Any) -> Any:
    if rendered.status:
        return rendered.error
    return [one for one in rendered.objects if one["kind"] != "Secret"]
