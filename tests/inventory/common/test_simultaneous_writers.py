"""Of two simultaneous writers only one succeeds, and no writer overwrites a change that it has not seen."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient
from tests.inventory.kinds import HERE

Sql = Callable[..., list[tuple[Any, ...]]]
Waits = Callable[[int], None]
Request = Callable[[], Any]


def at_once(threads: ThreadPoolExecutor, *requests: Request) -> list[Any]:
    """Send requests at the same moment, each from a thread of its own."""
    barrier = Barrier(len(requests))

    def send(request: Request) -> Any:
        barrier.wait()
        return request()

    futures: list[Future[Any]] = [threads.submit(send, request) for request in requests]
    return [future.result() for future in futures]


def test_only_one_of_two_patches_of_the_same_version_succeeds(
    client: TestClient, kind: Any, threads: ThreadPoolExecutor
) -> None:
    path = f"/v1/{kind.plural}/1"
    before = {name: value for name, value in client.get(path).json().items() if name in kind.created}
    changes = (kind.created, kind.changed)
    assert before not in changes, f"choose values in {HERE} that {path} of the example data does not have"
    for _ in range(10):
        tag = client.get(path).headers["etag"]
        answers = at_once(
            threads,
            *(partial(client.patch, path, json=change, headers={"If-Match": tag}) for change in changes),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        (winner,) = (answer.json() for answer in answers if answer.status_code == 200)
        assert client.get(path).json() == winner
        assert client.patch(path, json=before, headers={"If-Match": "*"}).status_code == 200


def test_a_patch_that_waited_for_another_writer_is_refused(
    client: TestClient, threads: ThreadPoolExecutor, other: psycopg.Connection, waits_for_locks: Waits
) -> None:
    tag = client.get("/v1/sites/1").headers["etag"]
    other.execute("update site set contact = 'Grace' where id = 1")
    patch = threads.submit(client.patch, "/v1/sites/1", json={"contact": "Lise"}, headers={"If-Match": tag})
    delete = threads.submit(client.delete, "/v1/sites/1", headers={"If-Match": tag})
    waits_for_locks(2)
    other.commit()
    assert (patch.result().status_code, delete.result().status_code) == (412, 412)
    assert client.get("/site/1").json()["contact"] == "Grace"


def test_simultaneous_changes_of_different_fields_are_both_kept(
    client: TestClient, threads: ThreadPoolExecutor, other: psycopg.Connection, waits_for_locks: Waits
) -> None:
    other.execute("update site set contact = 'Grace' where id = 1")
    original = threads.submit(client.post, "/site/1", json={"country": "NL"})
    patch = threads.submit(client.patch, "/v1/sites/1", json={"address": "Attic"}, headers={"If-Match": "*"})
    waits_for_locks(2)
    other.commit()
    assert (original.result().status_code, patch.result().status_code) == (200, 200)
    site = client.get("/site/1").json()
    assert (site["contact"], site["country"], site["address"]) == ("Grace", "NL", "Attic")


def test_a_partial_update_of_a_row_that_is_being_deleted_creates_nothing(
    client: TestClient, threads: ThreadPoolExecutor, other: psycopg.Connection, waits_for_locks: Waits
) -> None:
    other.execute("delete from site where id = 2")
    update = threads.submit(client.post, "/site/2", json={"country": "NL"})
    waits_for_locks(1)
    other.commit()
    assert update.result().status_code == 400
    assert client.get("/site/2").status_code == 404


def test_simultaneous_creations_with_one_id_create_one_row(
    client: TestClient, threads: ThreadPoolExecutor, other: psycopg.Connection, waits_for_locks: Waits
) -> None:
    other.execute("insert into site (id, name, contact) values (9, 'Theirs', 'Grace')")
    ours = threads.submit(client.post, "/site/9", json={"name": "Ours"})
    waits_for_locks(1)
    other.commit()
    assert ours.result().json() == {**client.get("/site/9").json(), "name": "Ours", "contact": "Grace"}


def test_a_creation_skips_an_id_that_another_transaction_takes(
    client: TestClient, threads: ThreadPoolExecutor, other: psycopg.Connection, waits_for_locks: Waits
) -> None:
    other.execute("insert into site (id, name) values (4, 'Theirs')")
    ours = threads.submit(client.post, "/v1/sites", json={"name": "Ours"})
    waits_for_locks(1)
    other.commit()
    assert (ours.result().status_code, ours.result().json()["id"]) == (201, 5)


@pytest.mark.parametrize(
    ("path", "bodies"),
    [
        ("/v1/computers", [{"name": n, "mac": "aa:bb:cc:dd:ee:ff", "site_id": 1} for n in "ab"]),
        ("/v1/users", [{"username": n, "email": e} for n, e in (("a", "x@y"), ("b", "X@Y"))]),
    ],
)
def test_only_one_of_two_creations_with_the_same_unique_value_succeeds(
    client: TestClient, threads: ThreadPoolExecutor, path: str, bodies: list[dict[str, Any]]
) -> None:
    answers = at_once(threads, *(partial(client.post, path, json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


def test_a_site_is_never_deleted_while_a_reference_to_it_is_created(
    client: TestClient, threads: ThreadPoolExecutor, sql: Sql
) -> None:
    outcomes: Counter[tuple[int, int]] = Counter()
    for turn in range(100, 115):
        client.post(f"/site/{turn}", json={"name": "Brief"})
        removed, created = at_once(
            threads,
            partial(client.delete, f"/site/{turn}"),
            partial(client.post, "/v1/freezers", json={"name": "F", "site_id": turn}),
        )
        outcomes[removed.status_code, created.status_code] += 1
    assert set(outcomes) <= {(200, 409), (400, 201)}
    assert sql("select count(*) from freezer left join site on site.id = site_id where site.id is null") == [
        (0,)
    ]


def test_many_simultaneous_creations_get_different_ids(
    client: TestClient, threads: ThreadPoolExecutor
) -> None:
    requests: list[Request] = [lambda: client.post("/v1/sites", json={"name": "New"})] * 40
    ids = [future.result().json()["id"] for future in [threads.submit(request) for request in requests]]
    assert len(set(ids)) == 40
