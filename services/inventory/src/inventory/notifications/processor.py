"""The notification processor: claims, delivers, records, until it is told to stop.

One loop records what is known and claims for the free slots; deliveries run beside it. A slot is taken from the claim
until the outcome is recorded, so a worker that is killed repeats at most what its slots held.
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

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
"""Seconds between tries while the database is away; the pause doubles from the first to the longest."""

TURN_SECONDS = 5.0
"""The loop turns at least this often, for the heartbeats."""

OUTCOMES = ("delivered", "failed", "dead", "deferred", "late")
"""What `inventory_deliveries_total` counts.

`failed` is tried again; `dead` is not, after its eighth failure; `deferred` is tried again and does not count, because
the process's own end of the channel failed; `late` changed nothing, because the lease was no longer the worker's own.
"""


class Processor:
    """Delivers what is due in a queue by its channels.

    Args:
        queue: where notifications come from.
        channels: how to deliver, by name.
        concurrency: how many deliveries of one channel may be under way.
        poll_seconds: how often to look for work without being woken.
        lease_seconds: how long a claim lasts; a delivery may take half of it.
        silence_seconds: how long the loop may stand still before the process is not live.
        registry: where its metrics are.
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
            " deferred, because the worker's own end of the channel fails; late, because the lease had ended",
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
        """Of the loop, and of each channel."""
        return [self._heartbeat, *(slots.heartbeat for slots in self._slots.values())]

    def wake(self) -> None:
        """Look for work now."""
        self._look(self._slots)
        self._changed.set()

    async def stop(self, seconds: float) -> None:
        """Claim nothing more, and return when what is in hand is recorded, or after `seconds`."""
        self._stopping = True
        self._changed.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopped.wait()
        if self._in_hand:
            log.warning("Stopped before deliveries were recorded; they repeat", count=len(self._in_hand))

    async def run(self) -> None:
        """Work until stopped, and then wait to be cancelled. While the database is away, try again and again."""
        pause = FIRST_PAUSE
        while not self._stopping or self._in_hand:
            try:
                await self._turn()
            except Unavailable:  # the database has logged why
                rest = pause
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                rest = self._rest_seconds()
                pause = FIRST_PAUSE
            self._heartbeat.beat()
            with suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._changed.wait()
            self._changed.clear()
        self._stopped.set()
        await asyncio.Event().wait()

    @property
    def _in_hand(self) -> list[int]:
        return [ident for slots in self._slots.values() for ident in slots.in_hand]

    def _rest_seconds(self) -> float:
        if self._stopping:
            return TURN_SECONDS  # nothing is claimed any more; the end of a delivery ends the rest
        now = asyncio.get_running_loop().time()
        until = [self._poll_at, *(slots.retry_at for slots in self._slots.values() if slots.retry_at > now)]
        return min(TURN_SECONDS, max(min(until) - now, 0))

    async def _turn(self) -> None:
        if self._outcomes:
            await self._record()
        if not self._stopping:
            await self._claim()

    async def _record(self) -> None:
        """Write down what is known. What is not recorded stays in its slot, and is recorded by a later turn."""
        outcomes = self._outcomes[:]
        states = await self._queue.finish(outcomes)
        del self._outcomes[: len(outcomes)]
        for outcome in outcomes:
            claimed = outcome.claimed
            del self._slots[claimed.channel].in_hand[claimed.id]
            self._deliveries.labels(_counted(outcome, states.get(claimed.id))).inc()

    async def _claim(self) -> None:
        """Claim for the free slots, and begin to deliver."""
        now = asyncio.get_running_loop().time()
        if now >= self._poll_at:
            self._poll_at = now + self._poll_seconds
            self._look(self._slots)
        free = {name: slots.free(now) for name, slots in self._slots.items() if slots.eager}
        wanted = {name: count for name, count in free.items() if count}
        if not wanted:
            return
        for name in wanted:
            self._slots[name].eager = False  # a hint that comes from here on is not to be missed
        try:
            claimed = await self._queue.claim(wanted, self._in_hand)
        except BaseException:
            self._look(wanted)
            raise
        for one in claimed:
            self._begin(one, now + self._delivery_seconds)
        taken = Counts(one.channel for one in claimed)
        self._look(name for name, count in wanted.items() if taken[name] == count)  # there may be more

    def _look(self, channels: Iterable[str]) -> None:
        for name in channels:
            self._slots[name].eager = True

    def _begin(self, claimed: Claimed, until: float) -> None:
        slots = self._slots[claimed.channel]
        slots.in_hand[claimed.id] = claimed
        task = asyncio.create_task(self._deliver(slots, claimed, until))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, slots: Slots, claimed: Claimed, until: float) -> None:
        """Deliver once, until a time by the loop's clock; the loop records what became of it."""
        loop = asyncio.get_running_loop()
        outcome = Outcome(claimed, "The delivery was cancelled")
        try:
            if loop.time() < until:
                outcome = await self._try(slots, claimed, until)
            else:  # half of the lease has passed: the process stood still
                outcome = Outcome(claimed, "The worker came too late to begin", counts=False)
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
        except Exception as error:  # noqa: BLE001  whatever a channel raises, it did not deliver
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
    """What an outcome is counted as, by the state it left the notification in; None: another had it by then."""
    if state is None:
        return "late"
    if state == "pending":
        return "failed" if outcome.counts else "deferred"
    return state
