"""A refresh holds no lock while it reads a feed, and a feed has only one refresh at a time."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest
from starlette.testclient import TestClient
from tests.balances.answers import problem
from tests.balances.feed_server import Feeds

BALANCES = str(Path(sys.executable).parent / "balances")

Service = Callable[..., TestClient]
Sql = Callable[..., list[tuple[Any, ...]]]

OTHERS = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"


class Command:
    """`balances refresh` as a process."""

    def __init__(self, url: str, feeds: dict[str, Any], file_size: int | None) -> None:
        environment = {"DATABASE_URL": url, "FEEDS": json.dumps(feeds)}
        limited = ["/bin/sh", "-c", f'ulimit -f {file_size // 512}; exec "$@"', "sh"] if file_size else []
        self.process = subprocess.Popen(
            [*limited, BALANCES, "refresh"], env=os.environ | environment, stdout=subprocess.PIPE, text=True
        )

    def ended(self) -> tuple[int, list[dict[str, Any]]]:
        """The exit status, and the lines of the log."""
        output, _ = self.process.communicate(timeout=90)
        return self.process.returncode, [json.loads(line) for line in output.splitlines()]


@pytest.fixture
def command(url: str) -> Iterator[Callable[..., Command]]:
    """Starts `balances refresh` with the settings of feeds by name, and with a limit on the size of files."""
    started: list[Command] = []

    def start(*, file_size: int | None = None, **feeds: dict[str, Any]) -> Command:
        started.append(Command(url, feeds, file_size))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


class Held(NamedTuple):
    """A server with the sample feed, which responds once `go` is set."""

    url: str
    arrived: threading.Event
    go: threading.Event


@pytest.fixture
def held(feeds: Feeds) -> Iterator[Held]:
    """See `Held`."""
    go = threading.Event()
    server = feeds.serve(lambda page, n: feeds.sample_script(page, n)._replace(hold=go))
    yield Held(server.url, server.arrived, go)
    go.set()


def test_no_transaction_or_lock_is_held_while_a_feed_is_read(
    command: Callable[..., Command], held: Held, sql: Sql
) -> None:
    reading = command(demo={"url": held.url})
    assert held.arrived.wait(30)
    assert sql(f"select count(*) {OTHERS} and xact_start is not null") == [(0,)]
    assert sql(f"select count(*) {OTHERS}")[0][0] <= 1
    assert sql("select count(*) from pg_locks where locktype = 'advisory'") == [(0,)]
    held.go.set()
    assert reading.ended()[0] == 0
    assert sql("select total::text from reading") == [("18377.16",)]


def test_two_processes_do_not_read_a_feed_at_the_same_time(
    service: Service, command: Callable[..., Command], held: Held, sql: Sql
) -> None:
    reading = command(demo={"url": held.url})
    assert held.arrived.wait(30)
    refused = service(demo=held.url).post("/v1/refresh")
    assert "a refresh is under way" in problem(refused, 409)
    assert int(refused.headers["retry-after"]) > 0
    held.go.set()
    assert reading.ended()[0] == 0
    assert sql("select outcome from refresh") == [("complete",)]


def test_the_lease_of_a_process_that_was_killed_expires(
    command: Callable[..., Command], held: Held, sql: Sql
) -> None:
    killed = command(demo={"url": held.url})
    assert held.arrived.wait(30)
    killed.process.send_signal(signal.SIGKILL)
    killed.process.wait()
    ((seconds,),) = sql("select extract(epoch from expires_at - now()) from refresh_lease")
    assert 0 < seconds <= 30
    successor = command(demo={"url": held.url})
    time.sleep(1)
    assert successor.process.poll() is None  # it waits
    sql("update refresh_lease set expires_at = now()")
    held.go.set()
    assert successor.ended()[0] == 0
    assert sql("select total::text from reading") == [("18377.16",)]


def test_a_server_that_stops_gives_its_lease_back(
    start: Callable[..., Any], url: str, held: Held, sql: Sql
) -> None:
    feeds = json.dumps({"demo": {"url": held.url}})
    running = start("balances", "serve", DATABASE_URL=url, FEEDS=feeds, SHUTDOWN_SECONDS="1")
    asking = threading.Thread(target=lambda: httpx.post(f"{running.url}/v1/refresh", timeout=60))
    asking.start()
    assert held.arrived.wait(30)
    running.output()
    asking.join()
    assert sql("select count(*), count(*) filter (where expires_at > now()) from refresh_lease") == [(1, 0)]


def test_a_refresh_whose_lease_was_taken_by_another_process_writes_nothing(
    service: Service, held: Held, sql: Sql
) -> None:
    client = service(demo=held.url)
    answers: list[Any] = []
    refreshing = threading.Thread(target=lambda: answers.append(client.post("/v1/refresh")))
    refreshing.start()
    assert held.arrived.wait(30)
    sql("update refresh_lease set holder = gen_random_uuid()")
    held.go.set()
    refreshing.join()
    assert "a refresh is under way" in problem(answers[0], 409)
    assert sql("select count(*) from reading") == [(0,)]
    assert sql("select count(*) from refresh_lease where expires_at > now()") == [(1,)]


def test_a_process_of_the_previous_release_and_this_one_do_not_write_the_same_feed(
    service: Service, feeds: Feeds, url: str
) -> None:
    client = service(demo=str(feeds.sample))
    with psycopg.connect(url) as older:  # a process of that release holds this lock while it reads
        older.execute(
            "select pg_advisory_xact_lock(hashtextextended('benchtop balances refresh of demo', 0))"
        )
        assert "a refresh is under way" in problem(client.post("/v1/refresh"), 409)
    assert client.post("/v1/refresh").status_code == 200


@pytest.mark.parametrize(
    "moved", ["taken_at = now() + interval '1 day', expires_at = now() + interval '1 day'"]
)
def test_a_lease_with_a_time_in_the_future_is_not_held(
    service: Service, feeds: Feeds, sql: Sql, moved: str
) -> None:
    client = service(demo={"url": str(feeds.sample), "min_interval": 3600})
    assert client.post("/v1/refresh").status_code == 200
    sql(f"update refresh_lease set {moved}")  # as after the server's clock was set back
    assert client.post("/v1/refresh").status_code == 200


# The shortest time between refreshes


def test_a_feed_is_not_read_again_before_its_interval_has_passed(
    service: Service, feeds: Feeds, sql: Sql
) -> None:
    server = feeds.serve(feeds.sample_script)
    client = service(demo={"url": server.url, "min_interval": 60}, other=str(feeds.sample))
    assert client.post("/v1/refresh").status_code == 200
    asked = len(server.asked)
    again = client.post("/v1/refresh")
    assert "the last attempt to read it began less than 60 s ago" in problem(again, 429)
    assert 50 <= int(again.headers["retry-after"]) <= 60
    assert len(server.asked) == asked
    assert client.post("/v1/refresh?feed=other").status_code == 200
    sql("update refresh_lease set taken_at = taken_at - interval '61 s'")
    assert client.post("/v1/refresh").status_code == 200


def test_the_interval_applies_after_failed_refreshes(service: Service, feeds: Feeds) -> None:
    server = feeds.serve(lambda *_: feeds.reply(500))
    client = service(demo={"url": server.url, "min_interval": 60})
    assert client.post("/v1/refresh").status_code == 502
    assert client.post("/v1/refresh").status_code == 429
    assert server.asked == [1]


def test_the_command_ignores_the_interval(command: Callable[..., Command], feeds: Feeds) -> None:
    for _ in range(2):
        assert command(demo={"url": str(feeds.sample), "min_interval": 3600}).ended()[0] == 0


async def all_at_once(count: int, url: str) -> list[int]:
    """The statuses of the responses to `count` simultaneous POST requests."""
    limits = httpx.Limits(max_connections=count)
    async with httpx.AsyncClient(timeout=120, limits=limits) as client:
        answers = await asyncio.gather(*(client.post(url) for _ in range(count)))
    return [answer.status_code for answer in answers]


def test_300_simultaneous_requests_need_no_more_connections(
    start: Callable[..., Any], url: str, held: Held, sql: Sql
) -> None:
    feeds = json.dumps({"demo": {"url": held.url}})
    running = start(
        "balances", "serve", DATABASE_URL=url, FEEDS=feeds, LOG_LEVEL="error"
    )  # nobody reads its log, and the pipe must not fill up
    first: list[httpx.Response] = []
    refreshing = threading.Thread(
        target=lambda: first.append(httpx.post(f"{running.url}/v1/refresh", timeout=60))
    )
    refreshing.start()
    assert held.arrived.wait(30)
    answered: list[int] = []
    asking = all_at_once(300, f"{running.url}/v1/refresh")
    statuses = threading.Thread(target=lambda: answered.extend(asyncio.run(asking)))
    statuses.start()
    most = 0
    while statuses.is_alive():
        most = max(most, sql(f"select count(*) {OTHERS}")[0][0])
        statuses.join(0.02)
    assert set(answered) == {409}
    assert most <= 5
    held.go.set()
    refreshing.join()
    assert first[0].status_code == 200


def test_a_process_reads_two_feeds_at_a_time_and_then_the_third(service: Service, feeds: Feeds) -> None:
    go = threading.Event()
    servers = [feeds.serve(lambda page, n: feeds.sample_script(page, n)._replace(hold=go)) for _ in range(3)]
    names = ("one", "two", "three")
    client = service(**{name: server.url for name, server in zip(names, servers, strict=True)})
    with ThreadPoolExecutor(3) as pool:
        reading = [pool.submit(client.post, f"/v1/refresh?feed={name}") for name in names]
        until_two = time.monotonic() + 30
        while sum(server.arrived.is_set() for server in servers) < 2:
            assert time.monotonic() < until_two
            time.sleep(0.01)
        time.sleep(0.3)
        assert sum(server.arrived.is_set() for server in servers) == 2
        go.set()
    assert {one.result().status_code for one in reading} == {200}


# Faults and unusual feeds


def test_malformed_responses_are_recorded_and_the_next_feeds_are_read(
    command: Callable[..., Command], feeds: Feeds, sql: Sql
) -> None:
    def replying(**how: Any) -> dict[str, Any]:
        server = feeds.serve(lambda *_: feeds.reply(**how))
        return {"url": server.url, "attempts": 1, "deadline": 5}

    status, lines = command(
        a=replying(status=503, headers=(("Retry-After", "Fri, 01 Jan 99999999999999999999 00:00:00 GMT"),)),
        b=replying(status=302, headers=(("Location", "data:x"),)),
        c=replying(status=200, headers=(("Set-Cookie", "caf\xe9=\xff"),), body=b"{}"),
        d={"url": "http://127.0.0.1:1/{page}\u00e9", "attempts": 1},
        e={"url": str(feeds.sample)},
    ).ended()
    assert status == 4
    assert sql("select feed, outcome from refresh order by feed") == [
        ("a", "unreachable"),
        ("b", "invalid"),
        ("c", "invalid"),
        ("d", "unreachable"),
        ("e", "complete"),
    ]
    assert [line["feed"] for line in lines if line["event"] == "Refresh failed"] == ["a", "b", "c", "d"]


def test_an_unexpected_error_is_recorded_and_the_next_feed_is_read(
    command: Callable[..., Command], feeds: Feeds, sql: Sql
) -> None:
    sql("alter table day add constraint unforeseen check (date < '2020-01-01')")
    late = feeds.serve(feeds.paged([feeds.row()], 1)).url
    status, _ = command(late={"url": late}, sample={"url": str(feeds.sample)}).ended()
    assert status == 1
    assert sql("select feed, outcome from refresh order by feed") == [
        ("late", "invalid"),
        ("sample", "complete"),
    ]
    ((detail,),) = sql("select detail from refresh where feed = 'late'")
    assert "feed late: an unexpected error" in detail
    assert "unforeseen" in detail


def test_a_full_disk_is_reported_and_recorded(
    command: Callable[..., Command], feeds: Feeds, sql: Sql
) -> None:
    limit = 8 * 2**20  # the largest file that the system allows, which has the effect of a full disk
    rows = [feeds.row(Company=f"SHOP {n} {'X' * 400}") for n in range(30_000)]
    url = feeds.serve(feeds.paged(rows, 1000)).url
    process = command(large={"url": url}, sample={"url": str(feeds.sample)}, file_size=limit)
    status, lines = process.ended()
    assert status == 1
    assert "written to a temporary file" in lines[0]["detail"]
    assert "make room in the folder for temporary files" in lines[0]["detail"]
    assert sql("select feed, outcome from refresh order by feed") == [
        ("large", "unreachable"),
        ("sample", "complete"),
    ]


@pytest.mark.parametrize(("left", "rows"), [(1, 1), (0, 0)])
def test_a_feed_with_fewer_rows_is_accepted_with_a_warning(
    service: Service, feeds: Feeds, left: int, rows: int
) -> None:
    items = [feeds.row(Amount=str(n)) for n in range(3)]
    server = feeds.serve(
        lambda page, n: feeds.paged(items, 10)(page, n) if items or page > 1 else feeds.page(1, [], 0)
    )
    client = service(demo=server.url)
    client.post("/v1/refresh")
    assert client.get("/v1/feeds").json()["items"][0]["last_refresh"]["detail"] == ""
    del items[left:]
    assert client.post("/v1/refresh").json()["proof"]["rows"] == rows
    last = client.get("/v1/feeds").json()["items"][0]["last_refresh"]
    assert (last["outcome"], last["detail"]) == (
        "complete",
        f"the feed has {rows} rows; the snapshot before had 3",
    )


def test_pending_rows_are_counted_separately(service: Service, feeds: Feeds, sql: Sql) -> None:
    rows = [feeds.row(Amount=amount, Company="CAFE") for amount in ("-2", "10", "-3", "10")]
    rows[0]["pending"] = rows[2]["Pending"] = True
    client = service(main=feeds.serve(feeds.paged(rows, 3)).url)
    answer = client.post("/v1/refresh").json()
    assert (answer["total"], answer["pending_transactions"], answer["pending_total"]) == ("20.00", 2, "-5.00")
    assert (answer["proof"]["rows"], answer["total_if_repeats_removed"]) == (4, "10.00")
    assert [item["amount"] for item in client.get("/v1/transactions").json()["items"]] == ["10.00", "10.00"]
    (repeat,) = client.get("/v1/repeats").json()["items"]
    assert repeat["occurrences"] == [{"page": 1, "row": 2}, {"page": 2, "row": 1}]
    assert sql("select rows, pending from reading") == [(4, 2)]


def test_any_text_of_a_feed_is_stored_unchanged(service: Service, feeds: Feeds) -> None:
    texts = [
        "a\tb",
        "a\nb",
        "a\\b",
        "\\.",
        "\\N",
        "",
        " ",
        "\r\n",
        "\x7f\x1b[0m",
        "\u2028",
        "\U0001f600",
        "'\"",
        "{a,b}",
    ]
    rows = [feeds.row(Company=text, Ledger=text[::-1]) for text in texts]
    client = service(main=feeds.serve(feeds.paged(rows, 5)).url)
    assert client.post("/v1/refresh").status_code == 200
    items = client.get("/v1/transactions").json()["items"]
    assert [(item["vendor"], item["category"]) for item in items] == [(text, text[::-1]) for text in texts]
