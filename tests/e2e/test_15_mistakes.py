"""Mistakes are reported where people look first: by helm, by `kubectl describe`, and in the first log lines."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.e2e.cluster import Cluster, kubectl
from tests.e2e.conftest import Target, namespaces_of_our_own
from tests.e2e.release import CHARTS, helm
from tests.e2e.waiting import NotYet, until

SPACE = "benchtop-e2e-mistakes"
PASSWORD = "do-not-tell"  # noqa: S105  not a real password
NOWHERE = f"postgresql://inventory:{PASSWORD}@nowhere.{SPACE}.svc.cluster.local:5432/inventory"


@pytest.fixture(scope="module")
def space(cluster: Cluster) -> Iterator[str]:
    with namespaces_of_our_own(cluster, SPACE):
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "nowhere"},
            "stringData": {"uri": NOWHERE},
        }
        cluster.create(secret, SPACE)
        yield SPACE


def refused(space: str, chart: str, *settings: str) -> str:
    """The error message of helm, which refuses to install."""
    arguments = [part for setting in settings for part in ("--set", setting)]
    done = helm("install", "mistake", str(CHARTS / chart), "-n", space, *arguments, check=False)
    assert done.returncode != 0
    return done.stderr


def installed(space: str, images: Target, name: str, **database: str) -> None:
    """Install inventory with a database that does not exist."""
    values: dict[str, Any] = {
        "image": {"repository": f"{images.prefix}inventory", "tag": images.tag},
        "api": {"replicas": 1},
        "worker": {"replicas": 0},
        "startupSeconds": 10,
        "database": {"existingSecret": "nowhere", **database},
    }
    helm("install", name, str(CHARTS / "inventory"), "-n", space, values=values)


def pod(cluster: Cluster, space: str, release: str) -> str:
    """Wait for the only pod of a release, and return its name."""

    def look() -> str:
        found = cluster.all("Pod", space, {"app.kubernetes.io/instance": release})
        if not found:
            raise NotYet("there is no pod")
        name: str = found[0]["metadata"]["name"]
        return name

    return until("there is a pod", look, seconds=30)


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("inventory.api.replicas=many", ["inventory", "/api/replicas", "integer"]),
        ("inventory.api.replicaz=2", ["inventory", "replicaz"]),
        ("balances.feeds[0].url=bank", ["balances", "/feeds/0"]),
        ("inventry.enabled=false", ["inventry"]),
    ],
)
def test_helm_refuses_a_wrong_value_and_says_where_it_is(space: str, setting: str, says: list[str]) -> None:
    said = refused(space, "benchtop", "postgresql.enabled=true", setting)
    assert all(word in said for word in says), said


def test_helm_says_that_no_database_was_named_and_how_to(space: str) -> None:
    said = refused(space, "benchtop")
    assert "needs a PostgreSQL" in said
    assert f"kubectl -n {space} create secret" in said


def test_helm_says_which_secret_is_missing(space: str) -> None:
    said = refused(space, "inventory", "database.existingSecret=forgotten")
    assert 'needs the secret "forgotten"' in said


def test_helm_says_which_key_a_secret_lacks(space: str) -> None:
    said = refused(space, "inventory", "database.existingSecret=nowhere", "database.key=url")
    assert 'needs the key "url" of the secret "nowhere"' in said
    assert "has only the keys: uri" in said


def test_kubectl_describe_says_which_image_cannot_be_had(
    cluster: Cluster, images: Target, space: str
) -> None:
    installed(space, images._replace(tag="no-such-tag"), "no-image")
    name = pod(cluster, space, "no-image")

    def look() -> None:
        said = kubectl("describe", "pod", "-n", space, name)
        if "no-such-tag" not in said or "Failed to pull image" not in said:
            raise NotYet(said[-500:])

    until("kubectl describe names the image", look, seconds=90)


def test_the_first_lines_of_a_pod_say_that_the_database_cannot_be_reached(
    cluster: Cluster, images: Target, space: str
) -> None:
    installed(space, images, "no-database")
    name = pod(cluster, space, "no-database")

    def look() -> list[str]:
        try:
            lines = cluster.logs(name, space)
        except RuntimeError as error:  # its container does not run yet
            raise NotYet(str(error)) from error
        if not any("No database after 5 s" in line for line in lines):
            raise NotYet("\n".join(lines))
        return lines

    lines = until("the pod gives up", look, seconds=60)
    first = {line["event"]: line for line in map(json.loads, lines[:3])}
    assert "nowhere" in first["Waiting for the database"]["reason"]
    assert not any(PASSWORD in line for line in lines)

    def described() -> str:
        said = kubectl("describe", "pod", "-n", space, name)
        if "No database after 5 s" not in said:
            raise NotYet(said[-500:])
        return said

    assert PASSWORD not in until("kubectl describe shows the end of its log", described, seconds=60)
