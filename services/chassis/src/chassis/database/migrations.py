"""Migrations: `.sql` files that run once each, in the order of their names, in one process at a time.

Each file is one transaction. It first takes an advisory lock, which PostgreSQL releases at the end of the transaction.
Replicas that start at the same time take turns, and only the first one finds migrations to run.

A file that changes a table needs a lock on it, and while it waits for the lock, later requests wait behind it. So a
file waits for a lock only for half a second. Then its transaction is rolled back, requests go on, and the file is
tried again until a deadline.

A file whose first line is `-- no transaction` runs one statement at a time outside a transaction, as
`create index concurrently` must. It may be interrupted and run again, so each of its statements must be repeatable.
Its statements name the schema; other files find the tables by `search_path`.

A file that was applied must never change: its digest is stored, and the service does not start with another one. A file
must keep the previous release working; what that release needs is removed one release later
(docs/adr/0006-migrations.md).
"""

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any, ParamSpec, TypeVar

import msgspec
import psycopg
import structlog
from psycopg import sql
from psycopg.errors import DeadlockDetected, LockNotAvailable

from chassis.database.connection import Connection, connection_options, wait
from chassis.database.queries import Queries
from chassis.process.settings import DatabaseSettings

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

SQL = Queries("chassis.database", "sql/migration.sql")

LOCK_SECONDS = 0.5
"""How long a file waits for a lock, while later requests wait behind it."""

PAUSE_SECONDS = 2.0
"""Longest pause before the next attempt, in which requests go on. The pause is random, at least half of this."""

LOG_SECONDS = 5.0
"""Time between two log lines about the lock that a migration waits for."""

NO_TRANSACTION = "-- no transaction"


class MigrationError(Exception):
    """The schema cannot be migrated; the message says why, and what to do."""


class Migration(msgspec.Struct, frozen=True):
    """One `.sql` file."""

    name: str
    sql: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def in_transaction(self) -> bool:
        """Whether the file runs in a transaction."""
        return not self.sql.startswith(NO_TRANSACTION)

    def statements(self) -> list[str]:
        """The statements of a file without a transaction. Each ends with a semicolon at the end of a line."""
        return [statement for part in self.sql.split(";\n") if (statement := part.strip().removesuffix(";"))]


def collect(package: str) -> Iterator[Migration]:
    """The migrations of a package, in order."""
    folder = files(package).joinpath("migrations")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql"):
            yield Migration(file.name, file.read_text(encoding="utf-8"))


async def migrate(url: str, schema: str, package: str, seconds: float = 300) -> list[str]:
    """Run the migrations of `package` that `schema` does not have yet.

    Args:
        url: connection URL of the database.
        schema: schema of the tables.
        package: Python package with the files in `migrations/`.
        seconds: how long to retry while other sessions hold the locks that are needed.

    Returns:
        The names of the files that were run.

    Raises:
        MigrationError: a file has changed since it was applied, or a lock was not available in time.
    """
    return await _Run(url, schema, seconds).migrate(list(collect(package)))


async def update(settings: DatabaseSettings, schema: str) -> list[str]:
    """Wait for the database, and migrate its schema; the Python package with the files has the same name.

    Returns:
        The names of the files that were run.
    """
    await wait(settings.database_url, settings.database_wait_seconds)
    return await migrate(settings.database_url, schema, schema, settings.migration_wait_seconds)


async def prepare(settings: DatabaseSettings, schema: str) -> None:
    """Wait for the database, and migrate it if MIGRATE_ON_START is set."""
    if settings.migrate_on_start:
        await update(settings, schema)
    else:
        await wait(settings.database_url, settings.database_wait_seconds)


