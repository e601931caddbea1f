"""Queues, processors and channels for the tests."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry

from chassis.database.pool import Database
from inventory.notifications.processor import Processor
from inventory.notifications.queue import Channel, Claimed, NotificationQueue, Outcome
from inventory.settings import SCHEMA, InventorySettings
from inventory.violations import VIOLATIONS

Sql = Callable[..., list[tuple[Any, ...]]]
T = TypeVar("T")

STATE = "select state, attempts, last_error from notification order by id"
FILL = """
with new as (
    insert into event (user_id, description) select 'ada', 'Event ' || n from generate_series(1, %s) as n returning id
)
insert into notification (event_id, channel) select id, %s from new
"""


def with_queue(url: str, work: Callable[[NotificationQueue], Awaitable[T]], lease_seconds: float = 30) -> T:
    """Run `work` with a queue on a database."""

    async def run() -> T:
        async with Database(
            InventorySettings(access="open", database_url=url), SCHEMA, VIOLATIONS
        ).opened() as database:
            return await work(NotificationQueue(database, lease_seconds))

    return asyncio.run(run())


def delivered(claimed: list[Claimed]) -> list[Outcome]:
    """The outcomes when all deliveries succeeded."""
    return [Outcome(one, None) for one in claimed]


def failed(claimed: list[Claimed]) -> list[Outcome]:
    """The outcomes when all deliveries failed."""
    return [Outcome(one, "No paper") for one in claimed]


class Paper:
    """A channel that keeps the texts it delivered, and fails as often as told."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.told: list[str] = []
        self.tries: Counter[int] = Counter()

    async def deliver(self, notification: Claimed) -> None:
        """Deliver, or fail."""
        self.tries[notification.id] += 1
        if self.failures:
            self.failures -= 1
            raise OSError("No paper\0\ud800" + "!" * 2000)
        self.told.append(notification.description)


class Hanging(Paper):
    """A channel that takes much longer than any lease."""

    async def deliver(self, notification: Claimed) -> None:
        """Try for an hour."""
        self.tries[notification.id] += 1
        await asyncio.sleep(3600)


@asynccontextmanager
async def processing(
    queue: NotificationQueue,
    channels: Mapping[str, Channel],
    *,
    concurrency: int = 10,
    lease_seconds: float = 30,
    registry: CollectorRegistry | None = None,
) -> AsyncIterator[Processor]:
    """Let a processor work until the end of the block."""
    processor = Processor(
        queue,
        channels,
        concurrency=concurrency,
        poll_seconds=0.02,
        lease_seconds=lease_seconds,
        silence_seconds=60,
        registry=registry or CollectorRegistry(),
    )
    running = asyncio.create_task(processor.run())
    try:
        yield processor
        await processor.stop(20)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until(done: Callable[[], object], seconds: float = 20) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(seconds):
        while not done():  # noqa: ASYNC110  what is waited for is in the database
            await asyncio.sleep(0.01)
