"""The commands in the README for a cluster work as they are, with the default images."""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.e2e.cluster import Cluster
from tests.e2e.conftest import Target
from tests.e2e.figures import Figures
from tests.e2e.ingress import answered
from tests.e2e.release import Release, helm

ROOT = Path(__file__).parents[2]
NAME = SPACE = "benchtop"
VALUES = {"ingress": {"host": ""}}


def commands() -> list[str]:
    """The commands of the README for a cluster that has the images."""
    section = (ROOT / "README.md").read_text().partition("## On Kubernetes")[2]
    block = re.search(r"^```\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert block
    return [line for line in block[1].splitlines() if line.startswith("helm ")]


def type_in(command: str) -> str:
    """Run a command in the root of the project, and return its output."""
    done = subprocess.run(["/bin/sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def nothing_there(cluster: Cluster, images: Target, observability: str) -> Iterator[None]:
    """Provide the namespace as k8s/ creates it, without a release or its data, and clean it up afterwards."""
    assert observability
    if images.prefix != "benchtop/":
        pytest.skip("the README uses the images that `make images` builds, but E2E_IMAGE_PREFIX names others")
    if helm("list", "--short", "-n", SPACE).stdout.split():
        pytest.fail(f"the namespace {SPACE} has a release already, which this test would replace")
    if kept := left(cluster):
        pytest.fail(f"the namespace {SPACE} has the data of a release, which this test would delete: {kept}")
    yield
    helm("uninstall", NAME, "-n", SPACE, "--ignore-not-found")
    for kind, name in left(cluster):
        cluster.delete(kind, name, SPACE)


def left(cluster: Cluster) -> list[tuple[str, str]]:
    """The objects that remain after helm uninstall."""
    labels = {"app.kubernetes.io/instance": NAME}
    return [
        (kind, one["metadata"]["name"])
        for kind in ("PersistentVolumeClaim", "Secret")
        for one in cluster.all(kind, SPACE, labels)
    ]


@pytest.mark.usefixtures("nothing_there")
def test_the_readme_leads_to_a_benchtop_that_answers(
    cluster: Cluster, images: Target, figures: Figures
) -> None:
    install, test = commands()
    start = time.monotonic()
    notes = type_in(install)
    Release(cluster, NAME, SPACE, VALUES).wait(seconds=120)
    figures.note("README's helm install to all Ready", time.monotonic() - start, "s", below=30)
    assert type_in(test).count("Phase:          Succeeded") == 3

    looked = [line.strip() for line in notes.splitlines() if line.startswith("  kubectl")]
    assert all(type_in(command) for command in looked if "delete" not in command)
    assert "curl 'http://<address of the ingress>/health'" in notes
    page = "http://<address of the ingress>/status/sign-in"
    assert f"paste it into the page {page}\n" in notes
    (create,) = [line for line in looked if "create token" in line]
    authorization = {"Authorization": f"Bearer {type_in(create).strip()}"}
    with httpx.Client(base_url=images.url, headers=authorization, trust_env=False) as client:
        assert answered(client, "/health").text == "OK\n"
        assert answered(client, "/inventory/v1/containers").json() == {"items": []}
