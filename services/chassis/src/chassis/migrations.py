"""Migrations: `.sql` files run once each, in the order of their names, under an advisory lock.

Two replicas that start at once take turns, and the second finds nothing to do. Each file is one transaction. An
applied file must never change: its digest is kept, and a difference stops the start. Files only add what old code
can live with; what they take away comes a release later (docs/adr/0006-migrations.md).
"""

import hashlib
from collections.abc import Iterator
from importlib.resources import files

import msgspec
import psycopg
import structlog
from psycopg import sql

from chassis.database import wait
from chassis.settings import DatabaseSettings

log = structlog.get_logger()

TABLE = """
create table if not exists schema_migration (
    name text primary key,
    digest text not null,
    applied_at timestamptz not null default now()
)"""


class MigrationError(Exception):
    """The database's migrations and this code's cannot be reconciled."""


class Migration(msgspec.Struct, frozen=True):
    """One `.sql` file."""

    name: str
    sql: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def collect(package: str) -> Iterator[Migration]:
    """The migrations that a package brings, in order."""
    folder = files(package).joinpath("migrations")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql"):
            yield Migration(file.name, file.read_text(encoding="utf-8"))


async def migrate(url: str, schema: str, package: str) -> list[str]:
    """Bring `schema` up to date with the migrations of `package`.

    Returns:
        The names of the files that were run.

    Raises:
        MigrationError: an applied file has changed since.
    """
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(
            "select pg_advisory_lock(hashtextextended(%s, 0))", [f"benchtop migrations of {schema}"]
        )
        await _create_schema(connection, schema)
        await connection.execute(sql.SQL("set search_path to {}").format(sql.Identifier(schema)))
        await connection.execute(TABLE.encode())
        rows = await connection.execute("select name, digest from schema_migration")
        applied: dict[str, str] = dict(await rows.fetchall())
        done = []
        for migration in collect(package):
            if migration.name not in applied:
                async with connection.transaction():
                    await connection.execute(migration.sql.encode())
                    await connection.execute(
                        "insert into schema_migration (name, digest) values (%s, %s)",
                        [migration.name, migration.digest],
                    )
                log.info("Migration applied", schema=schema, migration=migration.name)
                done.append(migration.name)
            elif applied[migration.name] != migration.digest:
                raise MigrationError(
                    f"{migration.name} was changed after it had been applied to the schema {schema!r}."
                    " Restore the file, and put the change into a new one."
                )
        return done


async def update(settings: DatabaseSettings, schema: str) -> list[str]:
    """Wait for the database, and migrate the schema of the package of the same name.

    Returns:
        The names of the files that were run.
    """
    await wait(settings.database_url, settings.database_wait_seconds)
    return await migrate(settings.database_url, schema, schema)


async def prepare(settings: DatabaseSettings, schema: str) -> None:
    """Wait for the database, and migrate unless the settings say that somebody else does."""
    if settings.migrate_on_start:
        await update(settings, schema)
    else:
        await wait(settings.database_url, settings.database_wait_seconds)


async def _create_schema(connection: psycopg.AsyncConnection, schema: str) -> None:
    # `create schema if not exists` asks for the right to create even where the schema is there already
    row = await connection.execute("select to_regnamespace(%s)", [schema])
    if (await row.fetchone()) == (None,):
        await connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
