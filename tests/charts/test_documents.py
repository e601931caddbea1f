"""The documentation of the charts is true."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Render = Callable[..., Any]

ROOT = Path(__file__).parents[2]


def test_schemas_and_tables_of_values_are_those_of_the_comments() -> None:
    command = [sys.executable, str(ROOT / "charts/reference.py"), "--check"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.stderr, run.returncode) == ("", 0)


@pytest.mark.parametrize("service", ["status", "inventory", "balances"])
def test_a_chart_installs_the_version_that_is_here(service: str) -> None:
    chart = yaml.safe_load((ROOT / f"charts/{service}/Chart.yaml").read_text())
    project = tomllib.loads((ROOT / f"services/{service}/pyproject.toml").read_text())["project"]
    assert chart["appVersion"] == project["version"]


@pytest.mark.parametrize("arguments", [[], ["--set", "ingress.host=lab.example,ingress.tlsSecret=x"]])
def test_the_notes_have_three_commands_and_name_what_is_missing(
    helm: str, charts: Path, arguments: list[str]
) -> None:
    notes = _notes(helm, charts / "benchtop", "--set", "postgresql.enabled=true", *arguments)
    for command in ("kubectl -n lab get pods,ingress", "helm test -n lab lab\n", "curl '"):
        assert f"\n  {command}" in notes
    assert "Missing: balances has no feed: it responds with 503 until a feed is set (feeds)" in notes
    assert "Missing: status has no alerts (monitoring.rules.enabled)" in notes
    assert ("https://lab.example/health" in notes) is bool(arguments)


GATEWAY = "ingress.enabled=false,httpRoute.enabled=true,httpRoute.parentRefs[0].name=web"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("ingress.host=lab.example", "curl 'http://lab.example/health'"),
        ("ingress.host=lab.example,ingress.hosts.status=a.example", "curl 'http://a.example/health'"),
        ("ingress.host=lab.example,status.enabled=false", "curl 'http://lab.example/inventory/health'"),
        ("ingress.host=*.lab.example", "curl 'http://<a host of *.lab.example>/health'"),
        (f"{GATEWAY},ingress.host=a.example,ingress.tlsSecret=x", "curl 'http://a.example/health'"),
        ("ingress.hosts.status=a.example", "Missing: inventory is not routed, because it has no host"),
        (
            "inventory.enabled=false,ingress.hosts.inventory=a.example",
            "Missing: a.example is not routed, because inventory is not installed (inventory.enabled)",
        ),
        (
            "status.enabled=false,inventory.enabled=false,balances.enabled=false",
            "Missing: a route from outside the cluster, because no service that could be routed is installed",
        ),
        ("ingress.host=", "Missing: a host."),
        ("ingress.enabled=false", "Missing: a route from outside the cluster (ingress.enabled, httpRoute"),
    ],
)
def test_the_notes_name_an_address_that_is_routed_or_what_is_not(
    helm: str, charts: Path, values: str, said: str
) -> None:
    notes = _notes(helm, charts / "benchtop", "--set", f"postgresql.enabled=true,{values}")
    assert said in notes
    assert ("curl" in notes) is ("a route from" not in said and "inventory.enabled=" not in values)


CREATE = "\n  kubectl -n lab create token lab-admin --audience benchtop --duration 8h\n"
FORWARD = "\n  kubectl -n lab port-forward service/lab-status 8000:80\n"
OWN = "ingress.hosts.status=a.example,ingress.hosts.inventory=b.example"


@pytest.mark.parametrize(
    ("values", "page", "forward"),
    [
        ("ingress.host=lab.example,ingress.tlsSecret=x", "https://lab.example/status/sign-in", False),
        ("ingress.host=lab.example", "http://lab.example/status/sign-in", False),
        ("ingress.host=", "http://<address of the ingress>/status/sign-in", False),
        (f"{OWN},status.pathPrefix=/home", "http://a.example/home/sign-in", False),
        ("ingress.hosts.inventory=b.example", "http://127.0.0.1:8000/status/sign-in", True),
        ("ingress.enabled=false", "http://127.0.0.1:8000/status/sign-in", True),
    ],
)
def test_the_notes_have_the_commands_that_sign_the_first_person_in(
    helm: str, charts: Path, values: str, page: str, forward: bool
) -> None:
    notes = _notes(helm, charts / "benchtop", "--set", f"postgresql.enabled=true,{values}")
    assert f"the page {page}\n" in notes
    assert CREATE in notes
    assert (FORWARD in notes) is forward
    assert ("signed in only over https" in notes) is (page.startswith("http:") and not forward)
    assert ("Missing: one host for all pages" in notes) is (OWN in values)


@pytest.mark.parametrize(
    "values",
    ["global.access.adminAccount.create=false", "global.access.issuers[0].issuer=https://id.example"],
)
def test_the_notes_say_that_nobody_has_a_role(helm: str, charts: Path, values: str) -> None:
    notes = _notes(helm, charts / "benchtop", "--set", f"postgresql.enabled=true,{values}")
    assert "create token" not in notes
    assert (
        "Missing: inventory has no person or program with a role, so nobody may do anything (access.roles)"
        in notes
    )


def test_the_notes_warn_that_everybody_may_do_everything(helm: str, charts: Path) -> None:
    opened = "global.access.mode=open,global.access.openToNetwork=true"
    notes = _notes(helm, charts / "benchtop", "--set", f"postgresql.enabled=true,{opened}")
    assert "create token" not in notes
    assert (
        "Missing: status has no protection: everybody who reaches it may do everything (access.mode)" in notes
    )


def test_the_notes_of_a_service_have_the_command_that_makes_a_token(helm: str, charts: Path) -> None:
    notes = _notes(helm, charts / "inventory", "--set", "database.existingSecret=x,access.audience=lab")
    assert CREATE.replace("benchtop", "lab") in notes


def test_the_notes_of_a_service_name_its_objects(helm: str, charts: Path) -> None:
    notes = _notes(helm, charts / "status", "--set", "api.replicas=1")
    assert "\n  kubectl -n lab rollout status deployment/lab-status\n" in notes
    assert (
        "Missing: status has no second pod: the failure of a node interrupts the service (api.replicas)"
        in notes
    )


def _notes(helm: str, chart: Path, *arguments: str) -> str:
    command = [helm, "install", "lab", str(chart), "--namespace", "lab", "--dry-run=client", *arguments]
    nowhere = {**os.environ, "KUBECONFIG": os.devnull}
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=nowhere)
    return run.stdout.partition("NOTES:")[2]


def test_every_chart_that_a_person_installs_needs_what_the_pods_use(render: Render) -> None:
    old = render("status", {}, "--kube-version", "1.29")
    assert old.status != 0
    assert "chart requires kubeVersion: >=1.30.0-0" in old.error
