"""The queue: the notification table, seen from a worker.

A claim is a lease. Whoever holds it delivers outside of any transaction, and what it reports counts only while the
lease is its own: delivery is at least once, and no worker undoes what another did.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from chassis.database import Database
from inventory.event_store import NOTIFICATIONS
from inventory.idempotency import SQL as IDEMPOTENCY_KEYS

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
    attempts: int
    lease: datetime
    """When it is due again, by the database's clock."""
    channel: str
    event_id: UUID
    user_id: str
    description: str


class Channel(Protocol):
    """A way to tell somebody."""

    async def deliver(self, notification: Claimed) -> None:
        """Tell; raise, saying why, if that failed. It may have been told before."""


class Depth(msgspec.Struct, frozen=True):
    """How full the queue is."""

    pending: int
    dead: int
    oldest_seconds: float
    """How long the one that waits the longest has waited; 0 if none does."""


class NotificationQueue:
    """Claims, and what became of them."""

    def __init__(self, database: Database, batch: int, lease_seconds: float) -> None:
        self._database = database
        self._claim = {"batch": batch, "lease_seconds": lease_seconds}

    async def claim(self) -> list[Claimed]:
        """Take what is due and in nobody else's hands, the oldest first."""
        rows = await self._database.rows(NOTIFICATIONS.claim, self._claim)
        return sorted((Claimed(*row) for row in rows), key=lambda claimed: claimed.id)

    async def finish(self, outcomes: Sequence[tuple[Claimed, str | None]]) -> list[str]:
        """Record what became of notifications: None for delivered, or the error.

        Returns:
            The states of those whose lease had not passed to another. Asking again does no harm.
        """
        parameters = {
            "ids": [claimed.id for claimed, _ in outcomes],
            "attempts": [claimed.attempts for claimed, _ in outcomes],
            "leases": [claimed.lease for claimed, _ in outcomes],
            "errors": [error and error.replace("\0", "")[:LONGEST_ERROR] for _, error in outcomes],
            "most_attempts": MOST_ATTEMPTS,
            "first_pause": FIRST_PAUSE,
            "longest_pause": LONGEST_PAUSE,
        }
        return [state for (state,) in await self._database.rows(NOTIFICATIONS.finish, parameters)]

    async def depth(self) -> Depth:
        """How full the queue is."""
        ((pending, dead, oldest_seconds),) = await self._database.rows(NOTIFICATIONS.depth)
        return Depth(pending, dead, oldest_seconds)

    async def prune(self) -> None:
        """Remove what nobody may ask for any more: idempotency keys older than 24 hours."""
        await self._database.rows(IDEMPOTENCY_KEYS.prune)
