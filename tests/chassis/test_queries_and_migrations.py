"""SQL lives in files: named blocks to run, and migrations that run once each."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from chassis.migrations import MigrationError, migrate
from chassis.queries import Queries

Package = Callable[[dict[str, str]], str]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """Makes an importable package out of files, or changes it."""
    monkeypatch.syspath_prepend(str(tmp_path))
    name = f"package_{tmp_path.name.replace('-', '_')}"

    def write(files: dict[str, str]) -> str:
        for path, text in files.items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        (tmp_path / name / "__init__.py").touch()
        sys.modules.pop(name, None)
        return name

    return write


TABLE = "create table thing (id int primary key);"


def test_a_block_is_found_by_its_name_without_its_comments(package: Package) -> None:
    text = "-- name: one\n-- Says one.\nselect 1;\n\n-- name: two\nselect 2\n-- in between\nfrom thing;\n"
    queries = Queries(package({"q.sql": text}), "q.sql")
    assert (queries.one, queries.two) == (b"select 1;", b"select 2\nfrom thing;")
    with pytest.raises(AttributeError, match="three"):
        _ = queries.three


@pytest.mark.parametrize("text", ["select 1;", "-- name: a\nselect 1;\n-- name: a\nselect 2;"])
def test_a_file_without_a_name_for_each_block_is_refused(package: Package, text: str) -> None:
    with pytest.raises(ValueError, match="each block needs a name"):
        Queries(package({"q.sql": text}), "q.sql")


def run(database_url: str, name: str) -> list[str]:
    return asyncio.run(migrate(database_url, "lab", name))


def test_files_run_once_each_in_order(package: Package, database_url: str) -> None:
    name = package(
        {"migrations/0002-b.sql": "alter table thing add name text;", "migrations/0001-a.sql": TABLE}
    )
    assert run(database_url, name) == ["0001-a.sql", "0002-b.sql"]
    assert run(database_url, name) == []


def test_a_file_that_fails_leaves_nothing_behind(package: Package, database_url: str) -> None:
    name = package({"migrations/0001-a.sql": TABLE + "select 1/0;"})
    with pytest.raises(psycopg.errors.DivisionByZero):
        run(database_url, name)
    package({"migrations/0001-a.sql": TABLE})
    assert run(database_url, name) == ["0001-a.sql"]


def test_a_file_changed_after_it_ran_stops_the_start(package: Package, database_url: str) -> None:
    name = package({"migrations/0001-a.sql": TABLE})
    run(database_url, name)
    package({"migrations/0001-a.sql": TABLE + "-- changed"})
    with pytest.raises(MigrationError, match=r"0001-a\.sql was changed"):
        run(database_url, name)


def test_two_replicas_that_start_at_once_run_each_file_once(package: Package, database_url: str) -> None:
    name = package({"migrations/0001-a.sql": TABLE + "select pg_sleep(0.2);"})

    async def both() -> list[list[str]]:
        starts = (migrate(database_url, "lab", name) for _ in range(2))
        return list(await asyncio.gather(*starts))

    assert sorted(asyncio.run(both())) == [[], ["0001-a.sql"]]
