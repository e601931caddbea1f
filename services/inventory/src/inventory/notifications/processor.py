"""The notification processor: claims notifications, delivers them and records the outcomes, until it is stopped.

One loop records outcomes and claims notifications for the free slots; deliveries run concurrently with it. A slot is in
use from the claim until the outcome is recorded. So if a worker is killed, at most the notifications in its slots are
delivered again.
"""

import asyncio
from collections import Counter as Counts
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

from chassis.errors import Unavailable
from chassis.process.background import Heartbeat
from inventory.notifications.queue import Channel, ChannelBroken, Claimed, NotificationQueue, Outcome
from inventory.notifications.slots import Slots

log = structlog.get_logger()

FIRST_CLAIM_PAUSE = 0.1
LONGEST_CLAIM_PAUSE = 5.0
"""Seconds between retries while the database cannot be reached; the pause doubles from the first to the longest."""

TURN_SECONDS = 5.0
"""The loop runs at least this often, for its heartbeat."""

OUTCOMES = ("delivered", "failed", "dead", "deferred", "late")
"""The outcomes that `inventory_deliveries_total` counts.

`failed` is retried. `dead` is not, because it failed for the eighth time. `deferred` is retried, and the failure does
not count, because the channel does not work in this process. `late` was not recorded, because the lease had ended.
"""


