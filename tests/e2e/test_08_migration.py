"""A migration needs a lock on a table that a reader holds for 30 s: no request fails."""

import time
from collections.abc import Callable
from contextlib import ExitStack

import httpx
from tests.e2e import migration
from tests.e2e.cluster import Cluster, is_ready, restarts
from tests.e2e.events import all_processed
from tests.e2e.figures import Figures
from tests.e2e.release import Release
from tests.e2e.tokens import Token
from tests.e2e.traffic import Ask, Traffic
from tests.e2e.waiting import until

READER_SECONDS = 30
READ = """
import sys, urllib.request as r
asked = r.Request("http://127.0.0.1:8000/v1/sites", headers={"Authorization": "Bearer " + sys.argv[1]})
print(r.urlopen(asked).status)
"""
ASKS = (
    Ask("GET", "/inventory/sites"),
    Ask("GET", "/inventory/v1/sites"),
    Ask("POST", "/inventory/events/", 201, {"user_id": "ada", "description": "Said during a migration"}),
    Ask("GET", "/inventory/v1/instruments"),
    Ask("GET", "/inventory/site/1"),
)
"""Nearly all of these requests use the table that the migration changes."""


def test_requests_go_on_while_a_migration_waits_and_one_of_two_replicas_runs_it(
    cluster: Cluster,
    release: Release,
    ingress: httpx.Client,
    admin: Token,
    figures: Figures,
    traffic: Callable[..., Traffic],
) -> None:
    ingress.post("/inventory/site/1", json={"name": "Here"}).raise_for_status()
    release.wait()
    old = {pod["metadata"]["name"] for pod in release.pods("inventory", "api")}
    with ExitStack() as stack:
        with traffic(ASKS).flowing() as flow:
            with migration.reader(release, "site"):
                begun = time.monotonic()
                stack.enter_context(migration.brought_by_new_pods(cluster, release))
                until("both new pods wait", lambda: migration.all_wait(cluster, release, old), seconds=60)
                time.sleep(max(0, begun + READER_SECONDS - time.monotonic()))
                ready = {one["metadata"]["name"] for one in release.pods("inventory", "api") if is_ready(one)}
                assert ready == old
            release.wait()
        new = [pod["metadata"]["name"] for pod in migration.new_pods(release, old)]
        assert len(new) == 2
        applied = [line for name in new for line in migration.applied(cluster, release, name)]
        assert applied == [migration.NAME]
        for name in new:
            said = cluster.run_in(name, release.namespace, "python", "-c", READ, admin.text)
            assert said.strip() == "200"
        assert sum(restarts(pod) for pod in release.pods("inventory")) == 0
    figures.failures(f"a migration behind a reader of {READER_SECONDS} s", flow.failed, flow.requests)
    figures.note("slowest request meanwhile", flow.slowest, "s", below=2)
    assert flow.failed == 0, flow.summary()
    all_processed(ingress, flow.accepted)
