"""The notification processor as a process of its own."""

import math
import os
import resource
import signal
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import httpx
import psycopg
import pytest
from starlette.testclient import TestClient
from tests.inventory.notifications.queues import FILL
from tests.support.metrics import exposition, samples

from chassis.process import logs
from inventory import worker
from inventory.app import create
from inventory.notifications import processor
from inventory.settings import InventorySettings

Sql = Callable[..., list[tuple[Any, ...]]]
StartWorker = Callable[..., Any]
WaitFor = Callable[..., None]

LOCKED = """
select count(*) from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and query like '%skip locked%'
"""
PENDING = "select count(*) from notification where state = 'pending'"

BREAK = """
create function break() returns trigger language plpgsql as $$ begin raise exception 'out of order'; end $$;
create trigger broken before update on notification for each statement execute function break()
"""


def tell(client: TestClient, description: str) -> str:
    answer = client.post("/events/", json={"user_id": "ada", "description": description})
    return str(answer.json()["event_id"])


def test_a_worker_killed_ten_times_loses_nothing_and_repeats_only_what_it_held(
    url: str, sql: Sql, start_worker: StartWorker, wait_for: WaitFor
) -> None:
    sql(FILL, 3000, "log")
    workers = []
    for _ in range(10):
        one = start_worker(url, unmeasured=True, WORKER_CONCURRENCY="7", WORKER_LEASE_SECONDS="0.5")
        wait_for(lambda one=one: len(one.lines()) >= 40)
        one.process.send_signal(signal.SIGKILL)
        one.process.wait()
        recorded = {
            ident for (ident,) in sql("select event_id::text from notification where state = 'delivered'")
        }
        assert len(set(one.told()) - recorded) <= 7
        workers.append(one)
    last = start_worker(url, WORKER_LEASE_SECONDS="0.5", WORKER_POLL_SECONDS="0.1")
    wait_for(lambda: sql(PENDING) == [(0,)])
    last.process.terminate()
    assert last.process.wait(10) == 0
    told = [ident for one in [*workers, last] for ident in one.told()]
    assert set(told) == {ident for (ident,) in sql("select id::text from event")}
    assert len(told) <= 3000 + 10 * 7
    assert sql("select state, attempts, count(*) from notification group by 1, 2") == [("delivered", 1, 3000)]


def test_an_event_changed_and_queued_again_during_delivery_is_delivered_with_its_new_text(
    client: TestClient,
    stocked: str,
    sql: Sql,
    threads: ThreadPoolExecutor,
    start_worker: StartWorker,
    wait_for: WaitFor,
) -> None:
    one = start_worker(stocked, LOG_FORMAT="console")
    tell(client, "The worker is there")
    wait_for(one.lines)

    def edit(numbers: range) -> list[str]:
        edited = []
        for number in numbers:
            event = tell(client, f"old {number}")
            time.sleep(number % 20 * 0.0003)  # some are in the worker's hands, some were told, some not yet
            body = {"description": f"new {number}", "status": "NotProcessed"}
            assert client.put(f"/events/{event}", json=body).status_code == 200
            edited.append(f"Event {event} has been sent to ada: new {number}")
        return edited

    parts = [range(first, first + 250) for first in range(0, 1000, 250)]
    edited = [line for part in threads.map(edit, parts) for line in part]
    wait_for(lambda: sql(PENDING) == [(0,)])
    assert set(edited) - set(one.lines()) == set()


def test_events_created_while_no_worker_runs_are_processed_when_one_returns(
    client: TestClient, stocked: str, start_worker: StartWorker, wait_for: WaitFor
) -> None:
    events = [tell(client, str(number)) for number in range(5)]
    assert {event["status"] for event in client.get("/events/").json()} == {"NotProcessed"}
    one = start_worker(stocked)
    wait_for(lambda: {event["status"] for event in client.get("/events/").json()} == {"Processed"})
    assert one.told() == events


