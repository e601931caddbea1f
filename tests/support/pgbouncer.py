"""PgBouncer in transaction mode, between the tests and their PostgreSQL server."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict
from tests.support.processes import free_port

CONFIGURATION = """\
[databases]
* = host={host} port={port} user={user}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = 500
ignore_startup_parameters = options,extra_float_digits
server_tls_sslmode = disable
logfile = {folder}/pgbouncer.log
"""


def found() -> bool:
    """Whether PgBouncer is on PATH."""
    return shutil.which("pgbouncer") is not None


@contextmanager
def pgbouncer(server: str, pool_size: int = 20) -> Iterator[str]:
    """Start PgBouncer in front of the server of a URL; yield the URL of the same database through it."""
    parts = conninfo_to_dict(server)
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="benchtop-pgbouncer-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        configuration = folder / "pgbouncer.ini"
        configuration.write_text(
            CONFIGURATION.format(
                host=parts.get("host", "127.0.0.1"),
                port=parts.get("port", 5432),
                user=parts.get("user", "postgres"),
                listen_port=port,
                pool_size=pool_size,
                folder=folder,
            )
        )
        command = ["pgbouncer", str(configuration)]
        if os.geteuid() == 0:  # it refuses to run as root
            account = _account(str(parts.get("host", "")))
            os.chown(folder, account.pw_uid, account.pw_gid)
            command[1:1] = ["--user", account.pw_name]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            url = f"host=127.0.0.1 port={port} user={parts.get('user', 'postgres')} dbname={parts['dbname']}"
            _wait(url, process)
            yield url
        finally:
            process.terminate()
            process.wait(10)


def find_tables(connection: psycopg.Connection, database: str, *, pooled: bool) -> None:
    """Set the search_path for the SQL of the tests: a pooler ignores it as an option of the connection."""
    if pooled:
        connection.execute(
            f"alter database {database} set search_path = inventory, balances, public".encode()
        )


def _account(host: str) -> pwd.struct_passwd:
    """The user that owns the folder of the server's socket."""
    return pwd.getpwuid(Path(host).stat().st_uid) if host.startswith("/") else pwd.getpwnam("nobody")


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
