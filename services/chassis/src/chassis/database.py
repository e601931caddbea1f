"""PostgreSQL: the pool, transactions, and what its errors mean to a caller.

Connections are in autocommit mode: a single statement is one round trip, and `transaction` opens a block where
several belong together. A connection that the server dropped while it lay idle is replaced without the caller
noticing, and without a check before each use (docs/adr/0007-connections.md).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import msgspec
import psycopg
import structlog
from psycopg import errors as pg
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from chassis.errors import Conflict, FieldError, Invalid, RequestError, Unavailable
from chassis.settings import DatabaseSettings

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Parameters = Mapping[str, object] | Sequence[object] | None

log = structlog.get_logger()

AWAY = (
    psycopg.OperationalError,
    PoolTimeout,
    TooManyRequests,
    pg.ReadOnlySqlTransaction,
    pg.UndefinedTable,  # not migrated yet, or just being made anew
    pg.UndefinedFunction,
    psycopg.InterfaceError,
)
"""What says that the database cannot answer now, whatever was asked."""


class DatabaseUnreachable(Exception):
    """The database did not answer within the time that it was given at start."""


class Violation(msgspec.Struct, frozen=True):
    """What breaking a named constraint means to whoever sent the value."""

    kind: type[RequestError]
    pointer: str
    detail: str
    code: str = "invalid"


class Database:
    """A pool of connections to one schema."""

    def __init__(self, settings: DatabaseSettings, schema: str, violations: Mapping[str, Violation]) -> None:
        self._violations = violations
        self._seconds = settings.database_timeout_seconds
        self._away = False
        self._size = settings.database_pool_size
        self.pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            settings.database_url,
            connection_class=psycopg.AsyncConnection[tuple[Any, ...]],
            kwargs=connection_options(schema, self._seconds),
            min_size=self._size,
            max_size=self._size,
            timeout=self._seconds,
            reconnect_timeout=5,  # then the next request tries anew, instead of an ever longer pause
            open=False,
        )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Database"]:
        """The database with its pool open; it may be unreachable still."""
        await self.pool.open()
        try:
            yield self
        finally:
            await self.pool.close(timeout=5)

    async def ping(self) -> None:
        """Readiness: return if the database answers."""
        async with self.pool.connection(timeout=1) as connection:
            await connection.execute("select 1")

    async def row(self, query: bytes, parameters: Parameters = None) -> tuple[Any, ...] | None:
        """The first row of one statement that may safely be sent twice, or None."""
        rows = await self.rows(query, parameters)
        return rows[0] if rows else None

    async def rows(self, query: bytes, parameters: Parameters = None) -> list[tuple[Any, ...]]:
        """The rows of one statement that may safely be sent twice: a read, or an idempotent write.

        It is sent again when its connection turns out to have been lost.
        """
        with self.translated():
            for last in (*[False] * self._size, True):
                # Not `pool.connection()`: there is no transaction to end, and this is the hot path
                connection = await self.pool.getconn()
                try:
                    return await (await connection.execute(query, parameters)).fetchall()
                except psycopg.OperationalError:
                    if last or not connection.broken:
                        raise
                finally:
                    await self.pool.putconn(connection)
            raise AssertionError("the last turn returns or raises")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection inside a transaction: all or nothing."""
        with self.translated():
            async with AsyncExitStack() as stack:
                connection = await self._begin(stack)
                yield connection

    async def _begin(self, stack: AsyncExitStack) -> Connection:
        # Nothing has been sent before BEGIN, so a lost connection found here may be replaced
        for attempt in range(self._size + 1):
            async with AsyncExitStack() as trial:
                connection = await trial.enter_async_context(self.pool.connection())
                try:
                    await trial.enter_async_context(connection.transaction())
                except psycopg.OperationalError:
                    if not connection.broken or attempt == self._size:
                        raise
                    continue
                stack.push_async_exit(trial.pop_all())
                return connection
        raise AssertionError("unreachable")

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn the driver's errors into this package's, by the constraint that was broken.

        Raises:
            RequestError: what the constraint's `Violation` says; `Invalid` for values that PostgreSQL refuses;
                `Unavailable` when the database is away, busy or shutting down.
        """
        try:
            yield
            self._note(away=False)
        except psycopg.IntegrityError as error:
            raise self._violated(error) from error
        except psycopg.DataError as error:
            detail = f"The database refuses a value: {error.diag.message_primary or error}."
            raise Invalid(detail, [FieldError("", "refused", detail)]) from error
        except AWAY as error:
            self._note(away=True, error=f"{type(error).__name__}: {error}".strip())
            raise Unavailable(
                "The database does not answer now. Nothing was changed unless it says so elsewhere;"
                " ask again in a few seconds."
            ) from error

    def _note(self, *, away: bool, **why: str) -> None:
        # Logged when it changes, not for each request of an outage
        if away != self._away:
            self._away = away
            log.warning("Database away" if away else "Database back", **why)

    def _violated(self, error: psycopg.IntegrityError) -> RequestError:
        name = error.diag.constraint_name or f"{error.diag.table_name}_{error.diag.column_name}"
        violation = self._violations.get(name)
        if violation is None:
            detail = error.diag.message_primary or str(error)
            return Conflict(detail, [FieldError("", "conflict", detail)])
        return violation.kind(
            violation.detail, [FieldError(violation.pointer, violation.code, violation.detail)]
        )


def connection_options(schema: str, seconds: float) -> dict[str, Any]:
    """Keyword arguments for a connection that works in `schema` and gives up on a statement after `seconds`."""
    milliseconds = int(seconds * 1000)
    return {
        "autocommit": True,
        "connect_timeout": 3,
        "tcp_user_timeout": 10_000,  # a peer that vanished without a word is noticed
        "keepalives_idle": 10,
        "application_name": f"benchtop-{schema}",
        "options": (
            f"-c search_path={schema}"
            f" -c statement_timeout={milliseconds}"
            f" -c lock_timeout={milliseconds}"
            f" -c idle_in_transaction_session_timeout={milliseconds * 2}"
        ),
    }


def _require_url(url: str) -> None:
    """Refuse what is no connection string, or would be cut in the wrong places.

    The driver's own message would repeat part of the password.
    """
    try:
        parts = conninfo_to_dict(url)
        ports = str(parts.get("port", "5432")).split(",")
        sound = "@" not in str(parts.get("host", "")) and all(not port or port.isdecimal() for port in ports)
    except (psycopg.ProgrammingError, UnicodeError):
        sound = False
    if not sound:
        raise DatabaseUnreachable(
            "DATABASE_URL is malformed. It must be like postgresql://USER:PASSWORD@HOST:5432/DATABASE, with what is"
            " special in the password percent-encoded: %40 for @, %2F for /, %3A for :, %25 for %."
        )


async def wait(url: str, seconds: float) -> None:
    """Wait until the database takes connections.

    Raises:
        DatabaseUnreachable: it did not within `seconds`; the message has the last reason.
    """
    _require_url(url)
    deadline = time.monotonic() + seconds
    pause = 0.1
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, connect_timeout=3):
                return
        except psycopg.OperationalError as error:
            reason = " ".join(str(error).split())
        if time.monotonic() + pause > deadline:
            raise DatabaseUnreachable(f"No database after {seconds:g} s: {reason}")
        log.info(
            "Waiting for the database",
            reason=reason,
            seconds_left=round(deadline - time.monotonic(), 1),
        )
        await asyncio.sleep(pause)
        pause = min(pause * 2, 2.0)
