"""Events and notifications under /v1."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

NEW = {"user_id": "ada", "description": "It is warm"}
NOBODY = "0b7e4f4e-3c9a-4b1e-8f55-6d2f6a2c9f10"

Sql = Callable[..., list[tuple[Any, ...]]]


def test_an_event_is_created_with_its_notification(empty: TestClient, sql: Sql) -> None:
    answer = empty.post("/v1/events", json=NEW)
    event = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/events/{event['id']}"
    assert (event["user_id"], event["description"], event["status"]) == ("ada", "It is warm", "NotProcessed")
    assert sql("select event_id::text, channel, state, attempts from notification") == [
        (event["id"], "log", "pending", 0)
    ]


def test_an_event_has_a_tag_that_changes_with_its_status(empty: TestClient, sql: Sql) -> None:
    created = empty.post("/v1/events", json=NEW)
    place, tag = created.headers["location"], created.headers["etag"]
    assert empty.get(place, headers={"If-None-Match": tag}).status_code == 304
    sql("update notification set state = 'delivered', finished_at = now()")
    assert empty.get(place, headers={"If-None-Match": tag}).json()["status"] == "Processed"


@pytest.mark.parametrize("ident", [NOBODY, "5", "%00", "x" * 300])
def test_an_unknown_event_is_404(empty: TestClient, ident: str) -> None:
    assert empty.get(f"/v1/events/{ident}").status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"user_id": "ada"}, "/description"),
        ({**NEW, "user_id": " "}, "/user_id"),
        ({**NEW, "description": 5}, "/description"),
        ({**NEW, "description": "a\0"}, "/description"),
        ({**NEW, "colour": "blue"}, "/colour"),
    ],
)
def test_a_bad_event_is_refused(empty: TestClient, sql: Sql, body: dict[str, Any], pointer: str) -> None:
    answer = empty.post("/v1/events", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert sql("select count(*) from event") == [(0,)]


@pytest.mark.parametrize(("user", "account"), [("ada", 1), ("GRACE", 2), ("nobody", None), ("ada ", None)])
def test_an_event_names_the_account_of_its_user_or_none(
    client: TestClient, user: str, account: int | None
) -> None:
    created = client.post("/v1/events", json={**NEW, "user_id": user})
    assert (created.json()["user_id"], created.json()["account_id"]) == (user, account)
    assert client.get(created.headers["location"]).json() == created.json()
    assert client.get("/v1/events").json()["items"] == [created.json()]
    assert client.get(f"/events/{created.json()['id']}").json()["user_id"] == user


def test_an_event_names_the_account_that_its_user_gets_later(client: TestClient) -> None:
    place = client.post("/v1/events", json={**NEW, "user_id": "lise"}).headers["location"]
    account = client.post("/v1/users", json={"username": "Lise", "email": "l@example.org"}).json()["id"]
    assert client.get(place).json()["account_id"] == account


def test_events_are_paged_in_their_order(empty: TestClient) -> None:
    made = [empty.post("/v1/events", json={**NEW, "description": str(n)}).json()["id"] for n in range(5)]
    first = empty.get("/v1/events?limit=3").json()
    rest = empty.get("/v1/events", params={"limit": 3, "cursor": first["next"]}).json()
    assert [event["id"] for event in first["items"] + rest["items"]] == made
    assert "next" not in rest


def test_events_are_filtered(empty: TestClient, sql: Sql) -> None:
    for user in ("ada", "grace"):
        empty.post("/v1/events", json={**NEW, "user_id": user})
    sql("update notification set state = 'delivered', finished_at = now() where id = 1")
    for query, users in [
        ("status=Processed", ["ada"]),
        ("status=NotProcessed", ["grace"]),
        ("user_id=grace", ["grace"]),
        ("user_id=grace&status=Processed", []),
        ("user_id=nobody", []),
    ]:
        assert [event["user_id"] for event in empty.get(f"/v1/events?{query}").json()["items"]] == users


@pytest.mark.parametrize(
    "query", ["status=Done", "status=", "user_id=%00", "user_id=", "colour=blue", "user_id=" + "x" * 201]
)
def test_a_bad_filter_is_refused(empty: TestClient, query: str) -> None:
    assert empty.get(f"/v1/events?{query}").status_code == 422


@pytest.mark.parametrize(
    ("states", "status"),
    [
        (["pending"], "NotProcessed"),
        (["delivered"], "Processed"),
        (["cancelled"], "Processed"),
        (["dead"], "NotProcessed"),
        ([], "NotProcessed"),
    ],
)
def test_the_status_follows_from_the_notifications(
    empty: TestClient, sql: Sql, states: list[str], status: str
) -> None:
    place = empty.post("/v1/events", json=NEW).headers["location"]
    sql("delete from notification")
    for state in states:
        sql(
            "insert into notification (event_id, channel, state, finished_at)"
            " select id, 'log', %s, case when %s <> 'pending' then now() end from event",
            state,
            state,
        )
    assert empty.get(place).json()["status"] == status


def test_notifications_are_listed_with_their_states(empty: TestClient, sql: Sql) -> None:
    event = empty.post("/v1/events", json=NEW).json()
    sql("update notification set attempts = 3, last_error = 'No paper'")
    (notification,) = empty.get("/v1/notifications").json()["items"]
    assert notification == {
        "id": 1,
        "event_id": event["id"],
        "channel": "log",
        "state": "pending",
        "attempts": 3,
        "queued_at": notification["queued_at"],
        "due_at": notification["due_at"],
        "last_error": "No paper",
        "finished_at": None,
    }
    assert empty.get("/v1/notifications/1").json() == notification
    for query, found in [
        ("state=pending", 1),
        ("state=dead", 0),
        (f"event_id={event['id']}", 1),
        (f"event_id={NOBODY}", 0),
    ]:
        assert len(empty.get(f"/v1/notifications?{query}").json()["items"]) == found


@pytest.mark.parametrize("state", ["delivered", "dead", "cancelled"])
def test_a_notification_that_is_not_pending_has_no_due_time(empty: TestClient, sql: Sql, state: str) -> None:
    empty.post("/v1/events", json=NEW)
    assert empty.get("/v1/notifications/1").json()["due_at"]
    sql("update notification set state = %s, finished_at = now()", state)
    assert empty.get("/v1/notifications/1").json()["due_at"] is None
    assert empty.get("/v1/notifications").json()["items"][0]["due_at"] is None
    assert empty.post("/v1/notifications/1:replay").json()["due_at"]


@pytest.mark.parametrize("query", ["state=open", "event_id=5", "colour=blue"])
def test_a_bad_filter_of_notifications_is_refused(empty: TestClient, query: str) -> None:
    assert empty.get(f"/v1/notifications?{query}").status_code == 422


@pytest.mark.parametrize("state", ["dead", "delivered", "cancelled"])
def test_a_notification_is_replayed(empty: TestClient, sql: Sql, state: str) -> None:
    empty.post("/v1/events", json=NEW)
    sql(
        "update notification set state = %s, finished_at = now(), attempts = 8, last_error = 'No paper'",
        state,
    )
    answer = empty.post("/v1/notifications/1:replay")
    assert answer.status_code == 200
    assert empty.get("/v1/notifications/1").json() == answer.json()
    assert sql("select state, attempts, last_error, due_at <= now() from notification") == [
        ("pending", 0, None, True)
    ]


def test_a_user_may_be_called_null(empty: TestClient) -> None:
    for name in ("null", "ada"):
        empty.post("/v1/events", json={"user_id": name, "description": "Said"})
    (found,) = empty.get("/v1/events?user_id=null").json()["items"]
    assert found["user_id"] == "null"


def test_replay_in_a_path_is_not_taken_as_an_id(client: TestClient) -> None:
    answer = client.get("/v1/notifications/1:replay")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_a_pending_notification_cannot_be_replayed(empty: TestClient) -> None:
    empty.post("/v1/events", json=NEW)
    assert empty.post("/v1/notifications/1:replay").status_code == 409


@pytest.mark.parametrize("ident", ["1", "0", "x", "9223372036854775808"])
def test_an_unknown_notification_is_404(empty: TestClient, ident: str) -> None:
    assert empty.get(f"/v1/notifications/{ident}").status_code == 404
    assert empty.post(f"/v1/notifications/{ident}:replay").status_code == 404