class Processor:
    """Delivers the due notifications of a queue through their channels.

    Args:
        queue: the queue.
        channels: how to deliver, by name.
        concurrency: maximum number of concurrent deliveries of one channel.
        poll_seconds: how often to look for due notifications when nothing wakes the processor.
        lease_seconds: how long a claim lasts; a delivery may take half of it.
        silence_seconds: how long the loop may make no progress before the process is not live.
        registry: where to register its metrics.
    """

    def __init__(
        self,
        queue: NotificationQueue,
        channels: Mapping[str, Channel],
        *,
        concurrency: int,
        poll_seconds: float,
        lease_seconds: float,
        silence_seconds: float,
        registry: CollectorRegistry,
    ) -> None:
        self._queue = queue
        self._slots = {name: Slots(name, channel, concurrency) for name, channel in channels.items()}
        self._poll_seconds = poll_seconds
        self._poll_at = 0.0
        self._delivery_seconds = lease_seconds / 2
        self._heartbeat = Heartbeat("notification processor", silence_seconds)
        self._outcomes: list[Outcome] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._stopping = False
        self._stopped = asyncio.Event()
        self._deliveries = Counter(
            "inventory_deliveries",
            "Deliveries by outcome: delivered; failed, and tried again; dead, after the eighth failure;"
            " deferred, because the channel does not work in the worker; late, because the lease had ended",
            ("outcome",),
            registry=registry,
        )
        for outcome in OUTCOMES:
            self._deliveries.labels(outcome)
        self._seconds = Histogram(
            "inventory_delivery_duration_seconds", "Time that one delivery took", registry=registry
        )

    @property
    def heartbeats(self) -> Sequence[Heartbeat]:
        """The heartbeats of the loop and of each channel."""
        return [self._heartbeat, *(slots.heartbeat for slots in self._slots.values())]

    def wake(self) -> None:
        """Look for due notifications now."""
        self._look(self._slots)
        self._changed.set()

    async def stop(self, seconds: float) -> None:
        """Claim nothing more; return when all held notifications are recorded, or after `seconds`."""
        self._stopping = True
        self._changed.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopped.wait()
        if self._held:
            log.warning(
                "Stopped before deliveries were recorded; these notifications are delivered again",
                count=len(self._held),
            )

    async def run(self) -> None:
        """Work until stopped, and then wait to be cancelled. While the database cannot be reached, retry."""
        pause = FIRST_CLAIM_PAUSE
        while not self._stopping or self._held:
            try:
                await self._turn()
            except Unavailable:  # the database has logged why
                rest = pause
                pause = min(pause * 2, LONGEST_CLAIM_PAUSE)
            else:
                rest = self._rest_seconds()
                pause = FIRST_CLAIM_PAUSE
            self._heartbeat.beat()
            with suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._changed.wait()
            self._changed.clear()
        self._stopped.set()
        await asyncio.Event().wait()

    @property
    def _held(self) -> list[int]:
        return [ident for slots in self._slots.values() for ident in slots.held]

    def _rest_seconds(self) -> float:
        if self._stopping:
            return TURN_SECONDS  # nothing is claimed any more; the end of a delivery wakes the loop
        now = asyncio.get_running_loop().time()
        until = [self._poll_at, *(slots.retry_at for slots in self._slots.values() if slots.retry_at > now)]
        return min(TURN_SECONDS, max(min(until) - now, 0))

    async def _turn(self) -> None:
        if self._outcomes:
            await self._record()
        if not self._stopping:
            await self._claim()

    async def _record(self) -> None:
        """Record the known outcomes. An outcome that cannot be recorded keeps its slot, and is recorded later."""
        outcomes = self._outcomes[:]
        states = await self._queue.finish(outcomes)
        del self._outcomes[: len(outcomes)]
        for outcome in outcomes:
            claimed = outcome.claimed
            del self._slots[claimed.channel].held[claimed.id]
            self._deliveries.labels(_counted(outcome, states.get(claimed.id))).inc()

    async def _claim(self) -> None:
        """Claim notifications for the free slots, and start their deliveries."""
        now = asyncio.get_running_loop().time()
        if now >= self._poll_at:
            self._poll_at = now + self._poll_seconds
            self._look(self._slots)
        free = {name: slots.free(now) for name, slots in self._slots.items() if slots.eager}
        wanted = {name: count for name, count in free.items() if count}
        if not wanted:
            return
        for name in wanted:
            self._slots[name].eager = False  # a wake-up that comes during the claim sets it again
        try:
            claimed = await self._queue.claim(wanted, self._held)
        except BaseException:
            self._look(wanted)
            raise
        for one in claimed:
            self._begin(one, now + self._delivery_seconds)
        taken = Counts(one.channel for one in claimed)
        self._look(
            name for name, count in wanted.items() if taken[name] == count
        )  # all slots were filled, so there may be more

    def _look(self, channels: Iterable[str]) -> None:
        for name in channels:
            self._slots[name].eager = True

    def _begin(self, claimed: Claimed, until: float) -> None:
        slots = self._slots[claimed.channel]
        slots.held[claimed.id] = claimed
        task = asyncio.create_task(self._deliver(slots, claimed, until))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, slots: Slots, claimed: Claimed, until: float) -> None:
        """Deliver once, until a time on the event loop's clock; the processor's loop records the outcome."""
        loop = asyncio.get_running_loop()
        outcome = Outcome(claimed, "The delivery was cancelled")
        try:
            if loop.time() < until:
                outcome = await self._try(slots, claimed, until)
            else:  # half of the lease has passed, because the process was suspended
                outcome = Outcome(
                    claimed,
                    "The delivery was not started, because half of the lease had passed",
                    counts=False,
                )
        finally:
            self._outcomes.append(outcome)
            self._changed.set()

    async def _try(self, slots: Slots, claimed: Claimed, until: float) -> Outcome:
        timeout = asyncio.timeout_at(until)
        try:
            with self._seconds.time():
                async with timeout:
                    await slots.channel.deliver(claimed)
        except ChannelBroken as error:
            slots.broke(asyncio.get_running_loop().time())
            return self._failed(Outcome(claimed, str(error), counts=False))
        except Exception as error:  # noqa: BLE001  any error of a channel is a failed delivery
            why = f"{type(error).__name__}: {error}"
            if timeout.expired():
                why = f"The delivery did not end within {self._delivery_seconds:g} s"
            slots.worked()
            return self._failed(Outcome(claimed, why))
        slots.worked()
        return Outcome(claimed, None)

    def _failed(self, outcome: Outcome) -> Outcome:
        claimed = outcome.claimed
        log.warning(
            "Delivery failed",
            event_id=str(claimed.event_id),
            notification_id=claimed.id,
            channel=claimed.channel,
            attempt=claimed.attempt,
            error=outcome.error,
        )
        return outcome


def _counted(outcome: Outcome, state: str | None) -> str:
    """The label under which an outcome is counted.

    Args:
        outcome: the outcome of the delivery.
        state: the new state of the notification; None if the lease had ended.
    """
    if state is None:
        return "late"
    if state == "pending":
        return "failed" if outcome.counts else "deferred"
    return state
