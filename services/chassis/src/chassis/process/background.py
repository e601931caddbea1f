"""Background tasks: each one is supervised. When it fails, that is logged and counted, and it is started again.

A task may also hang, and its metrics then keep their last values. So ages are exported as timestamps, which PromQL
subtracts from `time()`, and `Heartbeat` lets liveness detect a task that hangs.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from chassis.errors import Unavailable

log = structlog.get_logger()

Work = Callable[[], Awaitable[None]]

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
"""Seconds between a failure and the next start; the pause doubles from the first to the longest."""

STEADY_SECONDS = 60.0
"""A task that ran for this long before it failed is started again after the first pause."""

CANCELLED_AGAIN_SECONDS = 1.0
"""Time after which a task that goes on after its cancellation is cancelled again."""


class BackgroundTasks:
    """Runs the background tasks of a process, and keeps their metrics."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._failures = Counter(
            "background_task_failures",
            "Times a background task failed and was started again",
            ("task",),
            registry=registry,
        )
        self._succeeded = Gauge(
            "background_task_last_success_timestamp_seconds",
            "When a repeated background task last succeeded, in seconds since 1970; 0 if it never did",
            ("task",),
            registry=registry,
        )

    @asynccontextmanager
    async def running(self, name: str, work: Work) -> AsyncIterator[None]:
        """Run `work`, which should not return, until the end of the block; start it again whenever it ends."""
        self._failures.labels(name)
        async with _until_the_end(self._run(name, work)):
            yield

    @asynccontextmanager
    async def repeating(
        self, name: str, step: Work, seconds: float, *, retry_seconds: float | None = None
    ) -> AsyncIterator[None]:
        """Run `step` again and again until the end of the block.

        Args:
            name: name of the task.
            step: one run.
            seconds: pause after each run.
            retry_seconds: pause after a run that failed; None for the same.
        """
        self._failures.labels(name)
        self._succeeded.labels(name)
        async with _until_the_end(self._repeat(name, step, seconds, retry_seconds or seconds)):
            yield

    async def _run(self, name: str, work: Work) -> None:
        pause = FIRST_PAUSE
        while True:
            started = time.monotonic()
            try:
                await work()
            except Exception as error:  # noqa: BLE001  the task must be started again after any error
                self._failed(name, error)
            else:
                self._failed(name, RuntimeError("it returned"))
            if time.monotonic() - started > STEADY_SECONDS:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _repeat(self, name: str, step: Work, seconds: float, retry_seconds: float) -> None:
        while True:
            try:
                await step()
            except Exception as error:  # noqa: BLE001  the task must be started again after any error
                self._failed(name, error)
                await asyncio.sleep(retry_seconds)
            else:
                self._succeeded.labels(name).set_to_current_time()
                await asyncio.sleep(seconds)

    def _failed(self, name: str, error: Exception) -> None:
        self._failures.labels(name).inc()
        if isinstance(error, Unavailable):  # an outage of the database is logged once, by the pool
            log.debug("Background task failed", task=name, error=error.detail)
        else:
            log.error("Background task failed", task=name, exc_info=error)


class Heartbeat:
    """Lets liveness detect a loop that hangs.

    Args:
        name: name of the loop, for messages.
        seconds: longest time between two beats.
    """

    def __init__(self, name: str, seconds: float) -> None:
        self.name = name
        self.seconds = seconds
        self._last = time.monotonic()

    def beat(self) -> None:
        """Record that the loop is running."""
        self._last = time.monotonic()

    @property
    def silence(self) -> float:
        """Seconds since the last beat."""
        return time.monotonic() - self._last

    @property
    def alive(self) -> bool:
        """Whether the last beat was less than `seconds` ago."""
        return self.silence <= self.seconds


@asynccontextmanager
async def _until_the_end(work: Awaitable[None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        # `asyncio.wait_for` of Python 3.11 loses a cancellation if its result arrives at the same moment
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=CANCELLED_AGAIN_SECONDS)
