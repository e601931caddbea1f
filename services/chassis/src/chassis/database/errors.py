"""Errors of the database, translated into errors of requests.

A violation of a constraint is an error of the client; the name of the constraint says which one. Everything else is a
503. Each cause has its own message, because a busy service, a lock, a slow statement and an unreachable server
need different actions.
"""

from collections.abc import Mapping

import msgspec
import psycopg
from psycopg import errors as pg

from chassis.errors import Conflict, FieldError, Invalid, RequestError, Unavailable


class Violation(msgspec.Struct, frozen=True):
    """The error of a request that violates a named constraint."""

    kind: type[RequestError]
    pointer: str
    detail: str
    code: str = "invalid"


class Cause(msgspec.Struct, frozen=True):
    """The reason why a statement failed, if the values and the code are not at fault."""

    code: str
    """Code that clients can compare; it does not change in later releases."""
    detail: str
    away: bool = False
    """The server cannot be reached by any request."""
    writes: bool = False
    """The server cannot store anything for any request."""
    operator: bool = False
    """An operator must act, so it is logged."""
    retry_after: int = 5

    def unavailable(self) -> Unavailable:
        """The error for the client."""
        return Unavailable(
            self.detail, [FieldError("", self.code, self.detail)], retry_after=self.retry_after
        )


BUSY = Cause(
    "busy",
    "The service is busy: no database connection became free in time. Nothing was changed. Retry in a second.",
    retry_after=1,
)
TIMEOUT = Cause(
    "timeout",
    "The database took too long and the statement was stopped. Nothing was changed. Retry in a few seconds.",
)
UNKNOWN_OUTCOME = Cause(
    "unknown_outcome",
    "The connection to the database was lost while the change was being committed, so it is unknown whether it was"
    " made. Read it before you send it again; with an Idempotency-Key it is safe to send it again.",
    away=True,
)
AWAY = Cause(
    "away", "The database cannot be reached. Nothing was changed. Retry in a few seconds.", away=True
)

LOCKED = Cause(
    "locked",
    "Another request is changing the same data and did not finish in time. Nothing was changed."
    " Retry in a second.",
    retry_after=1,
)
COLLISION = Cause(
    "collision",
    "Another request changed the same data at the same moment. Nothing was changed. Retry now.",
    retry_after=1,
)
SERVER_BUSY = Cause(
    "busy", "The database server has no resources left for this. Nothing was changed. Retry in a few seconds."
)
READ_ONLY = Cause(
    "read_only",
    "The database does not accept changes now: it is read-only. Nothing was changed.",
    writes=True,
    operator=True,
)
DISK_FULL = Cause(
    "disk_full",
    "The database does not accept changes now: its disk is full. Nothing was changed.",
    writes=True,
    operator=True,
)
NOT_MIGRATED = Cause(
    "not_migrated",
    "The database's schema is being changed. Nothing was changed. Retry in a few seconds.",
    operator=True,
)
REFUSED = Cause(
    "refused",
    "The service lacks a privilege in the database; the database's log names it. Nothing was changed.",
)
NO_MORE_IDS = Cause(
    "no_more_ids",
    "No more rows can be created: the sequence of their ids is exhausted. Nothing was changed.",
    operator=True,
)

CAUSES: Mapping[type[psycopg.Error], Cause] = {
    pg.LockNotAvailable: LOCKED,
    pg.QueryCanceled: TIMEOUT,
    pg.DeadlockDetected: COLLISION,
    pg.SerializationFailure: COLLISION,
    pg.DiskFull: DISK_FULL,
    pg.InsufficientResources: SERVER_BUSY,
    pg.TooManyConnections: SERVER_BUSY,
    pg.OutOfMemory: SERVER_BUSY,
    pg.ReadOnlySqlTransaction: READ_ONLY,
    pg.UndefinedTable: NOT_MIGRATED,
    pg.UndefinedColumn: NOT_MIGRATED,
    pg.UndefinedFunction: NOT_MIGRATED,
    pg.InvalidSchemaName: NOT_MIGRATED,
    pg.InsufficientPrivilege: REFUSED,
    pg.SequenceGeneratorLimitExceeded: NO_MORE_IDS,
    psycopg.OperationalError: AWAY,
    psycopg.InterfaceError: AWAY,
}
"""The cause of an error of the driver, by its class or the nearest ancestor."""

REASONS = {cause.code for cause in (BUSY, UNKNOWN_OUTCOME, *CAUSES.values())}
"""The codes of all causes."""


def cause_of(error: BaseException) -> Cause | None:
    """The cause of an error; None if the values or the code are at fault."""
    if isinstance(error, TimeoutError):
        return TIMEOUT
    return next((CAUSES[kind] for kind in type(error).__mro__ if kind in CAUSES), None)


def error_of_values(
    error: psycopg.IntegrityError | psycopg.DataError, violations: Mapping[str, Violation]
) -> RequestError:
    """The error of a request with values that the database refuses."""
    if isinstance(error, psycopg.DataError):
        detail = f"The database refused a value: {error.diag.message_primary or error}."
        return Invalid(detail, [FieldError("", "refused", detail)])
    name = error.diag.constraint_name or f"{error.diag.table_name}_{error.diag.column_name}"
    violation = violations.get(name)
    if violation is None:
        detail = error.diag.message_primary or str(error)
        return Conflict(detail, [FieldError("", "conflict", detail)])
    return violation.kind(violation.detail, [FieldError(violation.pointer, violation.code, violation.detail)])
