"""Connections to PostgreSQL: their options, and waiting until the server accepts one.

No code relies on the state of a session: there may be a PgBouncer in transaction mode before PostgreSQL, and it runs
each transaction in any session that is free. So statements name their schema, timeouts are set within
transactions or kept by the client, and locks belong to transactions.
"""

import asyncio
import time
from functools import cached_property
from typing import Any, TypeVar

import psycopg
import structlog
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
T = TypeVar("T")

log = structlog.get_logger()


class DatabaseUnreachable(Exception):
    """The database did not accept a connection within DATABASE_WAIT_SECONDS, or DATABASE_URL is malformed."""


class PooledConnection(psycopg.AsyncConnection[tuple[Any, ...]]):
    """A connection of the pool. It runs one statement at a time."""

    statement_seconds: float | None = None
    """Timeout of a statement outside a transaction. Within a transaction the server's statement_timeout applies."""

    @cached_property
    def reader(self) -> psycopg.AsyncCursor[tuple[Any, ...]]:
        """One cursor for all single statements: creating a cursor takes a tenth of a read's CPU time."""
        return self.cursor()

    async def wait(self, gen: PQGen[T], *arguments: Any, **more: Any) -> T:
        """Wait for the driver. The driver keeps the timeout itself, which costs less than `asyncio.timeout`.

        Raises:
            TimeoutError: the statement took too long. The server may still run it, so close the connection.
        """
        if self.pgconn.transaction_status == TransactionStatus.IDLE:
            more["timeout"] = self.statement_seconds
        try:
            return await super().wait(gen, *arguments, **more)
        except psycopg.OperationalError as error:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                raise TimeoutError from error
            raise


def connection_options(name: str) -> dict[str, Any]:
    """Keyword arguments for a connection in autocommit mode; pg_stat_activity shows the `name`."""
    return {
        "autocommit": True,
        "connect_timeout": 3,
        "tcp_user_timeout": 10_000,  # so that the loss of the network is detected
        "keepalives_idle": 10,
        "application_name": f"benchtop-{name}",
    }


async def adapt(connection: Connection) -> None:
    """Turn prepared statements off if a pooler may run each transaction in another session.

    A pooler sends its clients another process id than the one that the session of PostgreSQL returns.
    """
    cursor = await connection.execute("select pg_backend_pid()", prepare=False)
    if await cursor.fetchone() != (connection.info.backend_pid,):
        connection.prepare_threshold = None


async def wait(url: str, seconds: float) -> None:
    """Wait until the database accepts a connection.

    Raises:
        DatabaseUnreachable: no connection within `seconds`; the message has the last error.
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


def _require_url(url: str) -> None:
    """Refuse a malformed connection string. The message of the driver would show a part of the password.

    An @ in the password that is not encoded would end up in the host.
    """
    try:
        parts = conninfo_to_dict(url)
        ports = str(parts.get("port", "5432")).split(",")
        sound = "@" not in str(parts.get("host", "")) and all(not port or port.isdecimal() for port in ports)
    except (psycopg.ProgrammingError, UnicodeError):
        sound = False
    if not sound:
        raise DatabaseUnreachable(
            "DATABASE_URL is malformed. It must be like postgresql://USER:PASSWORD@HOST:5432/DATABASE, with"
            " special characters in the password percent-encoded: %40 for @, %2F for /, %3A for :, %25 for %."
        )
