"""A page has a limit of bytes as well as of items, and all pages together still have each item once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from starlette.testclient import TestClient

from chassis.web.pagination import PAGE_BYTES

Sql = Callable[..., list[tuple[Any, ...]]]
Start = Callable[..., Any]

TEXTS = {"plain": "x", "four bytes": "🧪", "escaped": "\x01"}
ROWS = 300

FILL = {
    "sites": (
        "insert into site (name, contact, address, country) select repeat(%s, 200), repeat(%s, 200), repeat(%s, 1000),"
        " repeat(%s, 200) from generate_series(1, 3 * %s)"
    ),
    "containers": (
        "insert into container (description, freezer_id) select repeat(%s, 10000), 1 from generate_series(1, %s)"
    ),
    "events": "insert into event (user_id, description) select 'ada', repeat(%s, 10000) from generate_series(1, %s)",
    "notifications": (
        "with new as ("
        "   insert into event (user_id, description) select 'ada', '' from generate_series(1, %s) returning id)"
        " insert into notification (event_id, channel, last_error) select id, 'log', repeat(%s, 1000) from new"
    ),
}


def pages(client: TestClient, path: str, **query: str) -> Iterator[Any]:
    parameters = {"limit": "1000", **query}
    while True:
        answer = client.get(path, params=parameters)
        yield answer
        if "next" not in answer.json():
            return
        parameters["cursor"] = answer.json()["next"]


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
@pytest.mark.parametrize("path", list(FILL))
def test_a_page_of_long_rows_is_bounded_and_all_pages_are_complete(
    client: TestClient, sql: Sql, path: str, text: str
) -> None:
    if path == "notifications":
        sql(FILL[path], 4 * ROWS, text)
    else:
        sql(FILL[path], *[text] * FILL[path].count("repeat"), ROWS)
    table = path.removesuffix("s")
    order = "number" if path == "events" else "id"
    expected = [str(ident) for (ident,) in sql(f"select id from {table} order by {order}")]
    answers = list(pages(client, f"/v1/{path}"))
    assert [str(item["id"]) for answer in answers for item in answer.json()["items"]] == expected
    assert max(len(answer.content) for answer in answers) < PAGE_BYTES + 2000
    assert all(len(answer.content) > PAGE_BYTES * 0.9 for answer in answers[:-1] if path != "sites")


@pytest.mark.parametrize(
    "query", [{"status": "NotProcessed"}, {"user_id": "ada"}, {"user_id": "ada", "status": "NotProcessed"}]
)
def test_a_filtered_page_of_long_events_is_bounded_too(
    client: TestClient, sql: Sql, query: dict[str, str]
) -> None:
    sql(FILL["events"], "x", ROWS)
    sql("insert into notification (event_id, channel) select id, 'log' from event")
    answers = list(pages(client, "/v1/events", **query))
    assert sum(len(answer.json()["items"]) for answer in answers) == ROWS
    assert max(len(answer.content) for answer in answers) < PAGE_BYTES + 2000


def test_a_page_of_short_rows_has_as_many_rows_as_the_limit(client: TestClient, sql: Sql) -> None:
    sql("insert into container (description, freezer_id) select 'x', 1 from generate_series(1, 1500)")
    answer = client.get("/v1/containers?limit=1000").json()
    assert len(answer["items"]) == 1000
    assert "next" in answer


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_four_of_the_longest_pages_at_once_take_little_memory(
    own_url: str, start: Start, coding: str
) -> None:
    with psycopg.connect(own_url, autocommit=True, options="-c search_path=inventory") as connection:
        connection.execute("insert into site (id, name) values (1, 'S')")
        connection.execute("insert into freezer (id, name, site_id) values (1, 'F', 1)")
        connection.execute(FILL["containers"], ["🧪", 1001])
    service = start("inventory", "serve", DATABASE_URL=own_url, LOG_LEVEL="error")
    memory = psutil.Process(service.process.pid).memory_info

    def ask(_: int) -> int:
        headers = {"Accept-Encoding": coding}
        with httpx.stream(
            "GET", f"{service.url}/v1/containers?limit=1000", headers=headers, timeout=60
        ) as answer:
            assert answer.status_code == 200
            return sum(map(len, answer.iter_bytes()))

    for _ in range(20):
        httpx.get(f"{service.url}/v1/sites")
    before = most = memory().rss
    with ThreadPoolExecutor(4) as callers:
        asked = [callers.submit(ask, number) for number in range(12)]
        while not all(answer.done() for answer in asked):
            most = max(most, memory().rss)
    assert max(answer.result() for answer in asked) < PAGE_BYTES + 2000
    assert most - before < 32 * 2**20
