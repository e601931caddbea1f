"""`make run`: all services work on real data, and no process is left after it has stopped."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from tests.support.postgresql import NewFolder
from tests.support.processes import free_port

from local.postgres_process import PostgresProcess

BENCHTOP = str(Path(sys.executable).parent / "benchtop")
INVENTORY = str(Path(sys.executable).parent / "inventory")
DAILY = {
    "2013-12-12": "-227.35",
    "2013-12-13": "-1456.93",
    "2013-12-15": "-1462.32",
    "2013-12-16": "-6037.85",
    "2013-12-17": "4648.43",
    "2013-12-18": "2807.14",
    "2013-12-19": "22560.45",
    "2013-12-20": "18505.85",
    "2013-12-21": "18487.87",
    "2013-12-22": "18377.16",
}


def is_worker(process: psutil.Process) -> bool:
    """Whether a process is a notification worker, and runs."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE and "worker" in process.cmdline()
    except psutil.NoSuchProcess:  # it has ended since it was listed
        return False


class Benchtop:
    """One run of the command; its output was read up to the end of the welcome message."""

    def __init__(self, folder: Path, port: int, **environment: str) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [BENCHTOP],
            env={**os.environ, "PORT": str(port), "LOCAL_DIR": str(folder), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        self.lines: list[str] = []
        for line in self.process.stdout:
            self.lines.append(line)
            if "Ctrl-C stops it" in line:
                return
        pytest.fail("it ended: " + "".join(self.lines))

    def workers(self) -> list[psutil.Process]:
        """The notification workers that it started and that run."""
        children = psutil.Process(self.process.pid).children()
        return [one for one in children if is_worker(one)]

    def stop(self, sig: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and wait for the end."""
        if self.process.poll() is None:
            self.process.send_signal(sig)
        return self.process.wait(timeout=15)


@pytest.fixture
def folder(new_folder: NewFolder) -> Path:
    return new_folder() / "data"


@pytest.fixture
def run(folder: Path) -> Iterator[Callable[..., Benchtop]]:
    started: list[Benchtop] = []

    def start(**environment: str) -> Benchtop:
        started.append(Benchtop(folder, free_port(), **environment))
        return started[-1]

    yield start
    for one in started:
        one.stop()
        assert one.process.stdout is not None
        one.process.stdout.close()


@pytest.fixture(scope="module")
def shared(new_folder: NewFolder) -> Iterator[Benchtop]:
    """One run, shared by the tests that change nothing."""
    benchtop = Benchtop(new_folder() / "data", free_port())
    yield benchtop
    benchtop.stop()
    assert benchtop.process.stdout is not None
    benchtop.process.stdout.close()


def still_running(folder: Path) -> list[psutil.Process]:
    """The processes that have the folder in their command line, or work in it."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        words = [*(process.info["cmdline"] or []), (process.info["environ"] or {}).get("DATABASE_URL", "")]
        if process.pid != os.getpid() and any(str(folder) in word for word in words):
            found.append(process)
    return found


def test_every_service_responds_under_the_paths_of_the_ingress(shared: Benchtop) -> None:
    url = shared.url
    assert httpx.get(url).text == "Hello World!\n"
    for prefix in ("", "/status", "/inventory", "/balances"):
        assert httpx.get(f"{url}{prefix}/health").text == "OK\n"
    for prefix in ("/status", "/inventory", "/balances"):
        assert httpx.get(f"{url}{prefix}/health/ready").json()["status"] == "ready"
        assert httpx.get(f"{url}{prefix}/docs").status_code == 200
    assert httpx.get(f"{url}/inventory/sites").json()[0]["contact"] == "John Smith"
    assert httpx.get(f"{url}/balances/v1/balances/total").json()["total"] == "18377.16"
    days = httpx.get(f"{url}/balances/v1/balances/daily").json()["items"]
    assert {day["date"]: day["balance"] for day in days} == DAILY


def test_every_link_of_the_portal_works(shared: Benchtop) -> None:
    url = shared.url
    page = httpx.get(url, headers={"Accept": "text/html"}).text
    links = [part.partition('"')[0] for part in page.split('<a href="')[1:]]
    assert len(links) > 10
    assert {
        link: httpx.get(url + link, follow_redirects=True).status_code for link in links
    } == dict.fromkeys(links, 200)


def test_the_worker_processes_an_event(shared: Benchtop) -> None:
    url = shared.url
    event = httpx.post(
        f"{url}/inventory/events/", json={"user_id": "ada", "description": "Freezer 1 is warm"}
    ).json()
    deadline = time.monotonic() + 20
    path = f"{url}/inventory/events/{event['event_id']}"
    while httpx.get(path).json()["status"] != "Processed":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    line = f"Event {event['event_id']} has been sent to ada: Freezer 1 is warm"
    assert line in (shared.folder / "worker.log").read_text()


def test_a_worker_that_dies_is_started_again(run: Callable[..., Benchtop]) -> None:
    benchtop = run()
    (worker,) = benchtop.workers()
    worker.kill()
    deadline = time.monotonic() + 20
    while benchtop.workers() in ([], [worker]):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_with_status_0(
    run: Callable[..., Benchtop], folder: Path, sig: signal.Signals
) -> None:
    benchtop = run()
    assert len(still_running(folder)) >= 2  # it would find something
    assert benchtop.stop(sig) == 0
    assert still_running(folder) == []


@pytest.mark.parametrize("seconds", [0, 0.2, 0.5, 0.8, 1.2, 1.6, 2.0, 2.5])
def test_ctrl_c_during_the_start_stops_everything_with_one_line(folder: Path, seconds: float) -> None:
    # Coverage would handle SIGTERM before the program does
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    process = subprocess.Popen(
        [BENCHTOP],
        env={**environment, "PORT": str(free_port()), "LOCAL_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until_signals_are_handled(process)
    time.sleep(seconds)  # it is then at another step of its start
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes of the foreground
    said, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "benchtop: stopped\n")
    assert [line for line in said.splitlines() if "Traceback" in line or "[error" in line] == []
    assert still_running(folder) == []


def wait_until_signals_are_handled(process: subprocess.Popen[str]) -> None:
    """Wait until the program handles SIGTERM; before that, a signal ends Python itself."""
    deadline = time.monotonic() + 20
    while True:
        status = Path(f"/proc/{process.pid}/status").read_text()
        (mask,) = (line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
        if int(mask, 16) >> (signal.SIGTERM - 1) & 1:
            return
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_later_run_on_the_same_data_has_what_was_written(run: Callable[..., Benchtop]) -> None:
    first = run()
    site = {"name": "Cellar", "contact": "Mia"}
    assert httpx.post(f"{first.url}/inventory/site/1", json=site).status_code == 200
    first.stop()
    second = run()
    assert httpx.get(f"{second.url}/inventory/site/1").json()["name"] == "Cellar"


def test_a_run_after_a_killed_one_works_and_cleans_up(run: Callable[..., Benchtop], folder: Path) -> None:
    run().stop(signal.SIGKILL)
    second = run()
    assert httpx.get(f"{second.url}/inventory/health/ready").status_code == 200
    assert second.stop() == 0
    psutil.wait_procs(still_running(folder), timeout=40)  # the first worker may take its time to end
    assert still_running(folder) == []


def test_a_killed_postgresql_comes_back(run: Callable[..., Benchtop], folder: Path) -> None:
    benchtop = run()
    site = {"name": "Cellar", "contact": "Mia"}
    assert httpx.post(f"{benchtop.url}/inventory/site/1", json=site).status_code == 200
    before = PostgresProcess(folder / "postgres").pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while PostgresProcess(folder / "postgres").pid in (None, before) or not ready(benchtop):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert httpx.get(f"{benchtop.url}/inventory/site/1").json()["name"] == "Cellar"
    assert benchtop.stop() == 0
    assert benchtop.process.stdout is not None
    assert "The embedded PostgreSQL has ended and is started again" in benchtop.process.stdout.read()


def ready(benchtop: Benchtop) -> bool:
    return httpx.get(f"{benchtop.url}/inventory/health/ready", timeout=20).status_code == 200


def test_another_test_session_does_not_disturb_a_run(
    run: Callable[..., Benchtop], folder: Path, tmp_path: Path
) -> None:
    benchtop = run()
    another = tmp_path / "test_another.py"
    another.write_text("def test_another(tmp_path):\n    pass\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(another)]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert benchtop.stop() == 0
    assert still_running(folder) == []
    assert httpx.get(f"{run().url}/inventory/site/1").status_code == 200


def refused(folder: Path, **environment: str) -> str:
    """Run it where it must not start, and return its one line."""
    process = subprocess.Popen(
        [BENCHTOP],
        env={**os.environ, "LOCAL_DIR": str(folder), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = process.communicate(timeout=60)[1]
    except subprocess.TimeoutExpired:
        process.terminate()
        pytest.fail("it started: " + "".join(process.communicate(timeout=20)))
    assert process.returncode in (1, 2)
    (line,) = said.splitlines()
    return line


def test_a_second_run_at_the_same_time_fails_with_the_reason(shared: Benchtop) -> None:
    line = refused(shared.folder, PORT="0")
    assert f"is already running on the data in {shared.folder}/ (process {shared.process.pid})" in line


def test_a_taken_port_is_reported_before_anything_starts(shared: Benchtop, tmp_path: Path) -> None:
    port = shared.url.rpartition(":")[2]
    line = refused(tmp_path / "other", PORT=port)
    assert f"Port {port} on 127.0.0.1 is taken by another program" in line
    assert not (tmp_path / "other").exists()


def test_a_second_run_on_the_same_port_and_data_names_the_first_one(shared: Benchtop) -> None:
    line = refused(shared.folder, PORT=shared.url.rpartition(":")[2])
    assert f"is already running on the data in {shared.folder}/ (process {shared.process.pid})" in line


def test_a_folder_that_cannot_be_written_is_named() -> None:
    assert "LOCAL_DIR: the data cannot be kept in /dev/null/" in refused(Path("/dev/null"))


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path, PORT="http") == (
        "benchtop: PORT is malformed: The value must be a whole number (it is 'http')"
    )


def test_a_given_database_is_used_instead(
    run: Callable[..., Benchtop], database_url: str, folder: Path
) -> None:
    benchtop = run(DATABASE_URL=database_url)
    assert httpx.get(f"{benchtop.url}/balances/v1/balances/total").json()["total"] == "18377.16"
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select count(*) from inventory.site").fetchone() == (5,)
    assert not (folder / "postgres").exists()


def test_demo_data_that_was_deleted_stays_deleted(run: Callable[..., Benchtop]) -> None:
    first = run()
    with httpx.Client(base_url=f"{first.url}/inventory/v1", headers={"If-Match": "*"}) as client:
        containers = client.get("/containers", params={"limit": 1000}).json()["items"]
        assert len(containers) > 300
        for container in containers:
            assert client.delete(f"/containers/{container['id']}").status_code == 204
    first.stop()
    second = run()
    assert httpx.get(f"{second.url}/inventory/v1/containers").json()["items"] == []


TABLES = ("site", "freezer", "computer", "container", "account", "event")


def rows(url: str) -> dict[str, list[Any]]:
    """All rows of the tables that only clients change."""
    with psycopg.connect(url) as connection:
        return {
            table: connection.execute(f"select * from inventory.{table} order by id".encode()).fetchall()
            for table in TABLES
        }


def test_a_second_run_changes_nothing(run: Callable[..., Benchtop], database_url: str) -> None:
    run(DATABASE_URL=database_url).stop()
    before = rows(database_url)
    assert min(len(found) for found in before.values()) > 4
    run(DATABASE_URL=database_url).stop()
    assert rows(database_url) == before


def test_the_worker_sends_no_old_notification_of_the_demo_data(run: Callable[..., Benchtop]) -> None:
    benchtop = run()
    log = benchtop.folder / "worker.log"
    deadline = time.monotonic() + 20
    while "has been sent to oluwaseun: Liquid nitrogen dewar LN₂-1: level 61 %" not in log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert log.read_text().count("has been sent") <= 2  # the other one that waits may be due by now


def test_a_setting_of_the_services_reaches_them(run: Callable[..., Benchtop], database_url: str) -> None:
    benchtop = run(DATABASE_URL=database_url, DATABASE_POOL_SIZE="1")
    with psycopg.connect(database_url) as connection:
        connections = connection.execute(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and application_name = 'benchtop-balances'"
        ).fetchone()
    assert connections == (1,)
    (worker,) = benchtop.workers()
    assert worker.environ()["DATABASE_POOL_SIZE"] == "1"
    assert [line for line in benchtop.lines if "DATABASE_POOL_SIZE" in line] == []  # no warning


def test_a_wrong_setting_of_a_service_is_named_before_anything_starts(tmp_path: Path) -> None:
    line = refused(tmp_path / "other", PORT="0", DATABASE_POOL_SIZE="lots")
    assert line.startswith("benchtop: DATABASE_POOL_SIZE is malformed: ")
    assert not (tmp_path / "other").exists()


def test_an_existing_database_gets_no_demo_data(run: Callable[..., Benchtop], database_url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url}
    subprocess.run([INVENTORY, "migrate"], env=environment, capture_output=True, check=True)
    benchtop = run(DATABASE_URL=database_url)
    assert httpx.get(f"{benchtop.url}/inventory/v1/sites").json()["items"] == []


def test_demo_0_starts_without_data(run: Callable[..., Benchtop]) -> None:
    benchtop = run(DEMO="0")
    assert httpx.get(f"{benchtop.url}/inventory/v1/sites").json()["items"] == []
    assert httpx.get(f"{benchtop.url}/balances/v1/feeds").json()["items"] == []
    assert httpx.get(f"{benchtop.url}/demo/feed/1.json").status_code == 404
    assert not [line for line in benchtop.lines if "demo feed" in line]


def test_a_read_only_database_is_reported_in_one_line(tmp_path: Path, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"alter database {name} set default_transaction_read_only to on".encode())
    line = refused(tmp_path, PORT="0", DATABASE_URL=database_url)
    assert line.startswith("benchtop: The database of DATABASE_URL reported an error: cannot execute ")
    assert "read-only transaction" in line
    assert "be allowed to create schemas" in line


def test_a_role_without_privileges_is_reported_in_one_line(tmp_path: Path, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        role, password = f"reader_of_{connection.info.dbname}", secrets.token_hex()
        connection.execute(f"create role {role} login password '{password}'".encode())
        try:
            url = psycopg.conninfo.make_conninfo(database_url, user=role, password=password)
            line = refused(tmp_path, PORT="0", DATABASE_URL=url)
        finally:
            connection.execute(f"drop role {role}".encode())
    assert line.startswith("benchtop: The database of DATABASE_URL reported an error: permission denied")
    assert password not in line


def test_no_response_redirects_to_the_host_of_the_request(shared: Benchtop) -> None:
    for path in ("/demo/feed", "/demo/feed/", "/demo", "/status", "/inventory", "/balances"):
        answer = httpx.get(shared.url + path, headers={"Host": "localhost:1"})
        assert "location" not in answer.headers
        assert answer.status_code in (200, 404)


def test_another_host_name_is_refused_on_all_paths(shared: Benchtop) -> None:
    for path in ("/", "/inventory/v1/containers", "/balances/docs", "/demo/feed/1.json", "/nowhere"):
        answer = httpx.get(shared.url + path, headers={"Host": "evil.example"})
        assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")
        assert "ALLOWED_HOSTS" in answer.json()["detail"]


def test_names_in_allowed_hosts_are_accepted(run: Callable[..., Benchtop]) -> None:
    benchtop = run(ALLOWED_HOSTS="lab.example,*.lab.example", DEMO="0")
    asked = ("lab.example", "a.lab.example:80", "localhost", "evil.example")
    statuses = [httpx.get(benchtop.url, headers={"Host": host}).status_code for host in asked]
    assert statuses == [200, 200, 200, 421]


def test_a_malformed_name_in_allowed_hosts_stops_the_start(tmp_path: Path) -> None:
    assert "ALLOWED_HOSTS is malformed" in refused(tmp_path, ALLOWED_HOSTS="http://lab.example")


def test_it_listens_on_ipv6(run: Callable[..., Benchtop]) -> None:
    benchtop = run(HOST="::1")
    port = benchtop.url.rpartition(":")[2]
    url = f"http://[::1]:{port}"
    assert f"Benchtop is running at {url}\n" in benchtop.lines
    assert httpx.get(f"{url}/balances/v1/balances/total").json()["total"] == "18377.16"


def test_host_two_colons_listens_on_all_addresses(run: Callable[..., Benchtop]) -> None:
    benchtop = run(HOST="::", ACCESS_OPEN_TO_NETWORK="1")
    port = benchtop.url.rpartition(":")[2]
    for address in ("127.0.0.1", "127.0.0.2", "[::1]"):
        total = httpx.get(f"http://{address}:{port}/balances/v1/balances/total").json()["total"]
        assert total == "18377.16"
    assert httpx.get(benchtop.url, headers={"Host": "evil.example"}).status_code == 421


def page(folder: Path, amount: str) -> str:
    """A feed of one transaction; its address."""
    folder.mkdir()
    row = {"Date": "2026-01-31", "Ledger": "Rent", "Amount": amount, "Company": "LANDLORD"}
    (folder / "1.json").write_text(json.dumps({"totalCount": 1, "page": 1, "transactions": [row]}))
    return str(folder)


def test_feeds_replace_the_demo_feed(run: Callable[..., Benchtop], tmp_path: Path) -> None:
    feeds = {
        "bank": {"url": page(tmp_path / "bank", "-950.00"), "currency": "EUR"},
        "card": {"url": page(tmp_path / "card", "-12.50"), "currency": "EUR"},
    }
    benchtop = run(FEEDS=json.dumps(feeds))
    for feed, total in (("bank", "-950.00"), ("card", "-12.50")):
        answer = httpx.get(f"{benchtop.url}/balances/v1/balances/total", params={"feed": feed}).json()
        assert (answer["total"], answer["currency"]) == (total, "EUR")
    assert [feed["feed"] for feed in httpx.get(f"{benchtop.url}/balances/v1/feeds").json()["items"]] == [
        *feeds
    ]
    welcome = "".join(benchtop.lines)
    assert "/balances/v1/balances/total  the total of the bank feed\n" in welcome
    assert "demo feed" not in welcome
    assert httpx.get(f"{benchtop.url}/demo/feed/1.json").status_code == 404


def test_feeds_can_come_from_a_file(run: Callable[..., Benchtop], tmp_path: Path) -> None:
    file = tmp_path / "feeds.json"
    file.write_text(json.dumps({"bank": {"url": page(tmp_path / "bank", "-950.00")}}))
    benchtop = run(FEEDS_FILE=str(file), DEMO="0")
    assert httpx.get(f"{benchtop.url}/balances/v1/balances/total").json()["total"] == "-950.00"


def test_a_feed_that_cannot_be_read_is_reported_and_everything_else_works(
    run: Callable[..., Benchtop], tmp_path: Path
) -> None:
    benchtop = run(FEEDS=json.dumps({"bank": {"url": str(tmp_path / "nowhere")}}))
    assert httpx.get(f"{benchtop.url}/inventory/v1/sites").status_code == 200
    (line,) = (line for line in benchtop.lines if "A feed could not be read" in line)
    assert "feed=bank" in line
    assert f"no such directory: {tmp_path}/nowhere" in line


def test_a_malformed_feed_stops_the_start(tmp_path: Path) -> None:
    line = refused(tmp_path, FEEDS='{"bank": {"url": "ftp://bank.example"}}')
    assert "FEEDS is malformed" in line


def test_an_unreachable_database_is_reported_in_one_line(tmp_path: Path) -> None:
    nowhere = "postgresql://127.0.0.1:1/none"
    line = refused(tmp_path, PORT="0", DATABASE_URL=nowhere, DATABASE_WAIT_SECONDS="0.5")
    assert "No database after 0.5 s" in line


def test_help_lists_the_settings() -> None:
    shown: Any = subprocess.run([BENCHTOP, "--help"], capture_output=True, text=True, check=True)
    assert "PORT=9000" in shown.stdout
