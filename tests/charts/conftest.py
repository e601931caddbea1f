"""Charts rendered by helm, with several sets of values each."""

import functools
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[2]

Object = Mapping[str, Any]
Values = Mapping[str, Any]


class Pod(NamedTuple):
    """A pod, or the template of one."""

    owner: Object
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    spec: Mapping[str, Any]

    @property
    def container(self) -> Mapping[str, Any]:
        (only,) = self.spec["containers"] + self.spec.get("initContainers", [])
        found: Mapping[str, Any] = only
        return found


class Manifest(list[Object]):
    """The objects that a chart renders."""

    def of(self, *kinds: str) -> list[Object]:
        """The objects of some kinds."""
        return [one for one in self if one["kind"] in kinds]

    def one(self, kind: str, name: str) -> Any:
        """The object of a kind with a name."""
        (found,) = [one for one in self.of(kind) if one["metadata"]["name"] == name]
        return found

    def pods(self, *kinds: str) -> Iterator[Pod]:
        """The pods; only those of some kinds of owner, if kinds are given."""
        for one in self.of(*(kinds or ("Pod", "Deployment", "StatefulSet", "CronJob", "Job"))):
            template = one
            while inner := template["spec"].get("jobTemplate") or template["spec"].get("template"):
                template = inner
            metadata = template["metadata"]
            yield Pod(one, metadata["labels"], metadata.get("annotations", {}), template["spec"])


@dataclass
class Rendered:
    """Status and output of helm."""

    status: int
    output: str
    error: str

    @functools.cached_property
    def objects(self) -> Manifest:
        assert self.status == 0, self.error
        return Manifest(one for one in yaml.load_all(self.output, yaml.CSafeLoader) if one)


Render = Callable[..., Rendered]


@pytest.fixture(scope="session")
def helm() -> str:
    """The helm command."""
    found = shutil.which("helm") or shutil.which(ROOT / ".local/bin/helm")
    if not found:
        pytest.fail(
            "The charts' tests need helm: `make charts` builds it into .local/bin where Go is installed."
        )
    return found


