"""The embedded PostgreSQL is started again whenever it ends, and keeps its data."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import structlog
from structlog.testing import capture_logs
from tests.support.postgresql import NewFolder

from local.postgres import embedded
from local.postgres_process import PostgresFailed, PostgresProcess

SECONDS = 60


@pytest.fixture
def folder(new_folder: NewFolder) -> Path:
    return new_folder() / "postgres"


@pytest.fixture
def said() -> Iterator[list[structlog.typing.EventDict]]:
    with capture_logs() as entries:
        yield entries


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))


def kill_postmaster(folder: Path) -> None:
    postmaster(folder).kill()


def kill_all_of_it(folder: Path) -> None:
    server = postmaster(folder)
    everything = [server, *server.children(recursive=True)]
    for act in (psutil.Process.suspend, psutil.Process.kill):  # suspended, none can react
        for one in everything:
            with suppress(psutil.NoSuchProcess):  # a worker may have ended since it was listed
                act(one)


def stop_politely(folder: Path) -> None:
    postmaster(folder).terminate()


def answer(url: str, query: str) -> object:
    """Ask again until the server is back."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            with psycopg.connect(url) as connection:
                return connection.execute(query.encode()).fetchone()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.mark.parametrize("end", [kill_postmaster, kill_all_of_it, stop_politely])
def test_a_server_that_ended_is_started_again_with_its_data_and_logged(
    folder: Path, said: list[structlog.typing.EventDict], end: Callable[[Path], None]
) -> None:
    with embedded(folder, ["inventory"]) as urls:
        url = urls["inventory"]
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("create schema inventory")
            connection.execute("create table inventory.kept as select 7 as number")
        before = postmaster(folder)
        end(folder)
        deadline = time.monotonic() + SECONDS
        while before.is_running() and before.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert answer(url, "select number from inventory.kept") == (7,)
        after = postmaster(folder)
        assert after != before
        while len(said) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    events = [entry["event"] for entry in said]
    assert events[0] == "The embedded PostgreSQL has ended and is started again"
    assert events[-1] == "The embedded PostgreSQL runs again"
    psutil.wait_procs([after], timeout=1)  # the system's first process buries it
    assert not after.is_running()


def test_stopping_works_while_a_killed_server_is_not_back_yet(folder: Path) -> None:
    process = PostgresProcess(folder)
    process.start()
    server = postmaster(folder)
    kill_all_of_it(folder)
    psutil.wait_procs([server], timeout=SECONDS)
    process.stop()
    assert process.pid is None


def test_the_error_of_a_server_that_cannot_start_has_the_last_line_of_its_log(folder: Path) -> None:
    with embedded(folder, ["inventory"]):
        pass
    (folder / "postgresql.conf").write_text("shared_buffers = lots\n")
    with pytest.raises(PostgresFailed, match=r"/log, and its last line is: .*contains errors"):
        PostgresProcess(folder).start()


def test_ctrl_c_while_the_supervision_starts_stops_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = PostgresProcess(folder)
    server.start()
    start = threading.Thread.start

    def start_and_be_interrupted(thread: threading.Thread) -> None:
        start(thread)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", start_and_be_interrupted)
    try:
        with pytest.raises(KeyboardInterrupt), server.kept_running():
            pass
        assert [thread for thread in threading.enumerate() if thread.name == "postgres"] == []
    finally:
        server.stop()
