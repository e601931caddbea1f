"""PostgreSQL: the pool, transactions, and a word for whatever keeps the database from doing what was asked.

Connections are in autocommit mode: a single statement is one round trip, and `transaction` opens a block where
several belong together. A connection that the server dropped while it lay idle is replaced without the caller
noticing, and without a check before each use (docs/adr/0007-connections.md).
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
from chassis.database.errors import AWAY, BUSY, UNKNOWN_OUTCOME, Cause, Violation, cause_of, caused_by_caller
from chassis.database.probe import DatabaseProbe
from chassis.process.readiness import Degraded
from chassis.process.settings import DatabaseSettings

Parameters = Mapping[str, object] | Sequence[object] | None

log = structlog.get_logger()

GIVEN_UP = (TimeoutError, asyncio.CancelledError)
"""What ends a statement from this side. PostgreSQL may hear of that late, and then cancels the connection's next
statement instead, so the connection is not used again."""

REMEMBERED_SECONDS = 60.0
"""How long readiness says that writes fail after one failed, unless another succeeds.

Also how long the log does not repeat what only an operator can change.
"""


class Database:
    """A pool of connections to the database of one service.

    Transactions may use all connections but one: what they wait for, such as a row that another one changes, must not
    keep reads from being answered.
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
        """How often the database did not do what was asked, by the code of the cause."""
        self._translation = _Translation(self)
        self.pool: AsyncConnectionPool[PooledConnection] = AsyncConnectionPool(
            settings.database_url,
            connection_class=PooledConnection,
            kwargs=connection_options(name),
            configure=self._configure,
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
            await self._probe.close()

    async def _configure(self, connection: PooledConnection) -> None:
        connection.statement_seconds = self._seconds
        await adapt(connection)

    async def ping(self) -> None:
        """Readiness: return if the database answers.

        Raises:
            Unavailable: it does not.
        """
        with self.translated():
            await self._read_only()

    async def check_writes(self) -> None:
        """Readiness: return if the database takes changes.

        Raises:
            Degraded: it answers, but takes none.
            Unavailable: it does not answer.
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
            # A server that takes no more connections may answer on those it has
            async with self.pool.connection(timeout=1) as connection:
                await connection.execute("select 1")
            return False

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
                connection = await self._borrow()
                try:
                    return await (await connection.reader.execute(query, parameters)).fetchall()
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
        """A connection inside a transaction: all or nothing.

        A lock that another transaction holds is waited for during half of the timeout of a statement.
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
                # Nothing was sent before BEGIN, so a connection that turns out to be lost may be replaced
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
            # Whoever used the connections that are missing has said that the server is away, and the probe says it, too
            cause = BUSY if self._lent >= self._size else AWAY
            self._count(cause)
            raise cause.unavailable() from error
        self._lent += 1
        return connection

    async def _give_back(self, connection: PooledConnection) -> None:
        self._lent -= 1
        await self.pool.putconn(connection)

    def translated(self) -> AbstractContextManager[None]:
        """Turn the driver's errors into this package's, by the constraint that was broken.

        Raises:
            RequestError: what the constraint's `Violation` says; `Invalid` for values that PostgreSQL refuses;
                `Unavailable` when the database is away, busy or shutting down.
        """
        return self._translation

    def _failed(self, error: psycopg.Error | TimeoutError) -> None:
        cause = cause_of(error)
        if cause is not None:
            self._note(cause, error)
            raise cause.unavailable() from error
        self._answers()
        if isinstance(error, psycopg.IntegrityError | psycopg.DataError):
            raise caused_by_caller(error, self._violations) from error

    def _note(self, cause: Cause, error: BaseException) -> None:
        self._count(cause)
        if cause.writes:
            self._write_failure = (time.monotonic(), cause)
        if not cause.away:
            self._answers()
            if cause.operator:
                self._tell_operator(cause, error)
        elif not self._away:  # logged when it changes, not for each request of an outage
            self._away = True
            log.warning("Database away", error=f"{type(error).__name__}: {error}".strip())

    def _tell_operator(self, cause: Cause, error: BaseException) -> None:
        if time.monotonic() - self._told.get(cause.code, -REMEMBERED_SECONDS) < REMEMBERED_SECONDS:
            return
        self._told[cause.code] = time.monotonic()
        log.error("Database refuses", reason=cause.code, error=f"{type(error).__name__}: {error}".strip())

    def _answers(self) -> None:
        if self._away:
            self._away = False
            log.warning("Database back")

    def _count(self, cause: Cause) -> None:
        self.refusals[cause.code] += 1


class _Translation(AbstractContextManager[None]):
    """A class, because a function made into a context manager costs ten times as much, and each statement has one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is None:
            self._database._answers()  # noqa: SLF001  a part of that class
        elif isinstance(error, psycopg.Error | TimeoutError):
            self._database._failed(error)  # noqa: SLF001


def _begin(seconds: float) -> bytes:
    milliseconds = int(seconds * 1000)
    return (
        f"begin; set local statement_timeout = {milliseconds}; set local lock_timeout = {max(1, milliseconds // 2)};"
        f" set local idle_in_transaction_session_timeout = {milliseconds * 2}"
    ).encode()
