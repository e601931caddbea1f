"""A creation with an Idempotency-Key happens once, however often it is sent."""

import asyncio
import hashlib
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient
from tests.support.callers import signed_in
from tests.support.html_page import HtmlPage

from chassis.database.pool import Database
from inventory.common import idempotency
from inventory.settings import SCHEMA, InventorySettings

Sql = Callable[..., list[tuple[Any, ...]]]
Waits = Callable[[int], None]

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
EVENT = {"user_id": "ada", "description": "It is warm"}


def test_a_repeated_creation_gets_the_response_of_the_first(client: TestClient, kind: Any) -> None:
    path = f"/v1/{kind.plural}"
    first = client.post(path, json=kind.body, headers=KEY)
    client.patch(first.headers["location"], json=kind.change, headers={"If-Match": "*"})
    again = client.post(path, json=dict(reversed(kind.body.items())), headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for header in ("location", "etag", "content-type"):
        assert again.headers[header] == first.headers[header]
    assert len(client.get(path).json()["items"]) == first.json()["id"]


def test_a_release_that_decodes_the_body_differently_recognizes_a_retry(
    client: TestClient, kind: Any, sql: Sql
) -> None:
    path = f"/v1/{kind.plural}"
    first = client.post(path, json=kind.body, headers=KEY)
    sql("update idempotency_key set digest = 'as of another default'")
    again = client.post(path, json=kind.body, headers=KEY)
    assert (again.status_code, again.content) == (201, first.content)
    other = client.post(path, json={**kind.body, **kind.change}, headers=KEY)
    assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "key_reused")


def test_a_key_stored_by_the_previous_release_is_recognized(client: TestClient, kind: Any, sql: Sql) -> None:
    path = f"/v1/{kind.plural}"
    first = client.post(path, json=kind.body, headers=KEY)
    sql("update idempotency_key set sent_digest = null")
    again = client.post(path, json=kind.body, headers=KEY)
    assert (again.status_code, again.content) == (201, first.content)
    other = client.post(path, json={**kind.body, **kind.change}, headers=KEY)
    assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "key_reused")


def test_the_previous_release_recognizes_a_key_stored_now(client: TestClient, sql: Sql) -> None:
    client.post("/v1/events", json=EVENT, headers=KEY)
    understood = b'{"user_id":"ada","description":"It is warm"}'
    assert sql("select digest from idempotency_key") == [(hashlib.sha256(understood).digest(),)]


def test_a_repeated_event_happened_once(client: TestClient, sql: Sql) -> None:
    answers = [client.post("/v1/events", json=EVENT, headers=KEY) for _ in range(3)]
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["etag"] for answer in answers}) == 1
    assert sql("select (select count(*) from event), (select count(*) from notification)") == [(1, 1)]


def test_another_body_under_the_same_key_is_refused(client: TestClient, kind: Any) -> None:
    path = f"/v1/{kind.plural}"
    client.post(path, json=kind.body, headers=KEY)
    answer = client.post(path, json={**kind.body, **kind.change}, headers=KEY)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "key_reused")


def test_a_key_belongs_to_its_route(client: TestClient) -> None:
    assert client.post("/v1/sites", json={"name": "A"}, headers=KEY).status_code == 201
    assert client.post("/v1/events", json=EVENT, headers=KEY).status_code == 201


def test_a_key_belongs_to_its_caller(guarded: TestClient) -> None:
    def create(name: str) -> int:
        response = guarded.post("/v1/sites", json={"name": "A"}, headers=KEY | signed_in(name, "keeper"))
        assert response.status_code == 201
        return int(response.json()["id"])

    assert [create(name) for name in ("ada", "grace", "ada", "grace")] == [1, 2, 1, 2]


def test_the_key_of_a_form_belongs_to_its_caller(guarded: TestClient) -> None:
    path = "/inventory/ui/sites/new"
    form = HtmlPage(guarded.get(path, headers=signed_in("ada", "keeper")).text).fields
    for name in ("ada", "grace", "ada", "grace"):
        sent = {**form, "name": "A"}
        answer = guarded.post(path, data=sent, headers=signed_in(name, "keeper"), follow_redirects=False)
        assert answer.status_code == 303
    assert len(guarded.get("/v1/sites", headers=signed_in("ada", "viewer")).json()["items"]) == 2


