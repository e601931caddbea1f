"""Everything works through PgBouncer in transaction mode; the worker polls instead of using LISTEN."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from tests.e2e import migration
from tests.e2e.cluster import Cluster, restarts
from tests.e2e.commands import command
from tests.e2e.events import all_processed
from tests.e2e.figures import Figures
from tests.e2e.ingress import answered
from tests.e2e.pooler import CONNECTIONS, USERS, pgbouncer
from tests.e2e.release import Release
from tests.e2e.traffic import Traffic
from tests.e2e.waiting import NotYet, until

READER_SECONDS = 10
SESSIONS = "select usename, client_addr from pg_stat_activity where usename in ('inventory', 'balances')"


@pytest.fixture(autouse=True, scope="module")
def address(cluster: Cluster, release: Release) -> Iterator[str]:
    """Let the services use PgBouncer, return the address of its pod, and undo this afterwards."""
    change: dict[str, dict[str, Any]] = {
        user: {"database": {"existingSecret": f"pooled-{user}"}} for user in USERS
    }
    change["inventory"]["settings"] = {"WORKER_LISTEN": False, "WORKER_POLL_SECONDS": 1}
    with pgbouncer(cluster, release) as found:
        release.upgrade(change)
        release.wait()
        yield found
        release.upgrade()
        release.wait()


def test_no_service_reaches_postgresql_but_through_pgbouncer(release: Release, address: str) -> None:
    def look() -> list[str]:
        sessions = release.sql(SESSIONS).splitlines()
        if direct := [one for one in sessions if not one.endswith(f"|{address}")]:
            raise NotYet(", ".join(direct))
        return sessions

    sessions = until("the old sessions have ended", look, seconds=30)
    assert {one.partition("|")[0] for one in sessions} == set(USERS)
    for user in USERS:
        assert sum(one.startswith(user) for one in sessions) <= CONNECTIONS


def test_the_schema_is_made_anew_with_all_its_migrations(
    cluster: Cluster, release: Release, ingress: httpx.Client
) -> None:
    release.scale("inventory", 0)
    release.scale("inventory", 0, "worker")
    release.wait()
    command(cluster, release, "recreate-db", "--yes")
    command(cluster, release, "seed")
    release.scale("inventory", 2)
    release.scale("inventory", 1, "worker")
    release.wait()
    assert [site["id"] for site in answered(ingress, "/inventory/sites").json()] == [1, 2, 3]


def test_a_thing_is_created_changed_read_and_removed(ingress: httpx.Client) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    made = [ingress.post("/inventory/v1/sites", json={"name": "Cellar"}, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json() == made[1].json()
    path = f"/inventory/v1/sites/{made[0].json()['id']}"
    tag = {"If-Match": made[0].headers["etag"]}
    changed = ingress.patch(path, json={"name": "Attic"}, headers=tag)
    assert (changed.status_code, changed.json()["name"]) == (200, "Attic")
    assert ingress.patch(path, json={"name": "Roof"}, headers=tag).status_code == 412
    for _ in range(20):  # enough repetitions for every client to prepare the statement
        assert ingress.get(path).json() == changed.json()
    assert ingress.delete(path, headers={"If-Match": changed.headers["etag"]}).status_code == 204
    assert ingress.get(path).status_code == 404


def test_the_worker_delivers_without_listen(
    cluster: Cluster, release: Release, ingress: httpx.Client
) -> None:
    event = {"user_id": "ada", "description": "Freezer 1 is warm"}
    accepted = {ingress.post("/inventory/events/", json=event).json()["event_id"] for _ in range(20)}
    all_processed(ingress, accepted)
    worker = release.pod("inventory", "worker")
    printed = [json.loads(line)["event"] for line in cluster.logs(worker, release.namespace)]
    for ident in accepted:
        assert printed.count(f"Event {ident} has been sent to ada: Freezer 1 is warm") == 1


def test_the_feed_is_read(ingress: httpx.Client) -> None:
    answer = ingress.post("/balances/v1/refresh")
    assert (answer.status_code, answer.json()["total"]) == (200, "18377.16")
    assert ingress.get("/balances/v1/balances/total").json()["total"] == "18377.16"


def test_a_migration_behind_a_reader_fails_no_request(
    cluster: Cluster,
    release: Release,
    ingress: httpx.Client,
    figures: Figures,
    traffic: Callable[[], Traffic],
) -> None:
    old = {pod["metadata"]["name"] for pod in release.pods("inventory", "api")}
    with ExitStack() as stack:
        with traffic().flowing() as flow:
            with migration.reader(release, "site"):
                begun = time.monotonic()
                stack.enter_context(migration.brought_by_new_pods(cluster, release))
                until("both new pods wait", lambda: migration.all_wait(cluster, release, old), seconds=60)
                time.sleep(max(0, begun + READER_SECONDS - time.monotonic()))
            release.wait()
        new = [pod["metadata"]["name"] for pod in migration.new_pods(release, old)]
        applied = [line for name in new for line in migration.applied(cluster, release, name)]
        assert applied == [migration.NAME]
    assert sum(restarts(pod) for pod in release.services_pods()) == 0
    figures.failures("a migration through PgBouncer", flow.failed, flow.requests)
    assert flow.failed == 0, flow.summary()
    all_processed(ingress, flow.accepted)
