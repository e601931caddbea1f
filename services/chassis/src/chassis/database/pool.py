"""The connection pool of a service: single statements, transactions, and the translation of their errors.

Connections are in autocommit mode: a single statement is one round trip, and `transaction` opens a block for several
statements. A connection that the server has closed while it was idle is replaced when it is used next, so connections
need no check before each use (docs/adr/0007-connections.md).
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from typing import Any

import psycopg
import structlog
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from chassis.database.connection import Connection, PooledConnection, adapt, connection_options
from chassis.database.errors import AWAY, BUSY, UNKNOWN_OUTCOME, Cause, Violation, cause_of, error_of_values
from chassis.database.probe import DatabaseProbe
from chassis.process.readiness import Degraded
from chassis.process.settings import DatabaseSettings

Parameters = Mapping[str, object] | Sequence[object] | None

log = structlog.get_logger()

GIVEN_UP = (TimeoutError, asyncio.CancelledError)
"""Exceptions that end the waiting for a statement. PostgreSQL may receive the cancellation late, and would then
cancel the next statement of the connection. So the connection is closed."""

REMEMBERED_SECONDS = 60.0
"""How long readiness reports failing writes after a write has failed, unless a later write succeeds.

An error that only an operator can correct is logged at most once in this time.
"""


class Database:
    """A pool of connections to the database of one service.

    Transactions may use all connections but one, so that reads go on while transactions wait for locks.
    """

    def __init__(self, settings: DatabaseSettings, name: str, violations: Mapping[str, Violation]) -> None:
        self._violations = violations
        self._seconds = settings.database_timeout_seconds
        self._size = settings.database_pool_size
        self._lent = 0
        self._writers = asyncio.Semaphore(max(1, self._size - 1))
        self._begin = _begin(self._seconds)
        self._probe = DatabaseProbe(settings.database_url, name)
        self._away = False
        self._told: dict[str, float] = {}
        self._write_failure: tuple[float, Cause] | None = None
        self.refusals: Counter[str] = Counter()
        """How many statements the database did not execute, by the code of the cause."""
        self._translation = _Translation(self)
        self.pool: AsyncConnectionPool[PooledConnection] = AsyncConnectionPool(
            settings.database_url,
            connection_class=PooledConnection,
            kwargs=connection_options(name),
            configure=self._configure,
            min_size=self._size,
            max_size=self._size,
            timeout=self._seconds,
            reconnect_timeout=5,  # then the next request connects again; the pool would make longer and longer pauses
            open=False,
        )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Database"]:
        """The database with its pool open. The server may not be reachable yet."""
        await self.pool.open()
        try:
            yield self
        finally:
            await self.pool.close(timeout=5)
            await self._probe.close()

    async def _configure(self, connection: PooledConnection) -> None:
        connection.statement_seconds = self._seconds
        await adapt(connection)

    async def ping(self) -> None:
        """Readiness check: return if the database responds.

        Raises:
            Unavailable: it does not respond.
        """
        with self.translated():
            await self._read_only()

    async def check_writes(self) -> None:
        """Readiness check: return if the database accepts changes.

        Raises:
            Degraded: it responds, but does not accept changes.
            Unavailable: it does not respond.
        """
        with self.translated():
            if await self._read_only():
                raise Degraded("The database is read-only.")
        if self._write_failure is not None:
            at, cause = self._write_failure
            if time.monotonic() - at < REMEMBERED_SECONDS:
                raise Degraded(cause.detail)

    async def _read_only(self) -> bool:
        try:
            return await self._probe.read_only()
        except psycopg.OperationalError:
            # A server that accepts no new connection may still respond on the connections of the pool
            async with self.pool.connection(timeout=1) as connection:
                await connection.execute("select 1")
            return False

    async def row(self, query: bytes, parameters: Parameters = None) -> tuple[Any, ...] | None:
        """The first row of one statement, or None. The statement must be safe to send twice."""
        rows = await self.rows(query, parameters)
        return rows[0] if rows else None

    async def rows(
        self, query: bytes, parameters: Parameters = None, *, prepare: bool | None = None
    ) -> list[tuple[Any, ...]]:
        """The rows of one statement. It must be safe to send twice: a read, or an idempotent write.

        It is sent again if its connection was lost. If `prepare` is False, the statement is never prepared: PostgreSQL
        plans it each time for the values of its parameters.
        """
        with self.translated():
            for last in (*[False] * self._size, True):
                # Not `pool.connection()`: it would end a transaction, which there is not, and this is the hot path
                connection = await self._borrow()
                try:
                    return await (
                        await connection.reader.execute(query, parameters, prepare=prepare)
                    ).fetchall()
                except psycopg.OperationalError:
                    if last or not connection.broken:
                        raise
                except GIVEN_UP:
                    await connection.close()
                    raise
                finally:
                    await self._give_back(connection)
            raise AssertionError("the last turn returns or raises")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection inside a transaction, which is rolled back if the block raises an error.

        The timeout for waiting for a lock is half of the timeout of a statement.
        """
        with self.translated():
            async with self._writing():
                connection = await self._begun()
                try:
                    try:
                        yield connection
                    except GIVEN_UP:
                        await connection.close()
                        raise
                    except BaseException:
                        with suppress(psycopg.Error):
                            await connection.rollback()
                        raise
                    await self._commit(connection)
                finally:
                    await self._give_back(connection)
            self._write_failure = None

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._seconds):
                await self._writers.acquire()
        except TimeoutError as error:
            self._count(BUSY)
            raise BUSY.unavailable() from error
        try:
            yield
        finally:
            self._writers.release()

    async def _begun(self) -> PooledConnection:
        for last in (*[False] * self._size, True):
            connection = await self._borrow()
            try:
                await connection.execute(self._begin, prepare=False)
            except BaseException as error:
                if isinstance(error, GIVEN_UP):
                    await connection.close()
                await self._give_back(connection)
                # BEGIN is the first statement, so nothing is lost if another connection replaces a lost one
                if isinstance(error, psycopg.OperationalError) and connection.broken and not last:
                    continue
                raise
            return connection
        raise AssertionError("the last turn returns or raises")

    async def _commit(self, connection: Connection) -> None:
        if connection.info.transaction_status == TransactionStatus.INERROR:
            raise RuntimeError("A statement of the transaction failed, and the error was not passed on.")
        try:
            async with asyncio.timeout(self._seconds):
                await connection.commit()
        except (psycopg.Error, TimeoutError) as error:
            refused = isinstance(error, psycopg.Error) and error.sqlstate and not connection.broken
            if not refused:
                await connection.close()
                self._note(UNKNOWN_OUTCOME, error)
                raise UNKNOWN_OUTCOME.unavailable() from error
            raise

    async def _borrow(self) -> PooledConnection:
        try:
            connection = await self.pool.getconn()
        except PoolTimeout as error:
            # An outage has been logged already, by the statements that lost their connections
            cause = BUSY if self._lent >= self._size else AWAY
            self._count(cause)
            raise cause.unavailable() from error
        self._lent += 1
        return connection

    async def _give_back(self, connection: PooledConnection) -> None:
        self._lent -= 1
        await self.pool.putconn(connection)

    def translated(self) -> AbstractContextManager[None]:
        """Translate the driver's errors in the block into errors of requests.

        Raises:
            RequestError: the error of a violated constraint's `Violation`; `Invalid` for values that PostgreSQL
                refuses; `Unavailable` if the database cannot be reached, is busy or shuts down.
        """
        return self._translation

    def _failed(self, error: psycopg.Error | TimeoutError) -> None:
        cause = cause_of(error)
        if cause is not None:
            self._note(cause, error)
            raise cause.unavailable() from error
        self._answers()
        if isinstance(error, psycopg.IntegrityError | psycopg.DataError):
            raise error_of_values(error, self._violations) from error

    def _note(self, cause: Cause, error: BaseException) -> None:
        self._count(cause)
        if cause.writes:
            self._write_failure = (time.monotonic(), cause)
        if not cause.away:
            self._answers()
            if cause.operator:
                self._tell_operator(cause, error)
        elif not self._away:  # logged once for an outage, not for each request
            self._away = True
            log.warning("The database cannot be reached", error=f"{type(error).__name__}: {error}".strip())

    def _tell_operator(self, cause: Cause, error: BaseException) -> None:
        if time.monotonic() - self._told.get(cause.code, -REMEMBERED_SECONDS) < REMEMBERED_SECONDS:
            return
        self._told[cause.code] = time.monotonic()
        log.error(
            "An operator must correct an error of the database",
            reason=cause.code,
            error=f"{type(error).__name__}: {error}".strip(),
        )

    def _answers(self) -> None:
        if self._away:
            self._away = False
            log.warning("The database can be reached again")

    def _count(self, cause: Cause) -> None:
        self.refusals[cause.code] += 1


class _Translation(AbstractContextManager[None]):
    """The context manager of `translated`. Each statement enters it, and a generator would take ten times as long."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is None:
            self._database._answers()  # noqa: SLF001  this class is a part of Database
        elif isinstance(error, psycopg.Error | TimeoutError):
            self._database._failed(error)  # noqa: SLF001


def _begin(seconds: float) -> bytes:
    milliseconds = int(seconds * 1000)
    return (
        f"begin; set local statement_timeout = {milliseconds}; set local lock_timeout = {max(1, milliseconds // 2)};"
        f" set local idle_in_transaction_session_timeout = {milliseconds * 2}"
    ).encode()
