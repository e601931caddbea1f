"""The embedded PostgreSQL with inventory's schema and example data, for one measurement."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import psutil
from psycopg.conninfo import conninfo_to_dict

from bench.processes import output_of
from local.postgres import embedded
from local.postgres_process import bundled

INVENTORY = Path(sys.executable).with_name("inventory")


class Postgres(NamedTuple):
    """A running server."""

    url: str
    pid: int
    pgbench: Path


@contextmanager
def seeded(folder: Path) -> Iterator[Postgres]:
    """Start a server with its data in `folder`, and run `inventory migrate` and `inventory seed` on it."""
    data = folder / "postgres"
    try:
        with embedded(data, ["inventory"]) as urls:
            pid = int((data / "postmaster.pid").read_text(encoding="ascii").split()[0])
            url = _url(urls["inventory"])
            for command in ("migrate", "seed"):
                output_of([INVENTORY, command], folder / f"{command}.log", {"DATABASE_URL": url}, timeout=60)
            yield Postgres(url, pid, bundled("pgbench"))
    finally:
        _end_what_started(data)


def _end_what_started(data: Path) -> None:
    """Stop a server that was starting when Ctrl-C came, which nothing else would stop."""
    left = [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(data) in (process.info["cmdline"] or ())
    ]
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT)
    psutil.wait_procs(left, timeout=10)


def _url(connection: str) -> str:
    """Convert a connection string to a URL, the only format that SQLAlchemy accepts."""
    part = {name: quote(str(value), safe="") for name, value in conninfo_to_dict(connection).items()}
    return f"postgresql://{part['user']}@/{part['dbname']}?host={part['host']}"
