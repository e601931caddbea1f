"""Upgrade from an older commit to this one under load, and roll back, with the charts and images of each.

`E2E_PREVIOUS_TAG` is the tag of the older images, and `E2E_PREVIOUS_CHARTS` the folder of the older charts with their
dependencies (`.local/previous/charts`). `make images-of COMMIT=... VERSION=...` makes both.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.e2e import migration
from tests.e2e.cluster import Cluster, restarts
from tests.e2e.conftest import Target, namespaces_of_our_own
from tests.e2e.events import all_processed
from tests.e2e.figures import Figures
from tests.e2e.ingress import EACH_SERVICE, answered
from tests.e2e.release import CHARTS, Release, helm
from tests.e2e.tokens import Token, account
from tests.e2e.traffic import MIXED, Ask, Traffic

SPACE = "benchtop-e2e-previous"
HOST = "benchtop-e2e-previous.example"
CALLER = "caller"
TOKEN = Token(SPACE, CALLER)
"""Every request has a token, also those to a release that needs none."""

EVENT = {"user_id": "ada", "description": "Said during an upgrade"}
ASKS = (
    *MIXED,
    Ask("POST", "/inventory/site/7", 200, {"name": "Attic"}),
    Ask("GET", "/inventory/v1/events?limit=20"),
    Ask("POST", "/inventory/v1/events", 201, EVENT),
    Ask("GET", "/inventory/v1/containers"),
    Ask("GET", "/inventory/users"),
    Ask("GET", "/balances/v1/transactions?limit=20"),
)
SERVICES = ("status", "inventory", "balances")
OLD_CHARTS = Path(__file__).parents[2] / ".local/previous/charts"
READER_SECONDS = 30
APPLIED = """
select 'inventory ' || name from inventory.schema_migration
union all
select 'balances ' || name from balances.schema_migration
"""


@pytest.fixture(scope="module")
def previous() -> tuple[str, Path]:
    """Tag of the older images, and the folder of the older charts."""
    tag = os.environ.get("E2E_PREVIOUS_TAG")
    if not tag:
        pytest.skip(
            "no upgrade from an older release is tested: E2E_PREVIOUS_TAG is not set (make images-of builds the images)"
        )
    charts = Path(os.environ.get("E2E_PREVIOUS_CHARTS") or OLD_CHARTS)
    if not (charts / "benchtop/Chart.lock").exists():
        pytest.fail(
            f"E2E_PREVIOUS_TAG is {tag}, but {charts} does not contain its charts: make images-of creates them"
        )
    return tag, charts


@pytest.fixture(scope="module")
def older(
    cluster: Cluster, images: Target, previous: tuple[str, Path], feed_url: str, elsewhere: str
) -> Iterator[Release]:
    """The older release, installed with its own charts."""
    tag, charts = previous
    with namespaces_of_our_own(cluster, SPACE):
        account(cluster, SPACE, CALLER)
        found = Release(cluster, "benchtop", SPACE, values(images, tag, feed_url, elsewhere), charts=charts)
        found.install()
        yield found


def values(images: Target, tag: str, feed_url: str, elsewhere: str) -> Mapping[str, Any]:
    """The values of both releases, without the tag."""
    namespace = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": elsewhere}}}
    found: dict[str, Any] = {
        name: {"image": {"repository": images.prefix + name, "tag": tag}} for name in SERVICES
    }
    found["balances"] |= {
        "feeds": [{"name": "bank", "url": feed_url, "currency": "CAD"}],
        "networkPolicy": {"feeds": [namespace]},
    }
    access = {"roles": {"admin": [f"serviceaccount:{SPACE}/{CALLER}"]}}
    return {
        "ingress": {"host": HOST},
        "postgresql": {"enabled": True},
        "global": {"access": access},  # a release that does not know it ignores it
        **found,
    }


@pytest.fixture(scope="module")
def client(older: Release, images: Target) -> Iterator[httpx.Client]:
    """A client that sends requests through the Ingress, after the feed has been read."""
    headers = {"Host": older.host}
    with httpx.Client(base_url=images.url, headers=headers, auth=TOKEN, timeout=30, trust_env=False) as found:
        for path in EACH_SERVICE:
            answered(found, path)
        found.post("/balances/v1/refresh").raise_for_status()
        yield found


@pytest.fixture(scope="module")
def keys(client: httpx.Client) -> dict[str, int]:
    """Ids of the sites that were created with an Idempotency-Key, by key. The older release created the first site."""
    return {"older": made(client, "older")}


def made(client: httpx.Client, key: str) -> int:
    """Create a site with an Idempotency-Key, or repeat this, and return its id."""
    answer = client.post("/inventory/v1/sites", json={"name": key}, headers={"Idempotency-Key": key})
    assert answer.status_code == 201, answer.text
    ident: int = answer.json()["id"]
    return ident


@contextmanager
def unnoticed(what: str, older: Release, client: httpx.Client, figures: Figures) -> Iterator[None]:
    """Send requests while the block runs, and fail if a request fails or an event is lost."""
    with Traffic(str(client.base_url), HOST, ASKS, TOKEN).flowing() as flow:
        yield
        older.wait(seconds=180)
    figures.failures(what, flow.failed, flow.requests)
    figures.note(f"slowest request: {what}", flow.slowest, "s")
    assert flow.cut_short == ""
    assert flow.failed == 0, flow.summary()
    assert flow.requests > 100
    assert sum(restarts(pod) for pod in older.services_pods()) == 0
    all_processed(client, flow.accepted)


def test_an_upgrade_to_this_release_fails_no_request(
    older: Release, client: httpx.Client, images: Target, figures: Figures, keys: dict[str, int]
) -> None:
    """The migrations wait for a reader at first, and the older pods continue to serve requests."""
    before = migrations(older)
    with (
        unnoticed("upgrade from the older release", older, client, figures),
        migration.reader(older, "site", "event", "notification"),
    ):
        older.charts = CHARTS
        older.upgrade({name: {"image": {"tag": images.tag}} for name in SERVICES})
        time.sleep(READER_SECONDS)
    assert tags(older) == {images.tag}
    keys["newer"] = made(client, "newer")
    assert {key: made(client, key) for key in keys} == keys
    figures.said("migrations of that upgrade", str(len(migrations(older) - before)))


def test_a_rollback_to_the_older_release_fails_no_request(
    older: Release,
    client: httpx.Client,
    previous: tuple[str, Path],
    figures: Figures,
    keys: dict[str, int],
) -> None:
    """The older code then works with the schema of this release."""
    with unnoticed("rollback to the older release", older, client, figures):
        helm("rollback", older.name, "-n", SPACE)
    assert tags(older) == {previous[0]}
    # It knows no callers, so it does not find the keys that this release stored for them
    assert made(client, "older") == keys["older"]


def test_a_second_upgrade_fails_no_request(
    older: Release, client: httpx.Client, images: Target, figures: Figures
) -> None:
    with unnoticed("second upgrade from the older release", older, client, figures):
        older.upgrade({name: {"image": {"tag": images.tag}} for name in SERVICES})
    assert tags(older) == {images.tag}


def migrations(release: Release) -> set[str]:
    """The names of the applied migrations."""
    return set(release.sql(APPLIED).splitlines())


def tags(release: Release) -> set[str]:
    """The tags of the images of the services' pods."""
    return {pod["spec"]["containers"][0]["image"].rpartition(":")[2] for pod in release.services_pods()}