class _Run:
    """One run of all migrations of a package."""

    def __init__(self, url: str, schema: str, seconds: float) -> None:
        self._url = url
        self._schema = schema
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._said = time.monotonic()

    async def migrate(self, migrations: list[Migration]) -> list[str]:
        async with self._connected() as connection:
            if await self._up_to_date(connection, migrations):
                return []
            await self._tried(self._create_schema, connection)
            done = []
            for migration in migrations:
                run = self._run_file if migration.in_transaction else self._run_statements
                if await self._tried(run, connection, migration):
                    log.info("Migration applied", schema=self._schema, migration=migration.name)
                    done.append(migration.name)
            return done

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        # The client puts values into the SQL. The extended protocol would hold a snapshot until the end of the
        # transaction, and `create index concurrently` would wait for that
        options = connection_options(f"{self._schema}-migrations") | {
            "cursor_factory": psycopg.AsyncClientCursor
        }
        async with await psycopg.AsyncConnection[tuple[Any, ...]].connect(self._url, **options) as connection:
            yield connection

    async def _up_to_date(self, connection: Connection, migrations: list[Migration]) -> bool:
        """Whether all migrations have been applied, as at most starts of a service. This check takes no lock."""
        if not await _value(connection, SQL.has_table, {"schema": self._schema}):
            return False
        async with self._settings(connection):
            cursor = await connection.execute(SQL.applied)
            applied: dict[str, str] = dict(await cursor.fetchall())
        needed = [one.name for one in migrations if self._needs(one, applied.get(one.name))]
        return not needed

    async def _needed(self, connection: Connection, migration: Migration) -> bool:
        return self._needs(migration, await _value(connection, SQL.digest, {"name": migration.name}))

    def _needs(self, migration: Migration, applied: str | None) -> bool:
        if applied not in (None, migration.digest):
            raise MigrationError(
                f"{migration.name} was changed after it had been applied to the schema {self._schema!r}."
                " Restore the file, and put the change into a new one."
            )
        return applied is None

    async def _tried(self, work: Callable[P, Awaitable[T]], *arguments: P.args, **named: P.kwargs) -> T:
        """Call `work`, and retry until the deadline while another process migrates or holds a lock."""
        while True:
            try:
                return await work(*arguments, **named)
            except (LockNotAvailable, DeadlockDetected) as error:
                reason = str(error).partition("\n")[0]
            except _Taken as error:
                reason = str(error)
            if time.monotonic() > self._deadline:
                raise MigrationError(
                    f"The schema {self._schema!r} could not be changed within {self._seconds:g} s: {reason}."
                    " pg_stat_activity shows which session holds the lock. End that session or wait, and start again."
                )
            if time.monotonic() - self._said > LOG_SECONDS:
                self._said = time.monotonic()
                log.warning("Migration waits", schema=self._schema, reason=reason)
            await asyncio.sleep(PAUSE_SECONDS * random.uniform(0.5, 1))  # noqa: S311  no secret

    @asynccontextmanager
    async def _settings(self, connection: Connection) -> AsyncIterator[None]:
        """A transaction with the schema in its search_path, and a short lock_timeout."""
        async with connection.transaction():
            values = {"schema": self._schema, "lock_timeout": f"{LOCK_SECONDS}s"}
            await connection.execute(SQL.settings, values)
            yield

    @asynccontextmanager
    async def _locked(self, connection: Connection) -> AsyncIterator[None]:
        """A transaction with the advisory lock, so that no other process migrates this schema.

        Raises:
            _Taken: another process has the lock.
        """
        async with self._settings(connection):
            if not await _value(connection, SQL.lock, {"schema": self._schema}):
                holder = await _value(connection, SQL.holder, {"schema": self._schema})
                raise _Taken(f"another process is migrating (process id {holder or 'unknown'} in PostgreSQL)")
            yield

    async def _create_schema(self, connection: Connection) -> None:
        async with self._locked(connection):
            # `create schema if not exists` needs the privilege to create even if the schema exists
            if not await _value(connection, SQL.has_schema, {"schema": self._schema}):
                await connection.execute(sql.SQL("create schema {}").format(sql.Identifier(self._schema)))
            if not await _value(connection, SQL.has_table, {"schema": self._schema}):
                await connection.execute(SQL.create_table)

    async def _run_file(self, connection: Connection, migration: Migration) -> bool:
        async with self._locked(connection):
            if not await self._needed(connection, migration):
                return False
            await connection.execute(migration.sql.encode())
            await self._record(connection, migration)
            return True

    async def _run_statements(self, connection: Connection, migration: Migration) -> bool:
        # The transaction with the advisory lock does nothing else, so that no statement waits for it
        async with self._locked(connection):
            if not await self._needed(connection, migration):
                return False
            async with self._connected() as beside:
                for statement in migration.statements():
                    await beside.execute(statement.encode())
            await self._record(connection, migration)
            return True

    async def _record(self, connection: Connection, migration: Migration) -> None:
        await connection.execute(SQL.record, {"name": migration.name, "digest": migration.digest})


class _Taken(Exception):
    """Another process is migrating the same schema."""


async def _value(connection: Connection, statement: bytes, values: dict[str, str]) -> Any:
    row = await (await connection.execute(statement, values)).fetchone()
    return row[0] if row else None