def test_on_sigterm_it_finishes_held_notifications_and_exits_0(
    url: str, sql: Sql, start_worker: StartWorker, wait_for: WaitFor
) -> None:
    sql(FILL, 5000, "log")
    one = start_worker(url, WORKER_CONCURRENCY="20")
    wait_for(one.lines)
    one.process.terminate()
    assert one.process.wait(10) == 0
    states: dict[str, int] = dict(sql("select state || attempts, count(*) from notification group by 1"))
    assert set(states) == {"delivered1", "pending0"}
    assert len(one.told()) == states["delivered1"]


def test_two_workers_share_the_work(url: str, sql: Sql, start_worker: StartWorker, wait_for: WaitFor) -> None:
    with psycopg.connect(url, options="-c search_path=inventory") as holder:
        holder.execute("lock table notification in access exclusive mode")  # until both are there
        workers = [start_worker(url, WORKER_CONCURRENCY="5", WORKER_POLL_SECONDS="0.05") for _ in range(2)]
        wait_for(lambda: sql(LOCKED) == [(2,)])
        holder.execute(FILL.encode(), [1000, "log"])
    wait_for(lambda: sql(PENDING) == [(0,)])
    told = [ident for one in workers for ident in one.told()]
    assert all(one.told() for one in workers)
    assert len(told) == len(set(told)) == 1000


def test_the_line_is_that_of_the_original_program(
    client: TestClient, stocked: str, start_worker: StartWorker, wait_for: WaitFor
) -> None:
    plain, wild = tell(client, "It is warm"), tell(client, "a\nb\x1b[31m\u2028c\tüß")
    one = start_worker(stocked, LOG_FORMAT="console", LOG_LEVEL="error")
    wait_for(lambda: len(one.lines()) >= 2)
    assert one.lines() == [
        f"Event {plain} has been sent to ada: It is warm",
        f"Event {wild} has been sent to ada: a\\nb\\x1b[31m\\u2028c\\tüß",
    ]


def test_bidirectional_controls_are_escaped_in_the_line(
    client: TestClient, stocked: str, start_worker: StartWorker, wait_for: WaitFor
) -> None:
    controls = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
    event = tell(client, "".join(map(chr, controls)))
    one = start_worker(stocked, LOG_FORMAT="console", LOG_LEVEL="error")
    wait_for(one.lines)
    escaped = "".join(f"\\u{control:04x}" for control in controls)
    assert one.lines() == [f"Event {event} has been sent to ada: {escaped}"]


def test_characters_that_are_not_seen_are_escaped_in_the_line(
    client: TestClient, stocked: str, start_worker: StartWorker, wait_for: WaitFor
) -> None:
    unseen = [one for one in map(chr, range(0x110000)) if unicodedata.category(one) == "Cf"]
    event = tell(client, "".join(unseen))
    one = start_worker(stocked, LOG_FORMAT="console", LOG_LEVEL="error")
    wait_for(one.lines)
    escaped = "".join(ascii(character)[1:-1] for character in unseen)
    assert one.lines() == [f"Event {event} has been sent to ada: {escaped}"]


def test_the_json_line_has_the_sentence_and_the_ids(
    client: TestClient, stocked: str, start_worker: StartWorker, wait_for: WaitFor
) -> None:
    event = tell(client, "a\nb")
    one = start_worker(stocked, LOG_LEVEL="error")
    wait_for(one.lines)
    (line,) = one.lines()
    found = httpx.Response(200, text=line).json()
    assert found["event"] == f"Event {event} has been sent to ada: a\nb"
    assert (found["event_id"], found["user_id"], found["notification_id"], found["attempt"]) == (
        event,
        "ada",
        1,
        1,
    )
    assert (found["service"], found["level"]) == ("inventory", "info")


