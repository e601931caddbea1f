"""The large lab for measurements has the size that is asked for, and the same rows in every run."""

import asyncio
import json
from pathlib import Path
from typing import Any

import psycopg
from tests.support.databases import NewDatabase

from bench.large_lab import fill, write_feed
from chassis.database.migrations import migrate
from inventory.example_data import seed


def filled(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Connection to a database with the example data and a small part of the large lab."""
    asyncio.run(migrate(url, "inventory", "inventory"))
    asyncio.run(seed(url))
    fill(url, sites=2, freezers=5, containers=1000)
    return psycopg.connect(url)


def test_the_containers_are_in_all_freezers_beside_the_example_data(database_url: str) -> None:
    with filled(database_url) as connection:
        counts = connection.execute(
            "select freezer_id, count(*) from inventory.container group by freezer_id order by freezer_id"
        ).fetchall()
        described = connection.execute(
            "select count(distinct description) from inventory.container"
        ).fetchone()
    assert counts == [(1, 2), (2, 1), *((ident, 200) for ident in range(3, 8))]
    assert described == (1003,)


def test_every_run_inserts_the_same_containers(new_database: NewDatabase) -> None:
    statement = "select id, uuid, description, freezer_id from inventory.container order by id"
    with filled(new_database()) as first, filled(new_database()) as second:
        assert first.execute(statement).fetchall() == second.execute(statement).fetchall()


def test_the_feed_has_the_transactions_on_pages_of_1000(tmp_path: Path) -> None:
    write_feed(tmp_path / "feed", 2500)
    pages = [json.loads((tmp_path / f"feed/{number}.json").read_text()) for number in (1, 2, 3)]
    assert [len(page["transactions"]) for page in pages] == [1000, 1000, 500]
    assert {page["totalCount"] for page in pages} == {2500}
    assert len(list((tmp_path / "feed").iterdir())) == 3
