"""The queue of notifications, as a worker uses it: claim notifications, and record the outcomes of their deliveries.

The table of notifications is the queue. A claim is a lease. A worker delivers outside of any transaction, and the
outcome that it reports counts only while its lease lasts. So each notification is delivered at least once, and no
worker overwrites the outcome of another.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec
import structlog

from chassis.database.pool import Database
from chassis.database.queries import Queries

log = structlog.get_logger()

QUEUE = Queries("inventory.notifications", "sql/queue.sql")

MOST_ATTEMPTS = 8
"""A notification whose delivery has failed eight times is dead; it is not retried unless an operator replays it."""

FIRST_RETRY_PAUSE = 2.0
"""Maximum pause before the first retry, in seconds. The maximum doubles with each retry; the pause is a random part of
it."""

LONGEST_RETRY_PAUSE = 600.0
"""Limit of the maximum pause, in seconds."""

LONGEST_ERROR = 1000
"""Maximum number of characters of an error that are stored."""


class Claimed(msgspec.Struct, frozen=True):
    """A notification that a worker has claimed, with the text of its event."""

    id: int
    lease: UUID
    due_at: datetime
    """When the lease ends, by the database's clock."""
    channel: str
    attempt: int
    """1 for the first delivery, and 1 more after each recorded failure."""
    event_id: UUID
    user_id: str
    description: str


class Outcome(msgspec.Struct, frozen=True):
    """The outcome of one delivery."""

    claimed: Claimed
    error: str | None
    """The reason of the failure; None if the notification was delivered."""
    counts: bool = True
    """Whether a failure counts towards `MOST_ATTEMPTS`."""


class Channel(Protocol):
    """A way to deliver a notification."""

    async def deliver(self, notification: Claimed) -> None:
        """Deliver the notification; if that fails, raise an error with the reason.

        An earlier attempt may have delivered it already.

        Raises:
            ChannelBroken: this process cannot deliver anything now.
        """


class ChannelBroken(Exception):
    """The channel does not work in this process, so the failed delivery does not count towards `MOST_ATTEMPTS`."""


class Depth(msgspec.Struct, frozen=True):
    """The number of notifications in the queue, and their age."""

    pending: int
    dead: int
    oldest_seconds: float
    """Age of the oldest pending notification, in seconds; 0 if none is pending."""


class NotificationQueue:
    """Claims notifications, and records the outcomes.

    Args:
        database: where the table of notifications is.
        lease_seconds: how long a claim lasts.
    """

    def __init__(self, database: Database, lease_seconds: float) -> None:
        self._database = database
        self._lease_seconds = lease_seconds

    async def claim(self, slots: Mapping[str, int], held: Collection[int] = ()) -> list[Claimed]:
        """Claim notifications that are due and that no other worker holds, the oldest first.

        If the response of the database is lost, the claimed notifications are due again when their leases end.

        Args:
            slots: maximum number of notifications to claim, by channel.
            held: ids not to claim, because this worker still holds them.

        Returns:
            The claimed notifications, in the order of their ids.
        """
        parameters: dict[str, object] = {
            "channels": list(slots),
            "slots": list(slots.values()),
            "held": list(held),
            "lease_seconds": self._lease_seconds,
        }
        rows = await self._database.rows(QUEUE.claim, parameters)
        if not rows:
            return []
        parameters = {"ids": [ident for ident, _ in rows], "leases": [lease for _, lease in rows]}
        return [Claimed(*row) for row in await self._database.rows(QUEUE.claimed, parameters)]

    async def finish(self, outcomes: Sequence[Outcome]) -> dict[int, str]:
        """Record the outcomes of deliveries. Recording an outcome twice does no harm.

        Returns:
            The new state, by id, of each notification whose lease had not ended. The others are not changed.
        """
        parameters = {
            "ids": [outcome.claimed.id for outcome in outcomes],
            "leases": [outcome.claimed.lease for outcome in outcomes],
            "dues": [outcome.claimed.due_at for outcome in outcomes],
            "attempts": [outcome.claimed.attempt for outcome in outcomes],
            "errors": [outcome.error and _storable(outcome.error) for outcome in outcomes],
            "counts": [outcome.counts for outcome in outcomes],
            "most_attempts": MOST_ATTEMPTS,
            "first_pause": FIRST_RETRY_PAUSE,
            "longest_pause": LONGEST_RETRY_PAUSE,
        }
        return dict(await self._database.rows(QUEUE.finish, parameters))

    async def depth(self) -> Depth:
        """Measure how full the queue is."""
        ((pending, dead, oldest_seconds),) = await self._database.rows(QUEUE.depth)
        return Depth(pending, dead, oldest_seconds)

    async def reschedule(self) -> None:
        """Make notifications due that were scheduled too late, because the database's clock was set back since."""
        rows = await self._database.rows(QUEUE.reschedule)
        if rows:
            log.warning(
                "The database's clock was set back; the delayed notifications are due now", count=len(rows)
            )


def _storable(error: str) -> str:
    """The start of an error, without what PostgreSQL cannot store as text."""
    return error.replace("\0", "").encode("utf-8", "backslashreplace").decode()[:LONGEST_ERROR]
