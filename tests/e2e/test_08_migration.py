"""A migration that has to wait for a lock, while two replicas start at once and the old ones go on serving."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
from tests.e2e.cluster import Cluster, describe, is_ready, restarts
from tests.e2e.figures import Figures
from tests.e2e.release import Release
from tests.e2e.traffic import Traffic
from tests.e2e.waiting import NotYet, until

LAST = "0004-idempotency-keys.sql"
UNDO = f"drop table inventory.idempotency_key; delete from inventory.schema_migration where name = '{LAST}'"
LOCK = "begin; lock table inventory.schema_migration in share mode; select 'locked';\n"
WAITING = """
select wait_event, count(*) from pg_stat_activity where wait_event_type = 'Lock' group by wait_event order by 1
"""
READ = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8000/v1/sites').status)"


def test_one_of_two_replicas_migrates_and_both_serve(
    cluster: Cluster,
    release: Release,
    ingress: httpx.Client,
    figures: Figures,
    traffic: Callable[[], Traffic],
) -> None:
    release.wait()
    old = names(release)
    release.sql(UNDO)
    with traffic().flowing() as flow:
        with locked(release):
            release.scale("inventory", 4)
            # The one holds the advisory lock and waits for its row; the other waits for the advisory lock
            until("both new replicas wait", lambda: both_wait(release), seconds=60)
            assert {
                pod["metadata"]["name"] for pod in release.pods("inventory", "api") if is_ready(pod)
            } == old
            assert ingress.get("/inventory/v1/sites").status_code == 200
        release.wait()
    new = names(release) - old
    assert len(new) == 2
    applied = [
        line for name in new for line in cluster.logs(name, release.namespace) if "Migration applied" in line
    ]
    assert len(applied) == 1
    assert LAST in applied[0]
    for name in new:
        assert cluster.run_in(name, release.namespace, "python", "-c", READ).strip() == "200"
    assert sum(restarts(pod) for pod in release.pods("inventory")) == 0
    figures.failures("a slow migration", flow.failed, flow.requests)
    assert flow.failed == 0, flow.summary()
    release.scale("inventory", 2)
    release.wait()


def names(release: Release) -> set[str]:
    return {pod["metadata"]["name"] for pod in release.pods("inventory", "api")}


def both_wait(release: Release) -> None:
    seen = release.sql(WAITING)
    if seen != "advisory|1\nrelation|1":
        pods = "; ".join(describe(pod) for pod in release.pods("inventory", "api"))
        raise NotYet(f"{seen!r}; {pods}")


@contextmanager
def locked(release: Release) -> Iterator[None]:
    """Somebody else holds a lock that the migration needs, until the block ends."""
    command = ["kubectl", "exec", "-i", "-n", release.namespace, f"{release.name}-postgresql-0", "--"]
    command += ["psql", "--username", "postgres", "--dbname", "benchtop", "--tuples-only", "--quiet"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as psql:
        assert psql.stdin
        assert psql.stdout
        psql.stdin.write(LOCK)
        psql.stdin.flush()
        assert "locked" in psql.stdout.readline()
        yield
        psql.stdin.write("commit;\n")
        psql.stdin.close()
