"""SQL is read from `.sql` files: named blocks, and migrations that run once each."""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from tests.support.pgbouncer import found, pgbouncer

from chassis.database import migrations
from chassis.database.migrations import MigrationError, migrate
from chassis.database.queries import Queries

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


CUT = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and query like '%pg_sleep(30)%'
"""
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


def test_a_killed_migration_leaves_no_lock(package: Package, database_url: str) -> None:
    name = package({"migrations/0001-a.sql": TABLE + "select pg_sleep(30);"})

    async def killed() -> None:
        migration = asyncio.create_task(migrate(database_url, "lab", name))
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
            while not await (await other.execute(CUT)).fetchone():  # noqa: ASYNC110  the database has no event
                await asyncio.sleep(0.01)
        with pytest.raises(psycopg.OperationalError):
            await migration

    asyncio.run(killed())
    package({"migrations/0001-a.sql": TABLE})
    assert run(database_url, name) == ["0001-a.sql"]


@pytest.mark.direct
def test_requests_go_on_while_a_migration_waits_for_a_reader(
    package: Package, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "PAUSE_SECONDS", 0.5)
    name = package({"migrations/0001-a.sql": TABLE})
    run(database_url, name)
    package({"migrations/0002-b.sql": "alter table thing add name text;"})
    slowest = 0.0

    async def scenario() -> list[str]:
        nonlocal slowest
        reader = await psycopg.AsyncConnection.connect(database_url)
        await reader.execute("select from lab.thing")  # its transaction stays open
        migration = asyncio.create_task(migrate(database_url, "lab", name))
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
            end = time.monotonic() + 3
            while time.monotonic() < end:
                start = time.monotonic()
                await other.execute("select from lab.thing")
                slowest = max(slowest, time.monotonic() - start)
                await asyncio.sleep(0.01)
        assert not migration.done()
        await reader.close()
        return await migration

    assert asyncio.run(scenario()) == ["0002-b.sql"]
    assert 0.1 < slowest < 2  # they did wait, for a moment: the timeout of the migration's lock


def test_a_migration_that_cannot_get_its_lock_fails_with_a_message(
    package: Package, database_url: str
) -> None:
    name = package({"migrations/0001-a.sql": TABLE})
    run(database_url, name)
    package({"migrations/0002-b.sql": "alter table thing add name text;"})
    with psycopg.connect(database_url) as reader:
        reader.execute("select from lab.thing")
        with pytest.raises(MigrationError, match=r"within 0\.1 s: canceling statement due to lock timeout"):
            asyncio.run(migrate(database_url, "lab", name, 0.1))


@pytest.mark.direct
def test_a_migration_waits_for_one_of_the_previous_release_and_names_it(
    package: Package, database_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOG_SECONDS", 0)
    name = package({"migrations/0001-a.sql": TABLE})
    with psycopg.connect(database_url, autocommit=True) as holder:
        holder.execute("select pg_advisory_lock(hashtextextended('benchtop migrations of lab', 0))")
        with pytest.raises(MigrationError, match=f"process id {holder.info.backend_pid} "):
            asyncio.run(migrate(database_url, "lab", name, 1))
    assert "Migration waits" in capsys.readouterr().out
    assert run(database_url, name) == ["0001-a.sql"]


def test_an_index_can_be_created_without_a_transaction_during_writes(
    package: Package, database_url: str
) -> None:
    index = (
        "-- no transaction\ndrop index concurrently if exists lab.thing_index;\n"
        "create index concurrently thing_index on lab.thing (id);\n"
    )
    name = package({"migrations/0001-a.sql": TABLE, "migrations/0002-b.sql": index})
    assert run(database_url, name) == ["0001-a.sql", "0002-b.sql"]
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "select indisvalid from pg_index where indexrelid = 'lab.thing_index'::regclass"
        )
        assert rows.fetchall() == [(True,)]


@pytest.mark.skipif(not found(), reason="pgbouncer is not on PATH")
def test_migrations_run_through_a_pooler_and_leave_no_lock(package: Package, database_url: str) -> None:
    index = "-- no transaction\ncreate index concurrently if not exists thing_index on lab.thing (id);\n"
    name = package({"migrations/0001-a.sql": TABLE, "migrations/0002-b.sql": index})
    with pgbouncer(database_url) as url:

        async def both() -> list[list[str]]:
            return list(await asyncio.gather(*(migrate(url, "lab", name) for _ in range(2))))

        run_by_either = [file for files in asyncio.run(both()) for file in files]
        assert sorted(run_by_either) == ["0001-a.sql", "0002-b.sql"]
        with psycopg.connect(database_url) as connection:
            locks = connection.execute(
                "select count(*) from pg_locks where locktype = 'advisory'"
                " and database = (select oid from pg_database where datname = current_database())"
            )
            assert locks.fetchone() == (0,)
