"""The database's errors reach a caller as what they mean, and a lost connection is not one of them."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import psycopg
import pytest
from prometheus_client import CollectorRegistry

from chassis import logs
from chassis.database import Database, DatabaseUnreachable, Violation, wait
from chassis.errors import Conflict, Invalid, RequestError, Unavailable
from chassis.pool_metrics import PoolMetrics
from chassis.settings import DatabaseSettings, Settings

VIOLATIONS = {"thing_name_key": Violation(Conflict, "/name", "That name is taken.", "taken")}
SCHEMA = """
create schema lab;
create table lab.thing (id int primary key, name text constraint thing_name_key unique,
    constraint positive check (id > 0));
"""
INSERT = b"insert into thing (id, name) values (%s, %s) returning id"

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


def test_a_named_constraint_is_what_its_violation_says(with_database: Callable[[Work], None]) -> None:
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
def test_a_value_that_the_database_refuses_is_the_callers_error(
    with_database: Callable[[Work], None], values: list[object], kind: type[RequestError]
) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(kind):
            await database.row(INSERT, values)

    with_database(work)


def test_a_transaction_is_all_or_nothing(with_database: Callable[[Work], None]) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(Conflict):
            async with database.transaction() as connection:
                await connection.execute(INSERT, [1, "a"])
                await connection.execute(INSERT, [2, "a"])
        assert await database.rows(b"select id from thing") == []

    with_database(work)


async def cut_all(database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


def test_connections_lost_while_idle_are_replaced_unnoticed(
    with_database: Callable[[Work], None], database_url: str
) -> None:
    async def work(database: Database) -> None:
        await asyncio.gather(database.ping(), database.ping())
        await cut_all(database_url)
        assert await database.row(b"select 7") == (7,)
        await cut_all(database_url)
        async with database.transaction() as connection:
            await connection.execute(INSERT, [1, "a"])
        assert await database.rows(b"select id from thing") == [(1,)]

    with_database(work)


def test_a_write_cut_off_in_the_middle_is_not_tried_twice(
    with_database: Callable[[Work], None], database_url: str
) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(Unavailable):
            async with database.transaction() as connection:
                await connection.execute(INSERT, [1, "a"])
                await cut_all(database_url)
                await connection.execute(INSERT, [2, "b"])
        assert await database.rows(b"select id from thing") == []

    with_database(work)


def test_a_statement_that_takes_too_long_is_given_up(with_database: Callable[[Work], None]) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(Unavailable) as error:
            await database.row(b"select pg_sleep(30)")
        assert error.value.retry_after > 0

    with_database(work)


def test_a_schema_that_is_not_migrated_yet_is_a_reason_to_ask_again(
    with_database: Callable[[Work], None],
) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(Unavailable):
            await database.rows(b"select id from another_thing")

    with_database(work)


def test_the_log_says_once_that_the_database_is_away_and_once_that_it_is_back(
    with_database: Callable[[Work], None], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(Settings(), "greeter", "1.2")

    async def work(database: Database) -> None:
        for _ in range(2):
            with pytest.raises(Unavailable):
                await database.row(b"select pg_sleep(30)")
        for _ in range(2):
            await database.row(b"select 1")

    with_database(work)
    lines = [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]
    assert lines == ["Database away", "Database back"]


def test_waiting_ends_when_the_database_answers(database_url: str) -> None:
    asyncio.run(wait(database_url, 1))


@pytest.mark.parametrize(
    ("url", "reason"),
    [("postgresql://127.0.0.1:1/x", "No database after 0.2 s"), ("no url", "DATABASE_URL is malformed")],
)
def test_waiting_ends_with_the_reason_when_it_does_not(url: str, reason: str) -> None:
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
def test_a_password_that_is_not_encoded_is_not_repeated(url: str, capsys: pytest.CaptureFixture[str]) -> None:
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
