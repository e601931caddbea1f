"""A server with the memory limit of the chart survives each attack, and goes on responding to other clients.

`ATTACK_SECONDS` is the duration of each attack, `ATTACK_ROWS` the number of containers. If the tests run as root, the
server is in a control group, and the kernel kills it when it exceeds the limit, like a pod. Otherwise the peak memory
of the process is compared with the limit.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

import httpx
import psycopg
import pytest
from tests.attacks.attackers import ATTACKS
from tests.support.memory_limit import Contained, limited, resident_peak
from tests.support.processes import Start

SECONDS = float(os.environ.get("ATTACK_SECONDS", "4"))
ROWS = int(os.environ.get("ATTACK_ROWS", "100000"))
LIMIT = 256 * 1024 * 1024
"""`resources.limits.memory` of the chart."""

FILL = """
insert into inventory.site (id, name) values (1, 'Site');
insert into inventory.freezer (id, name, site_id) values (1, 'Small things', 1), (2, 'Long stories', 1);
insert into inventory.container (id, uuid, description, freezer_id)
select n, gen_random_uuid(), 'Tube ' || n, 1 from generate_series(1, {rows}) as n;
insert into inventory.container (id, uuid, description, freezer_id)
select {rows} + n, gen_random_uuid(), repeat(U&'\\20AC', 10000), 2 from generate_series(1, 2000) as n;
analyze inventory.container
"""


class Besieged(NamedTuple):
    """A server with the memory limit."""

    process: subprocess.Popen[str]
    url: str
    port: int
    group: Contained | None


@pytest.fixture(scope="module")
def filled(postgres: str) -> Iterator[str]:
    """URL of a database with many containers."""
    name = f"attacks_{os.getpid()}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
        yield psycopg.conninfo.make_conninfo(postgres, dbname=name)
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def besieged(filled: str, start: Start) -> Iterator[Besieged]:
    """`inventory serve` with the chart's limit and many containers."""
    server = start("inventory", "serve", DATABASE_URL=filled, LOG_LEVEL="error")
    held = resident_peak(server.process.pid)  # memory that was allocated before is not counted in the group
    with limited(LIMIT - held) as group:
        if group:
            group.add(server.process)
        with psycopg.connect(filled, autocommit=True) as connection:
            if connection.execute("select count(*) from inventory.site").fetchone() == (0,):
                for statement in FILL.format(rows=ROWS).split(";"):
                    connection.execute(statement.encode())
        yield Besieged(server.process, server.url, int(server.url.rpartition(":")[2]), group)


class Caller(threading.Thread):
    """A client with ordinary requests."""

    def __init__(self, url: str, stopping: threading.Event) -> None:
        super().__init__()
        self._url, self._stopping = url, stopping
        self.answers: list[tuple[int, float]] = []
        """Status code and seconds of each response; the status is 0 if there was none."""

    def run(self) -> None:
        with httpx.Client(base_url=self._url, timeout=20) as client:
            while not self._stopping.is_set():
                self._ask(client, "GET", "/v1/containers/1", None)
                self._ask(client, "POST", "/v1/events", {"user_id": "ada", "description": "Still here"})
                self._ask(client, "GET", "/health/ready", None)

    def _ask(self, client: httpx.Client, method: str, path: str, body: object) -> None:
        begin = time.monotonic()
        try:
            status = client.request(method, path, json=body).status_code
        except httpx.TransportError:
            status = 0
        self.answers.append((status, time.monotonic() - begin))


@pytest.mark.parametrize("name", ATTACKS)
def test_the_server_survives_and_goes_on_responding(besieged: Besieged, name: str) -> None:
    attack, times = ATTACKS[name]
    stopping = threading.Event()
    callers = [Caller(besieged.url, stopping) for _ in range(2)]
    attackers = [threading.Thread(target=attack, args=(besieged.port, stopping)) for _ in range(times)]
    with ExitStack() as stack:
        for thread in (*attackers, *callers):
            thread.start()
            stack.callback(thread.join)
        stack.callback(stopping.set)
        time.sleep(SECONDS)
    answers = [answer for caller in callers for answer in caller.answers]
    failed = [status for status, _ in answers if status not in (200, 201)]
    slowest = max(seconds for _, seconds in answers)
    assert besieged.process.poll() is None, "the server has ended"
    peak = resident_peak(besieged.process.pid)
    contained = (
        f", {besieged.group.peak / 2**20:.0f} MiB more in its group" if besieged.group else ", no group"
    )
    sys.stdout.write(
        f"{name}: {len(answers)} answers beside it in {SECONDS:g} s, {len(failed)} failed,"
        f" the slowest after {slowest:.2f} s; at most {peak / 2**20:.0f} MiB{contained}\n"
    )
    assert failed == []
    assert len(answers) > SECONDS
    assert peak < LIMIT
