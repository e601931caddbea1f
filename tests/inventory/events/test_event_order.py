"""The lists of events and notifications miss nothing before their end, and unprocessed events are found by an index."""

import json
import random
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from threading import Event
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from starlette.testclient import TestClient

from inventory.common.settled import SETTLED
from inventory.events.store import EVENTS

Sql = Callable[..., list[tuple[Any, ...]]]

INSERT = """
with new as (insert into event (user_id, description) values ('late', %s) returning id),
queued as (insert into notification (event_id, channel) select id, 'log' from new)
select id::text from new
"""
"""How release 0.1.0 creates an event."""

REOPEN = """
update notification
set state = 'pending', attempts = 0, queued_at = now(), due_at = now(), last_error = null, finished_at = null
where event_id = %s and state <> 'pending'
"""
"""How release 0.1.0 queues one again."""


def create(client: TestClient, user: str = "ada") -> str:
    return str(client.post("/v1/events", json={"user_id": user, "description": "x"}).json()["id"])


def listed(client: TestClient, query: str = "") -> list[str]:
    return [event["id"] for event in client.get(f"/v1/events{query}").json()["items"]]


def told(client: TestClient) -> list[str]:
    return [one["event_id"] for one in client.get("/v1/notifications").json()["items"]]


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_an_event_is_listed_only_when_no_earlier_one_can_still_appear(
    client: TestClient, other: psycopg.Connection, end: str
) -> None:
    first = create(client)
    ((late,),) = other.execute(INSERT, ["x"]).fetchall()
    last = create(client)
    for query in ("", "?status=NotProcessed", "?user_id=ada", "?user_id=ada&status=NotProcessed"):
        assert listed(client, query) == [first]
    assert told(client) == [first]
    assert client.get(f"/v1/events/{last}").status_code == 200
    assert len(client.get("/events/").json()) == 2
    getattr(other, end)()
    complete = [first, late, last] if end == "commit" else [first, last]
    assert listed(client) == complete
    assert told(client) == complete


def test_the_list_ends_before_the_first_event_that_can_still_appear(client: TestClient, stocked: str) -> None:
    connections = [psycopg.connect(stocked, options="-c search_path=inventory") for _ in range(3)]
    ids = []
    for connection in connections:
        ids += [ident for (ident,) in connection.execute(INSERT, ["x"]).fetchall()]
        ids.append(create(client))
    for connection, seen in ((connections[1], 0), (connections[0], 4), (connections[2], 6)):
        connection.commit()
        connection.close()
        assert listed(client) == ids[:seen]


def test_an_unrelated_transaction_does_not_shorten_the_list(
    client: TestClient, other: psycopg.Connection
) -> None:
    other.execute("update site set name = 'Theirs' where id = 3")
    other.execute("select pg_advisory_xact_lock_shared(1, 1), pg_advisory_xact_lock_shared(0)")
    event = create(client)
    assert listed(client) == [event]
    assert told(client) == [event]


@pytest.mark.parametrize("table", ["event", "notification"])
def test_numbers_taken_after_the_list_was_read_do_not_shorten_it(
    client: TestClient, other: psycopg.Connection, sql: Sql, table: str
) -> None:
    event = create(client)
    ((last,),) = sql(f"select max({'number' if table == 'event' else 'id'}) from {table}")
    announce = "select pg_advisory_xact_lock_shared(%s::regclass::oid::integer, %s)"
    for ahead in (0, 1, 1000):
        other.execute(announce, [f"inventory.{table}", last + ahead])
        assert listed(client) == [event]
        assert told(client) == [event]


def test_a_transaction_older_than_a_minute_does_not_shorten_the_list(
    client: TestClient, other: psycopg.Connection, sql: Sql
) -> None:
    create(client)
    other.execute(INSERT, ["x"])
    create(client)
    for statement, newest in ((SETTLED.events, "number"), (SETTLED.notifications, "id")):
        table = "event" if newest == "number" else "notification"
        ((last,),) = sql(f"select max({newest}) from {table}")
        assert sql(statement.decode()) == [(last - 2,)]
        assert sql(statement.decode().replace("1 minute", "0 seconds")) == [(last,)]


def test_a_number_beyond_the_sequence_is_listed(client: TestClient, sql: Sql) -> None:
    event = create(client)
    sql("update event set description = 'y'")
    sql("select setval('event_number_seq', 1, false)")
    assert listed(client) == [event]
    sql("select setval('event_number_seq', (select max(number) from event))")


