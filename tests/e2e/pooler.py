"""A PgBouncer in transaction mode between the services and the trial PostgreSQL.

`E2E_PGBOUNCER_IMAGE` is the image (default: `benchtop/pgbouncer:e2e`, which `make e2e-images` builds).
"""

import base64
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.e2e import outside
from tests.e2e.cluster import Cluster, Object
from tests.e2e.release import Release

NAME = "pgbouncer"
PORT = 5432
USERS = ("inventory", "balances")
CONNECTIONS = 4
"""Connections of each user to PostgreSQL: far fewer than the pods of the services open to PgBouncer."""

INI = """\
[databases]
benchtop = host={host} port=5432

[pgbouncer]
listen_addr = *
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = /etc/pgbouncer/users
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
"""


@contextmanager
def pgbouncer(cluster: Cluster, release: Release) -> Iterator[str]:
    """Run a PgBouncer pod, and create the secrets `pooled-inventory` and `pooled-balances` with URLs of PgBouncer.

    Yields:
        The address of the pod.
    """
    host = f"{release.name}-postgresql"
    passwords = {user: _password(cluster, release, f"{host}-{user}") for user in USERS}
    made = list(_objects(host, release, passwords))
    for one in made:
        cluster.create(one, release.namespace)
    try:
        pod = cluster.wait_for_pod(NAME, release.namespace)
        yield pod["status"]["podIP"]
    finally:
        for one in made:
            cluster.gone(one["kind"], one["metadata"]["name"], release.namespace)


def _password(cluster: Cluster, release: Release, secret: str) -> str:
    found: str = cluster.get("Secret", secret, release.namespace)["data"]["password"]
    return base64.b64decode(found).decode()


def _objects(host: str, release: Release, passwords: Mapping[str, str]) -> Iterator[Object]:
    users = "".join(f'"{user}" "{password}"\n' for user, password in passwords.items())
    yield _secret(
        NAME, {"pgbouncer.ini": INI.format(host=host, port=PORT, connections=CONNECTIONS), "users": users}
    )
    for user, password in passwords.items():
        yield _secret(f"pooled-{user}", {"uri": f"postgresql://{user}:{password}@{NAME}:{PORT}/benchtop"})
    yield {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME},
        "spec": {"selector": {"app": NAME}, "ports": [{"port": PORT}]},
    }
    yield _pod()
    yield _way_in(release)


def _secret(name: str, data: Mapping[str, str]) -> Object:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": dict(data)}


def _pod() -> Object:
    image = os.environ.get("E2E_PGBOUNCER_IMAGE") or "benchtop/pgbouncer:e2e"
    pod = outside.pod(NAME, image, ["pgbouncer", "/etc/pgbouncer/pgbouncer.ini"])
    pod["spec"]["volumes"] = [{"name": "configuration", "secret": {"secretName": NAME, "defaultMode": 0o444}}]
    container = pod["spec"]["containers"][0]
    container["volumeMounts"] = [{"name": "configuration", "mountPath": "/etc/pgbouncer"}]
    container["readinessProbe"] = {"tcpSocket": {"port": PORT}, "periodSeconds": 1}
    return pod


def _way_in(release: Release) -> Object:
    """A NetworkPolicy that lets this pod connect to the trial PostgreSQL, which otherwise accepts only the services."""
    peer = {"podSelector": {"matchLabels": {"app": NAME}}}
    spec = {
        "podSelector": {"matchLabels": {**release.labels("postgresql")}},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [peer], "ports": [{"port": PORT}]}],
    }
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": NAME},
        "spec": spec,
    }