@pytest.mark.direct
def test_a_queued_notification_wakes_the_worker(
    client: TestClient, stocked: str, sql: Sql, start_worker: StartWorker, wait_for: WaitFor
) -> None:
    one = start_worker(stocked, WORKER_POLL_SECONDS="3600")
    wait_for(lambda: sql("select 1 from pg_stat_activity where query = 'listen inventory_notification'"))
    event = tell(client, "It is warm")
    wait_for(lambda: client.get(f"/events/{event}").json()["status"] == "Processed")
    assert one.told() == [event]
    client.put(f"/events/{event}", json={"status": "NotProcessed"})
    wait_for(lambda: one.told() == [event, event])
    wait_for(lambda: client.post("/v1/notifications/1:replay").status_code == 200)
    wait_for(lambda: one.told() == [event, event, event])


def test_a_worker_that_does_not_listen_polls(
    client: TestClient, stocked: str, sql: Sql, start_worker: StartWorker, wait_for: WaitFor
) -> None:
    one = start_worker(stocked, WORKER_LISTEN="false", WORKER_POLL_SECONDS="0.05")
    wait_for(lambda: sql("select 1 from pg_stat_activity where query like '%for update skip locked%'"))
    event = tell(client, "It is warm")
    wait_for(lambda: one.told() == [event])
    assert sql("select 1 from pg_stat_activity where query like 'listen%'") == []


@pytest.mark.direct
def test_without_notify_a_worker_is_not_woken(stocked: str, sql: Sql) -> None:
    with psycopg.connect(stocked, autocommit=True) as listener:
        listener.execute("listen inventory_notification")
        with TestClient(worker_free_app(stocked, notify=False)) as client:
            tell(client, "quiet")
        with TestClient(worker_free_app(stocked, notify=True)) as client:
            tell(client, "loud")
        heard = list(listener.notifies(timeout=5, stop_after=1))
        heard += list(listener.notifies(timeout=0))
    assert len(heard) == 1
    assert sql("select count(*) from event") == [(2,)]


def worker_free_app(url: str, *, notify: bool) -> Any:
    return create(InventorySettings(access="open", database_url=url, notify_on_event=notify))


def test_the_worker_logs_and_counts_an_unexpected_error_and_continues_when_its_cause_is_gone(
    own_url: str, capfd: pytest.CaptureFixture[str], wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "SILENCE_SECONDS", 0.5)
    settings = InventorySettings(
        access="open",
        database_url=own_url,
        worker_poll_seconds=0.05,
        database_timeout_seconds=0.1,
        log_format="console",
    )
    logs.configure(settings, "inventory", "0")
    with (
        psycopg.connect(
            own_url, options="-c search_path=inventory", autocommit=True, prepare_threshold=None
        ) as connection,
        TestClient(worker.create(settings)) as client,
    ):
        assert client.get("/health").status_code == 200
        connection.execute(BREAK.encode())
        wait_for(lambda: client.get("/health").status_code == 503)
        assert "The notification processor has made no progress" in client.get("/health").json()["detail"]
        failures = 'background_task_failures_total{task="notification processor"}'
        assert any(
            line.startswith(failures) and line[-4:] != " 0.0" for line in exposition(client).splitlines()
        )
        connection.execute("drop trigger broken on notification")
        connection.execute(FILL.encode(), [1, "log"])
        wait_for(lambda: connection.execute(PENDING.encode()).fetchall() == [(0,)])
        wait_for(lambda: client.get("/health").status_code == 200)
    output = capfd.readouterr().out
    assert "out of order" in output
    assert "has been sent to ada: Event 1" in output


