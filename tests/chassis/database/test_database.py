"""Errors of the database become errors of requests, and lost connections are replaced."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from prometheus_client import CollectorRegistry

from chassis.database.connection import DatabaseUnreachable, wait
from chassis.database.errors import Violation
from chassis.database.metrics import PoolMetrics
from chassis.database.pool import Database
from chassis.errors import Conflict, Invalid, RequestError, Unavailable
from chassis.process import logs
from chassis.process.readiness import Degraded, Readiness
from chassis.process.settings import DatabaseSettings, Settings

VIOLATIONS = {"thing_name_key": Violation(Conflict, "/name", "That name is taken.", "taken")}
SCHEMA = """
create schema lab;
create table lab.thing (id int primary key, name text constraint thing_name_key unique,
    constraint positive check (id > 0));
"""
INSERT = b"insert into lab.thing (id, name) values (%s, %s) returning id"

Work = Callable[[Database], Awaitable[None]]


@pytest.fixture
def with_database(database_url: str) -> Callable[[Work], None]:
    """Runs work on an opened pool."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(SCHEMA)

    def run(work: Work) -> None:
        async def opened() -> None:
            settings = DatabaseSettings(
                database_url=database_url, database_pool_size=2, database_timeout_seconds=1
            )
            async with Database(settings, "lab", VIOLATIONS).opened() as database:
                await work(database)

        asyncio.run(opened())

    return run


def test_a_violated_constraint_raises_the_error_of_its_violation(
    with_database: Callable[[Work], None],
) -> None:
    async def work(database: Database) -> None:
        await database.row(INSERT, [1, "a"])
        with pytest.raises(Conflict, match="That name is taken") as error:
            await database.row(INSERT, [2, "a"])
        assert (error.value.errors[0].pointer, error.value.errors[0].code) == ("/name", "taken")

    with_database(work)


@pytest.mark.parametrize(
    ("values", "kind"),
    [([0, "a"], Conflict), ([10**12, "a"], Invalid), ([1, "a\0"], Invalid), ([None, "a"], Conflict)],
)
def test_a_value_that_the_database_refuses_is_an_error_of_the_client(
    with_database: Callable[[Work], None], values: list[object], kind: type[RequestError]
) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(kind):
            await database.row(INSERT, values)

    with_database(work)


def test_a_failed_transaction_is_rolled_back(with_database: Callable[[Work], None]) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(Conflict):
            async with database.transaction() as connection:
                await connection.execute(INSERT, [1, "a"])
                await connection.execute(INSERT, [2, "a"])
        assert await database.rows(b"select id from lab.thing") == []

    with_database(work)


