"""The worker's application: the processor, with liveness, readiness and metrics around it."""

import asyncio
import math
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from prometheus_client import CollectorRegistry, Gauge
from starlette.applications import Starlette

from chassis.app import create_app
from chassis.database import Database
from chassis.errors import Unavailable
from inventory.app import SCHEMA, SERVICE, InventorySettings
from inventory.log_line import JsonLine, PlainLine
from inventory.notification_queue import NotificationQueue
from inventory.processor import Processor
from inventory.violations import VIOLATIONS
from inventory.wakeup import listen

MEASURE_SECONDS = 5.0


def create(settings: InventorySettings) -> Starlette:
    """The worker's application. Its `state.processor_died` says whether the processor ended by itself."""
    registry = CollectorRegistry()
    database = Database(settings, SCHEMA, VIOLATIONS)
    queue = NotificationQueue(database, settings.worker_batch, settings.worker_lease_seconds)
    processor = Processor(
        queue,
        {"log": JsonLine() if settings.log_format == "json" else PlainLine()},
        poll_seconds=settings.worker_poll_seconds,
        lease_seconds=settings.worker_lease_seconds,
        registry=registry,
    )
    gauges = DepthGauges(registry)

    def ended(_: asyncio.Task[None]) -> None:
        if not processor.stopping:
            app.state.processor_died = True
            signal.raise_signal(signal.SIGTERM)  # a worker that does not work must not look alive

    @asynccontextmanager
    async def resources() -> AsyncIterator[Mapping[str, Any]]:
        async with database.opened():
            beside = [asyncio.create_task(gauges.keep(queue))]
            if settings.worker_listen:
                beside.append(asyncio.create_task(listen(settings.database_url, SCHEMA, processor.wake)))
            work = asyncio.create_task(processor.run())
            work.add_done_callback(ended)
            try:
                yield {}
            finally:
                processor.stop()
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)
                await work

    app = create_app(SERVICE, settings, resources=resources, database=database, registry=registry)
    app.state.processor_died = False
    return app


class DepthGauges:
    """How full the queue is, read every few seconds; NaN while the database cannot say."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._count = Gauge(
            "inventory_notifications",
            "Notifications that are not done, by state",
            ("state",),
            registry=registry,
        )
        self._oldest = Gauge(
            "inventory_notification_oldest_seconds",
            "How long the notification that waits the longest has waited",
            registry=registry,
        )
        self._show(math.nan, math.nan, math.nan)

    async def keep(self, queue: NotificationQueue) -> None:
        """Read again and again."""
        while True:
            try:
                depth = await queue.depth()
            except Unavailable:
                self._show(math.nan, math.nan, math.nan)
            else:
                self._show(depth.pending, depth.dead, depth.oldest_seconds)
            await asyncio.sleep(MEASURE_SECONDS)

    def _show(self, pending: float, dead: float, oldest_seconds: float) -> None:
        self._count.labels("pending").set(pending)
        self._count.labels("dead").set(dead)
        self._oldest.set(oldest_seconds)