@pytest.fixture(scope="session")
def charts(helm: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of charts/ with all dependencies."""
    copy = tmp_path_factory.mktemp("copy") / "charts"
    shutil.copytree(ROOT / "charts", copy, ignore=lambda _, names: {"charts", "Chart.lock"} & set(names))
    for chart in ("status", "inventory", "balances", "benchtop"):
        subprocess.run([helm, "dependency", "build", copy / chart], check=True, stdout=subprocess.DEVNULL)
    return copy


@pytest.fixture(scope="session")
def render(helm: str, charts: Path) -> Render:
    """A function that renders a chart with values; the release is `lab` by default."""

    @functools.cache
    def run(chart: str, values: str, *arguments: str, release: str = "lab") -> Rendered:
        command = [helm, "template", release, str(charts / chart), "--values", "-", *arguments]
        done = subprocess.run(command, input=values, capture_output=True, text=True, check=False)
        return Rendered(done.returncode, done.stdout, done.stderr)

    return lambda chart, values, *arguments, **release: run(chart, json.dumps(values), *arguments, **release)


def read(path: str) -> Values:
    """Read a file of values, by its path in the repository."""
    found: Values = yaml.safe_load((ROOT / path).read_text())
    return found


ON = {"enabled": True}
TRIAL = {"postgresql": ON}
ONE = {"api": {"replicas": 1}}
DATABASE = {"existingSecret": "database"}
FEEDS = [
    {"name": "bank", "url": "https://bank.example/resource"},
    {"name": "other", "url": "http://feeds.example:8080/{page}", "currency": "EUR", "deadline": 120},
]
HOSTS = {
    "status": "status.lab.example",
    "inventory": "inventory.lab.example",
    "balances": "balances.lab.example",
}
GATEWAY = {"enabled": True, "parentRefs": [{"name": "web", "namespace": "gateways"}]}
EVERYTHING = {
    "api": {"autoscaling": ON},
    "monitoring": {"serviceMonitor": ON, "rules": ON, "dashboards": ON},
    "settings": {"MAX_BODY_BYTES": 2048},
    "secretSettings": {"COMMIT_FILE": {"secret": "theirs", "key": "commit"}},
    "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy.example:3128"}],
    "imagePullSecrets": [{"name": "registry"}],
    "image": {"digest": "sha256:" + 64 * "0"},
    "networkPolicy": {
        "callers": [{"podSelector": {"matchLabels": {"app": "script"}}}],
        "egress": [{"ports": [{"port": 25}]}],
    },
    "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "lab", "operator": "Exists"}],
    "affinity": {"podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    "priorityClassName": "high",
    "podLabels": {"team": "lab"},
    "podAnnotations": {"note": "kept"},
    "service": {"annotations": {"note": "kept"}},
    "serviceAccount": {"annotations": {"note": "kept"}},
}

SCENARIOS: Mapping[str, tuple[str, Values]] = {
    "status": ("status", {}),
    "status-everything": ("status", EVERYTHING),
    "status-nothing": ("status", {"networkPolicy": {"enabled": False}, "monitoring": {"annotations": False}}),
    "inventory": ("inventory", {"database": DATABASE}),
    "inventory-everything": ("inventory", {**EVERYTHING, "database": DATABASE, "worker": {"replicas": 3}}),
    "balances": ("balances", {"database": DATABASE}),
    "balances-everything": ("balances", {**EVERYTHING, "database": DATABASE, "feeds": FEEDS}),
    "balances-secret-feeds": (
        "balances",
        {"database": DATABASE, "secretSettings": {"FEEDS": {"secret": "bank", "key": "feeds.json"}}},
    ),
    "trial": ("benchtop", {**TRIAL, "balances": {"feeds": FEEDS}}),
    "own-databases": (
        "benchtop",
        {
            "inventory": {"database": DATABASE},
            "balances": {"database": DATABASE},
            "ingress": {"host": "lab.example", "tlsSecret": "lab-tls", "className": "nginx"},
        },
    ),
    "cloudnative-pg": ("benchtop", read("docs/cloudnative-pg/values.yaml")),
    "one-pod-each": ("benchtop", {**TRIAL, "status": ONE, "inventory": ONE, "balances": ONE}),
    "hosts": ("benchtop", {**TRIAL, "ingress": {"hosts": HOSTS, "tlsSecret": "lab-tls"}}),
    "gateway": ("benchtop", {**TRIAL, "ingress": {"enabled": False}, "httpRoute": GATEWAY}),
    "gateway-hosts": ("benchtop", {**TRIAL, "ingress": {"hosts": HOSTS}, "httpRoute": GATEWAY}),
    "status-alone": ("benchtop", {"inventory": {"enabled": False}, "balances": {"enabled": False}}),
    "access-open": ("benchtop", {**TRIAL, "global": {"access": {"mode": "open", "openToNetwork": True}}}),
    "access-kubernetes": ("benchtop", {**TRIAL, "global": {"access": {"authorizer": "kubernetes"}}}),
    "access-provider": (
        "benchtop",
        {
            **TRIAL,
            "global": {
                "access": {
                    "issuers": [
                        {"issuer": "https://id.lab.example", "username": "email"},
                        {"issuer": "kubernetes"},
                    ],
                    "algorithms": ["RS256"],
                    "maxTokenSeconds": 3600,
                    "roles": {"admin": ["group:it"], "viewer": ["user:ada@lab.example"]},
                    "sessionKey": {"existingSecret": "theirs"},
                    "adminAccount": {"create": False},
                }
            },
            "status": {"access": {"oidc": {"existingSecret": "provider"}}},
            "inventory": {"access": {"addPeople": True}},
            "balances": {"access": {"roles": {"viewer": ["group:finance"]}}},
            "ingress": {"host": "lab.example", "tlsSecret": "lab-tls"},
        },
    ),
    "development": ("benchtop", read("charts/benchtop/dev.yaml")),
}


@pytest.fixture(params=SCENARIOS)
def objects(request: pytest.FixtureRequest, render: Render) -> Manifest:
    """All objects of a scenario."""
    chart, values = SCENARIOS[request.param]
    return render(chart, values).objects


@pytest.fixture
def trial(render: Render) -> Manifest:
    """The umbrella chart with its trial PostgreSQL and two feeds."""
    return render(*SCENARIOS["trial"]).objects
