"""Events and notifications can be listed newest first, without waiting for transactions that are still running."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient
from tests.inventory.walking import ids

Sql = Callable[..., list[tuple[Any, ...]]]

EVENT = "with new as (insert into event (user_id, description) values ('late', 'x') returning id)"
QUEUE = " insert into notification (event_id, channel) select id, 'log' from new returning event_id::text"


@pytest.mark.parametrize("query", [{}, {"status": "NotProcessed"}, {"user_id": "ada"}, {"q": "it"}])
def test_the_newest_event_is_first(client: TestClient, query: dict[str, str]) -> None:
    new = {"user_id": "ada", "description": "It is warm"}
    made = [client.post("/v1/events", json=new).json()["id"] for _ in range(5)]
    assert ids(client, "/v1/events", sort="-created_at", limit=2, **query) == made[::-1]


def test_the_newest_notification_is_first(client: TestClient) -> None:
    for _ in range(5):
        client.post("/v1/events", json={"user_id": "ada", "description": "It is warm"}).raise_for_status()
    found = ids(client, "/v1/notifications", sort="-id", limit=2)
    assert len(found) == 5
    assert found == sorted(found, reverse=True)


def test_a_new_event_does_not_wait_for_an_earlier_transaction(
    client: TestClient, other: psycopg.Connection
) -> None:
    ((late,),) = other.execute(EVENT + QUEUE).fetchall()
    event = client.post("/v1/events", json={"user_id": "ada", "description": "x"}).json()["id"]
    assert ids(client, "/v1/events") == []
    assert ids(client, "/v1/events", sort="-created_at") == [event]
    assert len(ids(client, "/v1/notifications", sort="-id")) == 1
    other.commit()
    assert ids(client, "/v1/events", sort="-created_at") == [event, late]
    assert len(ids(client, "/v1/notifications", sort="-id")) == 2


def test_events_that_are_created_between_two_pages_repeat_no_event(client: TestClient) -> None:
    new = {"user_id": "ada", "description": "x"}
    made = [client.post("/v1/events", json=new).json()["id"] for _ in range(4)]
    first = client.get("/v1/events?sort=-created_at&limit=2").json()
    client.post("/v1/events", json=new).raise_for_status()
    rest = client.get(f"/v1/events?sort=-created_at&cursor={first['next']}").json()
    assert [event["id"] for event in first["items"] + rest["items"]] == made[::-1]
