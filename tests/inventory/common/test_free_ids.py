"""A row that is created without an id gets a free one, and finding it is fast however many ids are taken."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

Sql = Callable[..., list[tuple[Any, ...]]]

GREATEST = 2147483647


def take(sql: Sql, *ranges: tuple[int, int]) -> None:
    for first, last in ranges:
        sql(
            "insert into site (id, name) select n, 'Taken' from generate_series(%s::integer, %s) as n",
            first,
            last,
        )


def create(client: TestClient, count: int = 1) -> list[int]:
    return [client.post("/v1/sites", json={"name": "New"}).json()["id"] for _ in range(count)]


def test_a_free_id_is_found_at_once_after_an_import_with_given_ids(empty: TestClient, sql: Sql) -> None:
    take(sql, (1, 500_000))
    sql("set statement_timeout to '2s'")  # one by one took 7 s
    try:
        assert sql("insert into site (name) values ('New'), ('New') returning id") == [(500_001,), (500_002,)]
    finally:
        sql("reset statement_timeout")
    assert create(empty, 2) == [500_003, 500_004]


@pytest.mark.parametrize(
    ("ranges", "ids"),
    [
        ([(1, 20)], [21, 22]),
        ([(1, 21)], [22, 23]),
        ([(1, 22)], [23, 24]),
        ([(1, 1000), (1002, 1003), (1005, 1100)], [1101, 1102]),  # small gaps are passed over
        ([(2, 100)], [1, 101, 102]),
        ([(1, 63), (1000, 1100)], [64, 65]),
        ([(1, 100), (GREATEST - 100, GREATEST)], [101, 102]),
        ([(1, 1), (GREATEST, GREATEST)], [2, 3]),
    ],
)
def test_taken_ids_are_skipped(
    empty: TestClient, sql: Sql, ranges: list[tuple[int, int]], ids: list[int]
) -> None:
    take(sql, *ranges)
    assert create(empty, len(ids)) == ids


@pytest.mark.parametrize("last", [GREATEST - 1000, GREATEST - 30, GREATEST - 10, GREATEST - 1, GREATEST])
def test_after_the_greatest_id_the_first_gap_is_used(empty: TestClient, sql: Sql, last: int) -> None:
    take(sql, (1, 50), (53, 60), (GREATEST - 1000, GREATEST))
    sql("select setval('site_id_seq', %s)", last)
    assert create(empty, 4) == [51, 52, 61, 62]


def test_the_greatest_id_itself_is_used(empty: TestClient, sql: Sql) -> None:
    take(sql, (GREATEST - 40, GREATEST - 1))
    sql("select setval('site_id_seq', %s)", GREATEST - 41)
    assert create(empty, 3) == [GREATEST, 1, 2]


def test_scattered_given_ids_waste_few_other_ids(empty: TestClient, sql: Sql) -> None:
    take(sql, *((2**n + 1, 2**n + 1) for n in range(31)))
    assert create(empty, 4) == [1, 4, 6, 7]


def test_simultaneous_creations_beside_given_ids_get_different_ids(
    empty: TestClient, sql: Sql, threads: ThreadPoolExecutor
) -> None:
    take(sql, *((start, start + 150) for start in range(1, 4000, 160)))
    taken = {ident for (ident,) in sql("select id from site")}
    ids = [ident for found in threads.map(lambda _: create(empty, 60), range(4)) for ident in found]
    assert len(set(ids)) == 240
    assert not taken & set(ids)
    assert sql("select count(*) from site") == [(len(taken) + 240,)]


def test_an_id_that_is_taken_at_the_same_moment_is_skipped(
    client: TestClient,
    other: psycopg.Connection,
    threads: ThreadPoolExecutor,
    waits_for_locks: Callable[[int], None],
) -> None:
    other.execute("insert into site (id, name) select n, 'Theirs' from generate_series(4, 60) as n")
    ours = threads.submit(create, client)
    waits_for_locks(1)
    other.commit()
    assert ours.result() == [61]