@pytest.mark.parametrize("name", [random.Random(1).randbytes(2000).hex(), "ada of /v1/sites", "李雷"])
def test_the_name_of_a_caller_may_be_of_any_length(guarded: TestClient, name: str) -> None:
    headers = {"Idempotency-Key": "k" * 255} | signed_in("1", "keeper", username=name)
    answers = [guarded.post("/v1/sites", json={"name": "A"}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content


def test_if_nobody_signs_in_keys_are_stored_as_by_the_previous_release(client: TestClient, sql: Sql) -> None:
    client.post("/v1/sites", json={"name": "A"}, headers=KEY)
    client.post("/ui/sites/new", data={"key": "form-key", "name": "A"}, follow_redirects=False)
    stored = [("/v1/sites", KEY["Idempotency-Key"]), ("form /ui/sites/new", "form-key")]
    assert sorted(sql("select route, key from idempotency_key")) == stored


def test_a_retry_after_callers_had_to_sign_in_is_recognized(guarded: TestClient, sql: Sql) -> None:
    """Such as after an upgrade from the previous release, which knows no callers."""

    def create(name: str) -> int:
        response = guarded.post("/v1/sites", json={"name": name}, headers=KEY | signed_in("ada", "keeper"))
        assert response.status_code == 201
        return int(response.json()["id"])

    assert create("A") == 1
    sql("update idempotency_key set route = '/v1/sites'")
    assert [create("A"), create("A")] == [1, 1]
    sql("delete from idempotency_key where route <> '/v1/sites'")
    assert create("B") == 2  # another request, which may have the same key


def test_a_refused_creation_leaves_the_key_free(client: TestClient) -> None:
    body = {"name": "C", "mac": "08002b010203", "site_id": 1}
    assert client.post("/v1/computers", json=body, headers=KEY).status_code == 409
    assert client.post("/v1/computers", json={**body, "mac": None}, headers=KEY).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "h\xe9"])
def test_an_invalid_key_is_refused(client: TestClient, key: str) -> None:
    headers = {"Idempotency-Key": key.encode("latin-1")}
    assert client.post("/v1/sites", json={"name": "A"}, headers=headers).status_code == 400  # type: ignore[arg-type]  # bytes, as they travel


def test_a_key_is_kept_for_24_hours(client: TestClient, sql: Sql) -> None:
    first = client.post("/v1/sites", json={"name": "A"}, headers=KEY).json()["id"]
    sql("update idempotency_key set created_at = now() - interval '23 hours 59 minutes'")
    assert client.post("/v1/sites", json={"name": "A"}, headers=KEY).json()["id"] == first
    sql("update idempotency_key set created_at = now() - interval '24 hours 1 minute'")
    second = client.post("/v1/sites", json={"name": "B"}, headers=KEY)
    assert (second.status_code, second.json()["name"]) == (201, "B")
    assert client.post("/v1/sites", json={"name": "B"}, headers=KEY).content == second.content


def test_two_requests_with_one_key_at_the_same_moment_create_one_row(
    client: TestClient, sql: Sql, threads: ThreadPoolExecutor
) -> None:
    for number in range(10):
        headers = {"Idempotency-Key": f"key-{number}"}
        futures = [threads.submit(client.post, "/v1/events", json=EVENT, headers=headers) for _ in range(4)]
        answers = [future.result() for future in futures]
        assert [answer.status_code for answer in answers] == [201] * 4
        assert len({answer.content for answer in answers}) == 1
    assert sql("select count(*) from event") == [(10,)]


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_second_request_with_the_key_waits_for_the_first(
    client: TestClient,
    sql: Sql,
    threads: ThreadPoolExecutor,
    other: psycopg.Connection,
    waits_for_locks: Waits,
    end: str,
) -> None:
    first = client.post("/v1/sites", json={"name": "A"}, headers=KEY)
    other.execute("create temporary table kept as select * from idempotency_key")
    sql("delete from idempotency_key")
    other.execute("insert into idempotency_key select * from kept")  # as if the first were at work still
    twin = threads.submit(client.post, "/v1/sites", json={"name": "A"}, headers=KEY)
    waits_for_locks(1)
    getattr(other, end)()
    assert (twin.result().json() == first.json()) == (end == "commit")
    assert twin.result().status_code == 201


@pytest.mark.parametrize("path", ["/v1/events", "/v1/sites"])
def test_two_keys_are_refused(client: TestClient, path: str) -> None:
    keys = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    body = EVENT if path == "/v1/events" else {"name": "A"}
    before = client.get(path).json()
    response = client.post(path, json=body, headers=keys)
    assert (response.status_code, client.get(path).json()) == (400, before)
    assert "Idempotency-Key is given 2 times" in response.json()["detail"]


async def prune(url: str) -> None:
    """Delete the expired keys, as the worker does."""
    async with Database(InventorySettings(access="open", database_url=url), SCHEMA, {}).opened() as database:
        await idempotency.prune(database)


def test_expired_idempotency_keys_are_pruned(url: str, sql: Sql) -> None:
    for key, age in (("old", "25 hours"), ("new", "23 hours")):
        sql(
            "insert into idempotency_key (route, key, digest, created_at) values ('/', %s, '', now() - %s::interval)",
            key,
            age,
        )
    asyncio.run(prune(url))
    assert sql("select key from idempotency_key") == [("new",)]


def test_many_expired_idempotency_keys_are_pruned_a_part_at_a_time(
    url: str, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "PRUNED_AT_ONCE", 10)
    sql(
        "insert into idempotency_key (route, key, digest, created_at)"
        " select '/', n::text, '', now() - interval '25 hours' from generate_series(1, 95) as n"
    )
    asyncio.run(prune(url))
    assert sql("select count(*) from idempotency_key") == [(0,)]
