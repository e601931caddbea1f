"""The queue: the notification table, seen from a worker.

A claim is a lease. Whoever holds it delivers outside of any transaction, and what it reports counts only while the
lease is its own: delivery is at least once, and no worker undoes what another did.
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
"""A delivery that fails for the eighth time is dead until somebody replays it."""

FIRST_PAUSE = 2.0
"""Seconds: a failure is tried again after a random part of this, of twice this, of four times this, ..."""

LONGEST_PAUSE = 600.0

LONGEST_ERROR = 1000
"""Characters of an error that are kept."""


class Claimed(msgspec.Struct, frozen=True):
    """A notification in a worker's hands, with what it tells."""

    id: int
    lease: UUID
    due_at: datetime
    """When the lease ends, by the database's clock."""
    channel: str
    attempt: int
    """1 for the first delivery, and 1 more after each failure that was recorded."""
    event_id: UUID
    user_id: str
    description: str


class Outcome(msgspec.Struct, frozen=True):
    """What became of one delivery."""

    claimed: Claimed
    error: str | None
    """Why it failed; None when it was delivered."""
    counts: bool = True
    """Whether a failure is one of the eight."""


class Channel(Protocol):
    """A way to tell somebody."""

    async def deliver(self, notification: Claimed) -> None:
        """Tell; raise, saying why, if that failed. It may have been told before.

        Raises:
            ChannelBroken: nothing can be delivered from this process now.
        """


class ChannelBroken(Exception):
    """This process's own end of a channel fails, so that a failure says nothing about the notification."""


class Depth(msgspec.Struct, frozen=True):
    """How full the queue is."""

    pending: int
    dead: int
    oldest_seconds: float
    """How long the one that waits the longest has waited; 0 if none does."""


class NotificationQueue:
    """Claims, and what became of them."""

    def __init__(self, database: Database, lease_seconds: float) -> None:
        self._database = database
        self._lease_seconds = lease_seconds

    async def claim(self, slots: Mapping[str, int], in_hand: Collection[int] = ()) -> list[Claimed]:
        """Take what is due and in nobody else's hands, the oldest first.

        Should the answer be lost, what was claimed is simply left until its lease ends.

        Args:
            slots: how many to take at most, by channel.
            in_hand: ids that are not to be taken, for this worker has them still.

        Returns:
            The claimed, by id.
        """
        parameters: dict[str, object] = {
            "channels": list(slots),
            "slots": list(slots.values()),
            "in_hand": list(in_hand),
            "lease_seconds": self._lease_seconds,
        }
        rows = await self._database.rows(QUEUE.claim, parameters)
        if not rows:
            return []
        parameters = {"ids": [ident for ident, _ in rows], "leases": [lease for _, lease in rows]}
        return [Claimed(*row) for row in await self._database.rows(QUEUE.claimed, parameters)]

    async def finish(self, outcomes: Sequence[Outcome]) -> dict[int, str]:
        """Record what became of notifications.

        Returns:
            The states, by id, of those that were still under the lease that they were delivered under. Asking again
            does no harm.
        """
        parameters = {
            "ids": [outcome.claimed.id for outcome in outcomes],
            "leases": [outcome.claimed.lease for outcome in outcomes],
            "dues": [outcome.claimed.due_at for outcome in outcomes],
            "attempts": [outcome.claimed.attempt for outcome in outcomes],
            "errors": [outcome.error and _storable(outcome.error) for outcome in outcomes],
            "counts": [outcome.counts for outcome in outcomes],
            "most_attempts": MOST_ATTEMPTS,
            "first_pause": FIRST_PAUSE,
            "longest_pause": LONGEST_PAUSE,
        }
        return dict(await self._database.rows(QUEUE.finish, parameters))

    async def depth(self) -> Depth:
        """How full the queue is."""
        ((pending, dead, oldest_seconds),) = await self._database.rows(QUEUE.depth)
        return Depth(pending, dead, oldest_seconds)

    async def reschedule(self) -> None:
        """Make due what the database's clock has scheduled too late, because it has been set back since."""
        rows = await self._database.rows(QUEUE.reschedule)
        if rows:
            log.warning("The database's clock was set back; notifications are due at once", count=len(rows))


def _storable(error: str) -> str:
    """As much of an error as PostgreSQL can hold as text."""
    return error.replace("\0", "").encode("utf-8", "backslashreplace").decode()[:LONGEST_ERROR]
