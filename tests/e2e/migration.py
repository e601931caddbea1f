"""Adds a migration to new pods of inventory's API, and a reader that delays this migration."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.cluster import Cluster, Object, describe, is_ready, kubectl
from tests.e2e.release import Release
from tests.e2e.waiting import NotYet

NAME = "9999-wider-site.sql"
MIGRATION = "alter table site add column wider integer;\n"
"""The migration takes an ACCESS EXCLUSIVE lock on a table that requests read and write."""

UNDO = f"""
alter table inventory.site drop column if exists wider;
delete from inventory.schema_migration where name = '{NAME}';
"""
WHERE = "import importlib.resources as r; print(r.files('inventory').joinpath('migrations'))"


@contextmanager
def brought_by_new_pods(cluster: Cluster, release: Release) -> Iterator[None]:
    """Replace the pods of inventory's API, two at once, by pods with the migration; undo both at the end."""
    folder = cluster.run_in(release.pod("inventory"), release.namespace, "python", "-c", WHERE).strip()
    mount = {"mountPath": f"{folder}/{NAME}", "name": "migration", "subPath": NAME, "readOnly": True}
    volume = {"name": "migration", "configMap": {"name": "migration"}}
    cluster.create(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "migration"},
            "data": {NAME: MIGRATION},
        },
        release.namespace,
    )
    try:
        _patch(release, volume, mount, surge=2)
        yield
    finally:
        _patch(release, _without(volume, "name"), _without(mount, "mountPath"), surge=1)
        release.wait()
        release.sql(UNDO)
        cluster.delete("ConfigMap", "migration", release.namespace)


@contextmanager
def reader(release: Release, *tables: str) -> Iterator[None]:
    """Read tables of inventory in a transaction that stays open until the block ends, as a backup does.

    The transaction holds an ACCESS SHARE lock on each table.
    """
    command = ["kubectl", "exec", "-i", "-n", release.namespace, f"{release.name}-postgresql-0", "--"]
    command += ["psql", "--username", "postgres", "--dbname", "benchtop", "--tuples-only", "--quiet"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as psql:
        assert psql.stdin
        assert psql.stdout
        reads = "".join(f"select from inventory.{table} limit 1; " for table in tables)
        psql.stdin.write(f"begin; {reads} select 'reads';\n")
        psql.stdin.flush()
        while "reads" not in (line := psql.stdout.readline()):
            assert line, "psql ended"
        try:
            yield
        finally:
            psql.stdin.write("commit;\n")
            psql.stdin.close()


def new_pods(release: Release, old: set[str]) -> list[Object]:
    """The new pods of inventory's API."""
    return [pod for pod in release.pods("inventory", "api") if pod["metadata"]["name"] not in old]


def all_wait(cluster: Cluster, release: Release, old: set[str]) -> None:
    """Raise `NotYet` unless both new pods have logged that their migration waits."""
    found = new_pods(release, old)
    if any(is_ready(pod) for pod in found):
        raise AssertionError("a new pod is ready, although its migration cannot have run")
    for pod in found:
        name = pod["metadata"]["name"]
        started = any("running" in one["state"] for one in pod["status"].get("containerStatuses", ()))
        if not started or not any(
            "Migration waits" in line for line in cluster.logs(name, release.namespace)
        ):
            raise NotYet(describe(pod))
    if len(found) < 2:
        raise NotYet(f"{len(found)} new pods")


def applied(cluster: Cluster, release: Release, pod: str) -> list[str]:
    """The migrations that a pod has run."""
    lines = [json.loads(line) for line in cluster.logs(pod, release.namespace) if "Migration applied" in line]
    return [line["migration"] for line in lines]


def _patch(release: Release, volume: Object, mount: Object, *, surge: int) -> None:
    template = {"spec": {"volumes": [volume], "containers": [{"name": "api", "volumeMounts": [mount]}]}}
    change = {"spec": {"strategy": {"rollingUpdate": {"maxSurge": surge}}, "template": template}}
    deployment = release.fullname("inventory")
    kubectl("patch", "deployment", deployment, "-n", release.namespace, "--patch", json.dumps(change))


def _without(entry: Object, key: str) -> Object:
    """An entry of a strategic merge patch that removes an entry from a list."""
    return {key: entry[key], "$patch": "delete"}