def test_the_gauges_are_nan_during_an_unexpected_error_and_recover(
    own_url: str, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MEASURE_SECONDS", 0.05)
    app = worker.create(InventorySettings(access="open", database_url=own_url))

    def value(name: str, **labels: str) -> float:
        found = app.state.registry.get_sample_value(name, labels)
        assert found is not None
        return float(found)

    with (
        psycopg.connect(own_url, options="-c search_path=inventory", autocommit=True) as connection,
        TestClient(app) as client,
    ):
        wait_for(lambda: value("inventory_notifications", state="pending") == 0)
        connection.execute("alter table notification rename column queued_at to elsewhere")
        wait_for(lambda: math.isnan(value("inventory_notifications", state="pending")))
        assert math.isnan(value("inventory_notification_oldest_timestamp_seconds"))
        wait_for(lambda: value("background_task_failures_total", task="queue gauges") > 0)
        assert client.get("/health").status_code == 200
        connection.execute("alter table notification rename column elsewhere to queued_at")
        wait_for(lambda: value("inventory_notifications", state="pending") == 0)


@pytest.mark.direct
def test_a_worker_whose_listening_connection_is_cut_listens_again(
    client: TestClient, stocked: str, sql: Sql, start_worker: StartWorker, wait_for: WaitFor
) -> None:
    listening = "select pid from pg_stat_activity where query = 'listen inventory_notification'"
    one = start_worker(stocked, WORKER_POLL_SECONDS="3600")
    wait_for(lambda: sql(listening))
    before = sql(listening)
    sql("select pg_terminate_backend(%s)", before[0][0])
    wait_for(lambda: sql(listening) not in ([], before))
    event = tell(client, "It is warm")
    wait_for(lambda: one.told() == [event])


@pytest.fixture
def start_writing_to() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts a worker with that file as its standard output."""
    started: list[subprocess.Popen[bytes]] = []

    def start(
        file: IO[Any], url: str, port: int, metrics_port: int = 0, **more: Any
    ) -> subprocess.Popen[bytes]:
        command = str(Path(sys.executable).with_name("inventory"))
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "PORT": str(port),
            "METRICS_PORT": str(metrics_port),
            "MIGRATE_ON_START": "false",
            "WORKER_POLL_SECONDS": "0.2",
            "LOG_FORMAT": "console",
        }
        started.append(subprocess.Popen([command, "worker"], env=environment, stdout=file, **more))
        return started[-1]

    yield start
    for one in started:
        if one.poll() is None:
            one.kill()
        one.wait()


def test_a_worker_that_cannot_write_is_not_live_and_counts_no_failure(
    client: TestClient,
    stocked: str,
    sql: Sql,
    start_writing_to: Callable[..., subprocess.Popen[bytes]],
    start_worker: StartWorker,
    free_ports: Callable[[], int],
    wait_for: WaitFor,
) -> None:
    port, metrics_port = free_ports(), free_ports()
    with Path("/dev/full").open("w") as full:
        one = start_writing_to(full, stocked, port, metrics_port)
    event = tell(client, "It is warm")
    wait_for(lambda: "No space left" in (sql("select last_error from notification")[0][0] or ""))
    wait_for(lambda: httpx.get(f"http://127.0.0.1:{port}/health").status_code == 503, 40)
    assert "The channel 'log'" in httpx.get(f"http://127.0.0.1:{port}/health").json()["detail"]
    assert httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200
    metrics = httpx.get(f"http://127.0.0.1:{metrics_port}/metrics").text
    assert "\nlog_lines_dropped_total 0.0" not in metrics
    assert sql("select state, attempts from notification") == [("pending", 0)]
    one.terminate()
    assert one.wait(10) == 0
    another = start_worker(stocked)
    wait_for(lambda: another.told() == [event])


def test_everything_is_delivered_after_a_full_disk_has_space_again(
    url: str,
    sql: Sql,
    tmp_path: Path,
    start_writing_to: Callable[..., subprocess.Popen[bytes]],
    free_ports: Callable[[], int],
    wait_for: WaitFor,
) -> None:
    port = free_ports()
    no_limit = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, no_limit))

    output = tmp_path / "output"
    with output.open("w") as file:
        one = start_writing_to(file, url, port, preexec_fn=limit)
    sql(FILL, 200, "log")
    wait_for(lambda: sql("select 1 from notification where last_error is not null"))
    assert output.stat().st_size == 4000
    resource.prlimit(one.pid, resource.RLIMIT_FSIZE, (no_limit, no_limit))
    wait_for(lambda: sql(PENDING) == [(0,)])
    wait_for(lambda: httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200)
    expected = {
        f"Event {ident} has been sent to ada: {text}"
        for ident, text in sql("select id, description from event")
    }
    assert expected <= set(output.read_text().splitlines())
    assert sql("select state, attempts, count(*) from notification group by 1, 2") == [("delivered", 1, 200)]


def test_the_worker_shows_how_full_the_queue_is(
    own_url: str, capfd: pytest.CaptureFixture[str], wait_for: WaitFor
) -> None:
    with psycopg.connect(own_url, options="-c search_path=inventory", autocommit=True) as connection:
        connection.execute(FILL.encode(), [5, "log"])
        connection.execute(
            "update notification set due_at = now() + interval '1 hour', queued_at = now() - interval '90 s'"
        )
        connection.execute("update notification set state = 'dead', finished_at = now() where id = 1")
        connection.execute("update notification set due_at = now() where id = 2")
    with TestClient(worker.create(InventorySettings(access="open", database_url=own_url))) as client:
        assert client.get("/health").text == "OK\n"
        wait_for(lambda: "has been sent" in capfd.readouterr().out)
        wait_for(lambda: samples(client)['inventory_notifications{state="dead"}'] == 1)
        wait_for(lambda: samples(client).get('inventory_deliveries_total{outcome="delivered"}') == 1)
        metrics = samples(client)
        assert metrics['inventory_notifications{state="pending"}'] in (3, 4)
        oldest = metrics["inventory_notification_oldest_timestamp_seconds"]
        assert 90 <= time.time() - oldest < 120
        assert metrics["inventory_delivery_duration_seconds_count"] == 1


@pytest.mark.parametrize(
    ("queued_at", "shown"),
    [
        (None, lambda oldest: oldest == 0),
        ("now() - interval '1 hour'", lambda oldest: 3600 <= time.time() - oldest < 3660),
        ("now() + interval '1 hour'", lambda oldest: 0 <= time.time() - oldest < 60),
    ],
    ids=["none waits", "an hour ago", "the clock was set back"],
)
def test_the_oldest_pending_notification_is_shown_as_a_timestamp(
    url: str, sql: Sql, wait_for: WaitFor, queued_at: str | None, shown: Callable[[float], bool]
) -> None:
    if queued_at:
        sql(FILL, 1, "log")
        sql(
            f"update notification set queued_at = {queued_at}, lease = gen_random_uuid(), due_at = now() + '1 day'"
        )
    app = worker.create(InventorySettings(access="open", database_url=url))
    with TestClient(app):
        succeeded = ("background_task_last_success_timestamp_seconds", {"task": "queue gauges"})
        wait_for(lambda: app.state.registry.get_sample_value(*succeeded) > 0)
        oldest = app.state.registry.get_sample_value("inventory_notification_oldest_timestamp_seconds")
    assert shown(oldest)


def test_without_a_database_the_worker_is_live_and_the_gauges_are_nan(
    free_ports: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "SILENCE_SECONDS", 1)
    monkeypatch.setattr(processor, "LONGEST_CLAIM_PAUSE", 0.2)
    nowhere = f"postgresql://127.0.0.1:{free_ports()}/x?connect_timeout=1"
    settings = InventorySettings(access="open", database_url=nowhere, database_timeout_seconds=0.2)
    with TestClient(worker.create(settings)) as client:
        assert client.get("/health").status_code == 200
        assert client.get("/health/ready").status_code == 503
        metrics = exposition(client)
        assert 'inventory_notifications{state="pending"} NaN' in metrics
        assert "inventory_notification_oldest_timestamp_seconds NaN" in metrics
        time.sleep(3)  # much longer than the processor may stand still here
        assert client.get("/health").status_code == 200