async def cut_all(database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


def test_connections_lost_while_idle_are_replaced_without_an_error(
    with_database: Callable[[Work], None], database_url: str
) -> None:
    async def work(database: Database) -> None:
        await asyncio.gather(database.ping(), database.ping())
        await cut_all(database_url)
        assert await database.row(b"select 7") == (7,)
        await cut_all(database_url)
        async with database.transaction() as connection:
            await connection.execute(INSERT, [1, "a"])
        assert await database.rows(b"select id from lab.thing") == [(1,)]

    with_database(work)


def test_an_interrupted_write_is_not_retried(
    with_database: Callable[[Work], None], database_url: str
) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(Unavailable):
            async with database.transaction() as connection:
                await connection.execute(INSERT, [1, "a"])
                await cut_all(database_url)
                await connection.execute(INSERT, [2, "b"])
        assert await database.rows(b"select id from lab.thing") == []

    with_database(work)


def test_a_statement_has_a_timeout(with_database: Callable[[Work], None]) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(Unavailable) as error:
            await database.row(b"select pg_sleep(30)")
        assert error.value.retry_after > 0

    with_database(work)


def test_a_schema_that_is_not_migrated_yet_is_unavailable(
    with_database: Callable[[Work], None],
) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(Unavailable):
            await database.rows(b"select id from lab.another_thing")

    with_database(work)


def test_the_log_has_one_line_when_the_database_goes_away_and_one_when_it_is_back(
    with_database: Callable[[Work], None], database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(Settings(), "greeter", "1.2")

    async def work(database: Database) -> None:
        for _ in range(2):
            with pytest.raises(Unavailable):
                async with database.transaction() as connection:
                    await cut_all(database_url)
                    await connection.execute(b"select 1")
        for _ in range(2):
            await database.row(b"select 1")

    with_database(work)
    lines = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line.startswith("The database")] == [
        "The database cannot be reached",
        "The database can be reached again",
    ]


def code(error: pytest.ExceptionInfo[Unavailable]) -> str:
    return error.value.errors[0].code


async def held(database_url: str) -> psycopg.AsyncConnection[Any]:
    """Somebody else's transaction that changes thing 1."""
    other = await psycopg.AsyncConnection[Any].connect(database_url)
    await other.execute("update lab.thing set name = 'mine' where id = 1")
    return other


def test_a_timeout_of_a_lock_has_an_error_of_its_own(
    with_database: Callable[[Work], None], database_url: str
) -> None:
    async def work(database: Database) -> None:
        await database.row(INSERT, [1, "a"])
        async with await held(database_url):
            with pytest.raises(Unavailable, match="Another request is changing") as error:
                async with database.transaction() as connection:
                    await connection.execute("update lab.thing set name = 'b' where id = 1")
            assert code(error) == "locked"
            await database.ping()
        assert database.refusals == {"locked": 1}

    with_database(work)


def test_a_timeout_of_a_statement_has_an_error_of_its_own(with_database: Callable[[Work], None]) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(Unavailable, match="took too long") as error:
            await database.row(b"select pg_sleep(30)")
        assert code(error) == "timeout"
        with pytest.raises(Unavailable, match="took too long"):
            async with database.transaction() as connection:
                await connection.execute(b"select pg_sleep(30)")
        await database.ping()

    with_database(work)


def test_reads_and_readiness_work_while_writers_wait_for_a_lock(
    with_database: Callable[[Work], None], database_url: str
) -> None:
    async def write(database: Database) -> str:
        with pytest.raises(Unavailable) as error:
            async with database.transaction() as connection:
                await connection.execute("update lab.thing set name = 'b' where id = 1")
        return code(error)

    async def work(database: Database) -> None:
        await database.row(INSERT, [1, "a"])
        async with await held(database_url):
            writers = [asyncio.create_task(write(database)) for _ in range(8)]
            await asyncio.sleep(0.1)
            for _ in range(20):
                assert await database.row(b"select name from lab.thing") == ("a",)
                await database.ping()
            assert not any(writer.done() for writer in writers)
            codes = await asyncio.gather(*writers)
        assert set(codes) == {"locked", "busy"}

    with_database(work)


def test_an_exhausted_pool_is_busy_and_the_database_is_up(
    with_database: Callable[[Work], None],
) -> None:
    async def work(database: Database) -> None:
        lent = [await database._borrow() for _ in range(2)]
        await database.ping()
        with pytest.raises(Unavailable, match="The service is busy") as error:
            await database.row(b"select 7")
        assert (code(error), error.value.retry_after) == ("busy", 1)
        for connection in lent:
            await database._give_back(connection)
        assert await database.row(b"select 7") == (7,)

    with_database(work)


def test_a_server_that_accepts_no_more_connections_is_up(
    with_database: Callable[[Work], None], database_url: str, postgres: str
) -> None:
    async def work(database: Database) -> None:
        await database.pool.wait()
        name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
        async with await psycopg.AsyncConnection.connect(postgres, autocommit=True) as server:
            await server.execute(f"alter database {name} allow_connections false".encode())
            await database.ping()

    with_database(work)


def test_the_outcome_of_a_commit_without_a_response_is_unknown(
    with_database: Callable[[Work], None], database_url: str
) -> None:
    async def work(database: Database) -> None:
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
            await other.execute(
                "create function lab.die() returns trigger language plpgsql as"
                " 'begin perform pg_terminate_backend(pg_backend_pid()); return new; end'"
            )
            await other.execute(
                "create constraint trigger dies after insert on lab.thing deferrable initially deferred"
                " for each row execute function lab.die()"
            )
        with pytest.raises(Unavailable, match="unknown whether it was made") as error:
            async with database.transaction() as connection:
                await connection.execute(INSERT, [1, "a"])
        assert code(error) == "unknown_outcome"

    with_database(work)


@pytest.mark.parametrize(("state", "word"), [("25006", "read-only"), ("53100", "disk is full")])
def test_readiness_reports_failed_writes_until_one_succeeds(
    with_database: Callable[[Work], None], state: str, word: str
) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(Unavailable, match=word):
            async with database.transaction() as connection:
                await connection.execute(f"do $$ begin raise sqlstate '{state}'; end $$".encode())
        with pytest.raises(Degraded, match=word):
            await database.check_writes()
        await database.ping()
        async with database.transaction() as connection:
            await connection.execute(INSERT, [1, "a"])
        await database.check_writes()

    with_database(work)


@pytest.mark.direct
def test_a_read_only_database_is_up_and_its_writes_fail(
    with_database: Callable[[Work], None], database_url: str, postgres: str
) -> None:
    async def work(database: Database) -> None:
        name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
        async with await psycopg.AsyncConnection.connect(postgres, autocommit=True) as server:
            await server.execute(f"alter database {name} set default_transaction_read_only = on".encode())
        readiness = Readiness({"database": database.ping, "writes": database.check_writes})
        report = await readiness.report()
        assert report.status == "ready"
        assert {name: state.status for name, state in report.checks.items()} == {
            "database": "up",
            "writes": "failing",
        }

    with_database(work)


def test_an_exhausted_sequence_is_not_an_error_of_the_client(with_database: Callable[[Work], None]) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(Unavailable, match="sequence of their ids is exhausted"):
            async with database.transaction() as connection:
                await connection.execute(b"create temporary sequence s minvalue 1 maxvalue 2 start 2")
                await connection.execute(b"select nextval('s')")
                await connection.execute(b"select nextval('s')")

    with_database(work)


def test_a_failed_transaction_whose_error_was_swallowed_is_not_reported_as_committed(
    with_database: Callable[[Work], None],
) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(RuntimeError, match="not passed on"):
            async with database.transaction() as connection:
                with suppress(psycopg.Error):
                    await connection.execute(b"select 1/0")
        assert await database.row(b"select 7") == (7,)

    with_database(work)


def test_a_request_that_is_cancelled_gives_its_connection_back(with_database: Callable[[Work], None]) -> None:
    async def work(database: Database) -> None:
        for _ in range(5):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    async with database.transaction() as connection:
                        await connection.execute(b"select pg_sleep(5)")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await database.row(b"select pg_sleep(5)")
        assert await database.row(b"select 7") == (7,)

    with_database(work)


def test_waiting_ends_when_the_database_responds(database_url: str) -> None:
    asyncio.run(wait(database_url, 1))


@pytest.mark.parametrize(
    ("url", "reason"),
    [("postgresql://127.0.0.1:1/x", "No database after 0.2 s"), ("no url", "DATABASE_URL is malformed")],
)
def test_waiting_fails_with_the_reason_after_the_timeout(url: str, reason: str) -> None:
    with pytest.raises(DatabaseUnreachable, match=reason):
        asyncio.run(wait(url, 0.2))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://inventory:hunter2%zz@127.0.0.1:1/x",
        "postgresql://inventory:hunter2@hunter2@127.0.0.1:1/x",
        "postgresql://inventory:hunter2/hunter2@127.0.0.1:1/x",
        "postgres//inventory:hunter2@127.0.0.1:1/x",
        "hunter2",
    ],
)
def test_the_error_for_a_malformed_url_does_not_show_the_password(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DatabaseUnreachable) as error:
        asyncio.run(wait(url, 0.2))
    assert "hunter2" not in str(error.value) + "".join(capsys.readouterr())
    assert "percent-encoded" in str(error.value)


def test_the_pools_state_is_in_the_metrics(with_database: Callable[[Work], None]) -> None:
    async def work(database: Database) -> None:
        registry = CollectorRegistry()
        registry.register(PoolMetrics(database))
        await database.pool.wait()
        async with database.transaction():
            assert registry.get_sample_value("database_pool_connections", {"state": "used"}) == 1
        assert registry.get_sample_value("database_pool_connections", {"state": "used"}) == 0
        assert registry.get_sample_value("database_pool_requests_total") == 1

    with_database(work)
