"""The lists at the original paths are complete, whatever their length, and need little memory and few connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from starlette.testclient import TestClient

from chassis.web.json_stream import CHUNK_ROWS

Sql = Callable[..., list[tuple[Any, ...]]]
Start = Callable[..., Any]

MANY = 2 * CHUNK_ROWS + 345

FILL = {
    "sites": (
        "insert into site (id, name, contact, address)"
        " select 3 * n, 'Site \"' || n, case when n %% 2 = 0 then E'a\\n\\x01' end, repeat('ü', n %% 1000)"
        " from generate_series(2, %s) as n"
    ),
    "freezers": "insert into freezer (id, name, site_id) select 3 * n, '-' || n, 1 from generate_series(2, %s) as n",
    "computers": (
        "insert into computer (id, name, mac, site_id)"
        " select 3 * n, 'C', ('00000000' || lpad(to_hex(n), 4, '0'))::macaddr, 1 from generate_series(2, %s) as n"
    ),
    "containers": (
        "insert into container (id, description, freezer_id)"
        " select 3 * n, repeat('é\"', n %% 200), 1 from generate_series(2, %s) as n"
    ),
    "users": (
        "insert into account (id, username, email)"
        " select 3 * n, 'user ' || n, n || '@example.org' from generate_series(2, %s) as n"
    ),
    "events/": (
        "insert into event (user_id, description) select 'u' || n, repeat(E'\\t\\\\', n %% 200)"
        " from generate_series(2, %s) as n"
    ),
    "instruments": (
        "insert into freezer (id, name, site_id) select 3 * n, '-' || n, 1 + n %% 3 from generate_series(2, %s) as n"
    ),
}

# What the release before sent: one statement for all of it
WHOLE = {
    "sites": (
        "select json_agg(json_build_object('id', id, 'name', name, 'contact', contact, 'address', address,"
        " 'state_or_region', state_or_region, 'country', country, 'postcode_or_zip', postcode_or_zip) order by id)"
        " from site"
    ),
    "freezers": (
        "select json_agg(json_build_object('id', id, 'name', name, 'site_id', site_id) order by id) from freezer"
    ),
    "computers": (
        "select json_agg(json_build_object('id', id, 'name', name, 'mac', mac, 'site_id', site_id) order by id)"
        " from computer"
    ),
    "containers": (
        "select json_agg(json_build_object('id', id, 'uuid', uuid, 'description', description,"
        " 'freezer_id', freezer_id) order by id) from container"
    ),
    "users": (
        "select json_agg(json_build_object('id', id, 'username', username, 'email', email, 'active', active)"
        " order by id) from account"
    ),
    "events/": (
        "select json_agg(json_build_object('event_id', id, 'user_id', user_id, 'description', description,"
        " 'status', status) order by number) from event_with_status"
    ),
    "instruments": (
        "select json_agg(json_build_object('computer_id', computer_id, 'freezer_id', freezer_id, 'name', name,"
        " 'site_id', site_id, 'site_name', site_name) order by site_id, rank, id) from instrument"
    ),
}


@pytest.mark.parametrize("path", list(FILL))
def test_a_long_list_is_the_same_bytes_as_from_one_statement(client: TestClient, sql: Sql, path: str) -> None:
    sql(FILL[path], MANY)
    ((whole,),) = sql(f"select ({WHOLE[path]})::text")
    answer = client.get(f"/{path}")
    if path == "users":
        whole = '{"status":"success","data":{"users":' + whole + "}}"
    assert answer.text == whole
    assert "content-length" not in answer.headers
    assert answer.headers["content-type"] == "application/json"
    if path != "users" and path.rstrip("/") != path:
        path = path.rstrip("/")
    assert client.get(f"/{path}", headers={"Accept-Encoding": "gzip"}).text == whole


@pytest.mark.parametrize("path", ["sites", "freezers", "computers", "containers"])
@pytest.mark.parametrize(
    ("offset", "limit"),
    [(0, 2147483647), (1, CHUNK_ROWS), (CHUNK_ROWS - 1, 3), (700, 1700), (MANY, 9), (9, 0)],
)
def test_a_slice_of_a_long_list_is_correct(
    client: TestClient, sql: Sql, path: str, offset: int, limit: int
) -> None:
    sql(FILL[path], MANY)
    everything = client.get(f"/{path}").json()
    assert client.get(f"/{path}/{offset}/{limit}").json() == everything[offset : offset + limit]


def test_a_short_list_has_a_content_length(client: TestClient) -> None:
    answer = client.get("/sites")
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.fixture
def long_events(own_url: str) -> str:
    """URL of a database with 4,000 events, whose list has 39 MB."""
    with psycopg.connect(own_url, autocommit=True, options="-c search_path=inventory") as connection:
        connection.execute(
            "insert into event (user_id, description)"
            " select 'ada', string_agg(md5(n || '-' || i), '')"
            " from generate_series(1, 4000) as n, generate_series(1, 300) as i group by n"
        )
        connection.execute("insert into notification (event_id, channel) select id, 'log' from event")
    return own_url


def read(url: str) -> int:
    """Ask for the events, and count the bytes of the answer without keeping them."""
    with httpx.stream("GET", f"{url}/events/", headers={"Accept-Encoding": "identity"}, timeout=60) as answer:
        assert answer.status_code == 200
        return sum(map(len, answer.iter_raw()))


def test_four_callers_of_a_long_list_need_little_memory_and_the_service_stays_ready(
    long_events: str, start: Start
) -> None:
    service = start("inventory", "serve", DATABASE_URL=long_events, LOG_LEVEL="error")
    memory = psutil.Process(service.process.pid).memory_info
    for _ in range(20):
        httpx.get(f"{service.url}/v1/events?limit=1")
    before = memory().rss
    most, statuses = before, set()
    with ThreadPoolExecutor(4) as callers:
        answers = [callers.submit(read, service.url) for _ in range(4)]
        while not all(answer.done() for answer in answers):
            most = max(most, memory().rss)
            statuses.add(httpx.get(f"{service.url}/health/ready", timeout=10).status_code)
            statuses.add(httpx.get(f"{service.url}/v1/events?limit=1", timeout=10).status_code)
    assert {answer.result() > 38_000_000 for answer in answers} == {True}
    assert len({answer.result() for answer in answers}) == 1
    assert statuses == {200}
    assert most - before < 32 * 2**20


def test_callers_who_do_not_read_hold_no_connections(long_events: str, start: Start) -> None:
    service = start("inventory", "serve", DATABASE_URL=long_events, LOG_LEVEL="error", DATABASE_POOL_SIZE="1")
    with httpx.Client(timeout=60) as client:
        for _ in range(6):
            request = client.build_request("GET", f"{service.url}/events/")
            assert client.send(request, stream=True).status_code == 200
        for _ in range(20):
            assert client.get(f"{service.url}/v1/events?limit=1").status_code == 200
        assert client.get(f"{service.url}/health/ready").status_code == 200


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_when_a_list_cannot_be_read_to_its_end_the_connection_is_closed(
    long_events: str, start: Start, coding: str
) -> None:
    service = start("inventory", "serve", DATABASE_URL=long_events, LOG_LEVEL="error")
    with (
        httpx.stream("GET", f"{service.url}/events/", headers={"Accept-Encoding": coding}) as answer,
        pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"),
    ):
        assert answer.status_code == 200
        parts = answer.iter_raw()
        next(parts)
        with psycopg.connect(long_events, autocommit=True) as connection:
            connection.execute("alter view inventory.event_with_status rename to lost")
        for _ in parts:
            pass
    asked = httpx.get(f"{service.url}/events/")
    assert (asked.status_code, asked.headers["retry-after"]) == (503, "5")
    assert any("The list was cut off before its end" in line for line in service.output())