def test_a_reader_of_all_pages_gets_every_event_once_and_in_order(
    client: TestClient, sql: Sql, stocked: str, threads: ThreadPoolExecutor
) -> None:
    over = Event()

    def write(seed: int) -> None:
        chance = random.Random(seed)
        options = "-c search_path=inventory"
        with psycopg.connect(stocked, options=options, prepare_threshold=None) as connection:  # for a pooler
            for _ in range(60):
                connection.execute(INSERT, ["x"])
                time.sleep(chance.random() / 100)
                connection.commit()

    def follow() -> Iterator[str]:
        query, seen = {"limit": "3"}, 0
        while True:
            ended = over.is_set()
            page = client.get("/v1/events", params=query).json()
            yield from (event["id"] for event in page["items"][seen:])
            seen = len(page["items"])
            if "next" in page:
                query, seen = {"limit": "3", "cursor": page["next"]}, 0
            elif ended:
                return

    reading = threads.submit(list, follow())
    writing = [threads.submit(write, seed) for seed in range(3)]
    try:
        for writer in writing:
            writer.result()
    finally:
        over.set()
    assert reading.result() == [ident for (ident,) in sql("select id::text from event order by number")]


def states(sql: Sql, *found: str) -> list[str]:
    """Events whose notifications are in these states, one after the other."""
    ids = []
    for state in found:
        ((ident,),) = sql(INSERT, "x")
        sql(
            "update notification set state = %s, finished_at = case when %s <> 'pending' then now() end"
            " where event_id = %s",
            *(state, state, ident),
        )
        ids.append(ident)
    return ids


@pytest.mark.parametrize("user", ["", "&user_id=late"])
def test_an_unprocessed_event_has_a_pending_or_dead_notification(
    client: TestClient, sql: Sql, user: str
) -> None:
    ids = states(sql, "pending", "delivered", "dead", "cancelled", "dead", "delivered", "pending")
    assert listed(client, f"?status=NotProcessed{user}") == [ids[0], ids[2], ids[4], ids[6]]
    assert listed(client, f"?status=Processed{user}") == [ids[1], ids[3], ids[5]]
    assert listed(client, f"?{user.lstrip('&')}") == ids
    page = client.get(f"/v1/events?status=NotProcessed&limit=2{user}").json()
    rest = client.get(f"/v1/events?status=NotProcessed&limit=2{user}&cursor={page['next']}").json()
    assert [event["id"] for event in page["items"] + rest["items"]] == [ids[0], ids[2], ids[4], ids[6]]
    assert "next" not in rest
    assert listed(client, "?status=NotProcessed&user_id=nobody") == []


def test_an_event_that_is_queued_again_is_not_processed(client: TestClient, sql: Sql) -> None:
    first, second = states(sql, "delivered", "delivered")
    sql("update notification set event_number = null")  # as of an event from before
    sql(REOPEN, second)
    client.put(f"/events/{first}", json={"status": "NotProcessed"})
    assert listed(client, "?status=NotProcessed") == [first, second]


def test_notifications_from_before_the_migration_are_found(client: TestClient, sql: Sql) -> None:
    ids = states(sql, "pending", "dead", "delivered")
    sql("update notification set event_number = null")
    migration = files("inventory").joinpath("migrations/0009-open-notifications.sql")
    sql(migration.read_text(encoding="utf-8"))
    assert listed(client, "?status=NotProcessed") == ids[:2]
    assert sql("select count(*) from notification where event_number is null") == [(1,)]


@pytest.mark.parametrize("block", ["page_not_processed", "page_not_processed_of_user"])
def test_finding_unprocessed_events_does_not_read_processed_ones(url: str, block: str) -> None:
    with psycopg.connect(
        make_conninfo(url, options="-c search_path=inventory"), autocommit=True
    ) as connection:
        connection.execute(
            "insert into event (user_id, description)"
            " select case when n %% 10 = 0 then 'ada' else 'u' || n end, 'x' from generate_series(1, %s) as n",
            [20_000],
        )
        connection.execute(
            "insert into notification (event_id, channel, state, finished_at)"
            " select id, 'log', 'delivered', now() from event"
        )
        connection.execute(
            "update notification set state = 'pending', finished_at = null"
            " where id in (select max(id) - 10 * n from notification, generate_series(1, 5) as n group by n)"
        )
        connection.execute("vacuum (analyze) event, notification")  # else rows of earlier tests count
        parameters = {"settled": 2**62, "rows": 51, "bytes": 2**20, "user_id": "ada"}
        conditions = ["settled", "user_id"] if block.endswith("of_user") else ["settled"]
        explain = b"explain (analyze, buffers, format json) " + EVENTS.statement(
            block, "created_at", conditions
        )
        ((plan,),) = connection.execute(explain, parameters).fetchall()
    assert plan[0]["Plan"]["Actual Rows"] == 5
    assert plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"] < 300
    assert re.search("notification_open_index", json.dumps(plan))
