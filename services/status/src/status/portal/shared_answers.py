"""Answers that concurrent requests share, so that many open pages do not mean many requests to the services."""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

import msgspec

from status.portal.services import NoAnswer

T = TypeVar("T")

SHARED_SECONDS = 1.0
"""How long an answer, or the failure to get one, is used for further requests."""

logger = logging.getLogger(__name__)


class Answer(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """The answer to a question, or why there is none."""

    value: T | None = None
    problem: str = ""
    """A sentence; empty if there is a value."""
    at: dt.datetime
    last_good: dt.datetime | None = None
    """When this process last got an answer."""


class SharedAnswer(Generic[T]):
    """Asks a question at most once at a time.

    Args:
        name: what is asked for, for the log.
        ask: asks the services; raises `NoAnswer`.
    """

    def __init__(self, name: str, ask: Callable[[], Awaitable[T]]) -> None:
        self._name = name
        self._ask = ask
        self._task: asyncio.Task[Answer[T]] | None = None
        self._finished = 0.0
        self._last_good: dt.datetime | None = None
        self._failed = False

    async def get(self) -> Answer[T]:
        """The answer: that of the request under way, one of the last second, or a new one."""
        if self._task is None or (self._task.done() and time.monotonic() - self._finished >= SHARED_SECONDS):
            self._task = asyncio.create_task(self._new())
        # A browser that goes away must not cancel the request of the others
        return await asyncio.shield(self._task)

    async def stop(self) -> None:
        """Cancel the request under way."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._task

    async def _new(self) -> Answer[T]:
        try:
            value = await self._ask()
        except NoAnswer as error:
            self._report(str(error))
            return Answer(problem=str(error), at=dt.datetime.now(dt.UTC), last_good=self._last_good)
        else:
            self._report("")
            self._last_good = dt.datetime.now(dt.UTC)
            return Answer(value=value, at=self._last_good, last_good=self._last_good)
        finally:
            self._finished = time.monotonic()

    def _report(self, problem: str) -> None:
        """Log the first failure, and the first answer after it."""
        if problem and not self._failed:
            logger.warning("No answer for the portal (%s): %s", self._name, problem)
        elif self._failed and not problem:
            logger.warning("The portal has an answer again (%s)", self._name)
        self._failed = bool(problem)
