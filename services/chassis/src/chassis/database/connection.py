"""How a connection to PostgreSQL is made, and waiting until one can be.

Nothing here, and nothing that uses a connection, relies on the state of a session: between the service and PostgreSQL
there may be PgBouncer in transaction mode, which gives each transaction any session that is free. So statements name
their schema, timeouts are set within transactions or kept by the client, and locks belong to transactions.
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
    """The database did not answer within the time that it was given at start."""


class PooledConnection(psycopg.AsyncConnection[tuple[Any, ...]]):
    """A connection of a pool, which is used for one statement at a time."""

    statement_seconds: float | None = None
    """How long a statement outside a transaction may take; within one, the server's own timeout holds."""

    @cached_property
    def reader(self) -> psycopg.AsyncCursor[tuple[Any, ...]]:
        """One cursor for all single statements: to make one costs a tenth of a read's CPU time."""
        return self.cursor()

    async def wait(self, gen: PQGen[T], *arguments: Any, **more: Any) -> T:
        """Let the driver work; it checks the time itself, which costs less than `asyncio.timeout`.

        Raises:
            TimeoutError: the statement took too long. It may still run, so the connection must be closed.
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
    """Keyword arguments for a connection in autocommit mode; `name` is who connects, for pg_stat_activity."""
    return {
        "autocommit": True,
        "connect_timeout": 3,
        "tcp_user_timeout": 10_000,  # a peer that vanished without a word is noticed
        "keepalives_idle": 10,
        "application_name": f"benchtop-{name}",
    }


async def adapt(connection: Connection) -> None:
    """Prepare no statements where a pooler hands each transaction another session.

    A pooler tells its clients a process id of its own, which is how it is recognised.
    """
    cursor = await connection.execute("select pg_backend_pid()", prepare=False)
    if await cursor.fetchone() != (connection.info.backend_pid,):
        connection.prepare_threshold = None


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
