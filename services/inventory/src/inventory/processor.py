"""The notification processor: claims, delivers, records, until it is told to stop."""

import asyncio
import time
from collections import Counter as Counts
from collections.abc import Mapping
from contextlib import suppress

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

from chassis.errors import Unavailable
from inventory.notification_queue import Channel, Claimed, NotificationQueue

log = structlog.get_logger()

PRUNE_SECONDS = 600.0
"""How often what has expired is removed."""

LONGEST_PAUSE = 5.0
"""Seconds between tries while the database is away."""

OUTCOMES = {"delivered": "delivered", "pending": "failed", "dead": "dead", "late": "late"}
"""What an attempt is counted as, by the state it left the notification in; late: in other hands by then."""


class Processor:
    """Delivers what is due in a queue by its channels.

    Args:
        queue: where notifications come from.
        channels: how to deliver, by name.
        poll_seconds: how long to rest, unless woken, when nothing is due.
        lease_seconds: how long a claim lasts; what is not begun by then is left to others.
        registry: where its metrics are.
    """

    def __init__(
        self,
        queue: NotificationQueue,
        channels: Mapping[str, Channel],
        *,
        poll_seconds: float,
        lease_seconds: float,
        registry: CollectorRegistry,
    ) -> None:
        self._queue = queue
        self._channels = channels
        self._poll_seconds = poll_seconds
        self._lease_seconds = lease_seconds
        self._wake = asyncio.Event()
        self.stopping = False
        self._pruned = time.monotonic()
        self._deliveries = Counter(
            "inventory_deliveries",
            "Attempts to deliver a notification, by what became of them",
            ("outcome",),
            registry=registry,
        )
        for outcome in OUTCOMES.values():
            self._deliveries.labels(outcome)
        self._seconds = Histogram(
            "inventory_delivery_duration_seconds", "Time that one delivery took", registry=registry
        )

    def wake(self) -> None:
        """Look for work now."""
        self._wake.set()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is in hand is done."""
        self.stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Work until stopped. While the database is away, try again and again."""
        pause = 0.1
        while not self.stopping:
            try:
                worked = await self._work()
            except Unavailable:
                await self._rest(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                pause = 0.1
                if not worked:
                    await self._rest(self._poll_seconds)

    async def _work(self) -> bool:
        if time.monotonic() - self._pruned > PRUNE_SECONDS:
            self._pruned = time.monotonic()
            await self._queue.prune()
        deadline = time.monotonic() + self._lease_seconds
        batch = await self._queue.claim()
        outcomes = [
            (claimed, await self._deliver(claimed)) for claimed in batch if time.monotonic() < deadline
        ]
        if outcomes:
            await self._record(outcomes)
        return bool(batch)

    async def _deliver(self, claimed: Claimed) -> str | None:
        """Deliver once; the error, or None."""
        try:
            with self._seconds.time():
                await self._channels[claimed.channel].deliver(claimed)
        except Exception as error:  # noqa: BLE001  whatever a channel raises, it did not deliver
            why = f"{type(error).__name__}: {error}"
            log.warning(
                "Delivery failed", event_id=str(claimed.event_id), attempt=claimed.attempts, error=why
            )
            return why
        return None

    async def _record(self, outcomes: list[tuple[Claimed, str | None]]) -> None:
        """Write down what became of a batch, however long the database is away; else it would be told again."""
        pause = 0.1
        while True:
            try:
                states = Counts(await self._queue.finish(outcomes))
            except Unavailable:
                if self.stopping:
                    log.warning("Stopped before deliveries were recorded: they repeat", count=len(outcomes))
                    return
                await self._rest(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                states["late"] = len(outcomes) - states.total()
                for state, count in states.items():
                    self._deliveries.labels(OUTCOMES[state]).inc(count)
                return

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        self._wake.clear()
