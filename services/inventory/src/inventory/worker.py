"""The worker's application: the processor, with liveness, readiness and metrics around it."""

import math
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry, Gauge
from starlette.applications import Starlette

from chassis.database.pool import Database
from chassis.process.background import BackgroundTasks
from chassis.web.app import create_app
from inventory.common import idempotency
from inventory.notifications.channels.log_line import JsonLine, PlainLine
from inventory.notifications.processor import Processor
from inventory.notifications.queue import NotificationQueue
from inventory.notifications.wakeup import listen
from inventory.settings import SCHEMA, SERVICE, InventorySettings
from inventory.violations import VIOLATIONS

MEASURE_SECONDS = 5.0
"""Seconds between two measurements of the queue."""

PRUNE_SECONDS = 600.0
"""Seconds between two deletions of expired idempotency keys."""

CLOCK_SECONDS = 30.0
"""Seconds between two checks whether the database's clock was set back."""

SILENCE_SECONDS = 60.0
"""Maximum time without progress of the processor before liveness fails, in seconds; waiting for the database does not
count."""


def create(settings: InventorySettings) -> Starlette:
    """The worker's application."""
    registry = CollectorRegistry()
    database = Database(settings, SCHEMA, VIOLATIONS)
    tasks = BackgroundTasks(registry)
    queue = NotificationQueue(database, settings.worker_lease_seconds)
    processor = Processor(
        queue,
        {"log": JsonLine() if settings.log_format == "json" else PlainLine()},
        concurrency=settings.worker_concurrency,
        poll_seconds=settings.worker_poll_seconds,
        lease_seconds=settings.worker_lease_seconds,
        silence_seconds=SILENCE_SECONDS + 4 * settings.database_timeout_seconds,
        registry=registry,
    )
    gauges = DepthGauges(queue, registry)
    prune = partial(idempotency.prune, database)

    @asynccontextmanager
    async def resources() -> AsyncIterator[Mapping[str, Any]]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(database.opened())
            await stack.enter_async_context(tasks.repeating("queue gauges", gauges.measure, MEASURE_SECONDS))
            await stack.enter_async_context(tasks.repeating("queue pruning", prune, PRUNE_SECONDS))
            await stack.enter_async_context(tasks.repeating("queue clock", queue.reschedule, CLOCK_SECONDS))
            await stack.enter_async_context(tasks.running("notification processor", processor.run))
            if settings.worker_listen:
                hear = partial(listen, settings.database_url, SCHEMA, processor.wake)
                await stack.enter_async_context(tasks.running("queue listener", hear))
            stack.push_async_callback(processor.stop, settings.shutdown_seconds)
            yield {}

    return create_app(
        SERVICE,
        settings,
        resources=resources,
        database=database,
        heartbeats=processor.heartbeats,
        registry=registry,
        background=tasks,
    )


class DepthGauges:
    """Gauges of how full the queue is; NaN while the database cannot be read."""

    def __init__(self, queue: NotificationQueue, registry: CollectorRegistry) -> None:
        self._queue = queue
        self._count = Gauge(
            "inventory_notifications",
            "Notifications that are not done, by state",
            ("state",),
            registry=registry,
        )
        self._oldest = Gauge(
            "inventory_notification_oldest_timestamp_seconds",
            "When the notification that waits the longest was queued, in seconds since 1970; 0 if none waits",
            registry=registry,
        )
        self._show(math.nan, math.nan, math.nan)

    async def measure(self) -> None:
        """Measure once."""
        try:
            depth = await self._queue.depth()
        except BaseException:
            self._show(math.nan, math.nan, math.nan)
            raise
        # On this machine's clock, like the other timestamps that the process exports
        self._show(depth.pending, depth.dead, time.time() - depth.oldest_seconds if depth.pending else 0)

    def _show(self, pending: float, dead: float, oldest: float) -> None:
        self._count.labels("pending").set(pending)
        self._count.labels("dead").set(dead)
        self._oldest.set(oldest)
