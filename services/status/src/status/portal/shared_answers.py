"""Answers that concurrent requests share, so that many open pages do not mean many requests to the services.

Only requests with the same credential share an answer.
"""

import asyncio
import datetime as dt
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

import msgspec

from status.portal.credential import Credential
from status.portal.services import NoAnswer, Refused

T = TypeVar("T")

SHARED_SECONDS = 1.0
"""How long an answer, or the failure to get one, is used for further requests."""

MOST_CREDENTIALS = 100
"""Number of credentials whose last answers are kept."""

logger = logging.getLogger(__name__)


class Answer(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """The answer to a question, or why there is none."""

    value: T | None = None
    problem: str = ""
    """A sentence; empty if there is a value."""
    refused: bool = False
    """Whether the service answers, but not to this person."""
    at: dt.datetime
    last_good: dt.datetime | None = None
    """When this process last got an answer, for whomever."""


class _Asked(Generic[T]):
    """A question that was asked with one credential."""

    def __init__(self, task: asyncio.Task[Answer[T]]) -> None:
        self.task = task
        self.finished = 0.0
        task.add_done_callback(self._finish)

    def _finish(self, _: object) -> None:
        self.finished = time.monotonic()

    @property
    def usable(self) -> bool:
        """Whether the answer is on its way, or is new enough."""
        return not self.task.done() or time.monotonic() - self.finished < SHARED_SECONDS


class SharedAnswers(Generic[T]):
    """Asks a question at most once at a time for each credential.

    Args:
        name: what is asked for, for the log.
        ask: asks the services; raises `NoAnswer`.
    """

    def __init__(self, name: str, ask: Callable[[Credential], Awaitable[T]]) -> None:
        self._name = name
        self._ask = ask
        self._asked: OrderedDict[bytes, _Asked[T]] = OrderedDict()
        self._tasks: set[asyncio.Task[Answer[T]]] = set()
        self._last_good: dt.datetime | None = None
        self._failed = False

    async def get(self, credential: Credential) -> Answer[T]:
        """The answer: that of the request under way, one of the last second, or a new one."""
        key = credential.digest
        asked = self._asked.get(key)
        if asked is None or not asked.usable:
            task = asyncio.create_task(self._new(credential))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            asked = self._asked[key] = _Asked(task)
            self._asked.move_to_end(key)
            if len(self._asked) > MOST_CREDENTIALS:
                self._asked.popitem(last=False)
        # A browser that goes away must not cancel the request of the others
        return await asyncio.shield(asked.task)

    async def stop(self) -> None:
        """Cancel the requests under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, Exception):
                await task

    async def _new(self, credential: Credential) -> Answer[T]:
        try:
            value = await self._ask(credential)
        except Refused as error:
            self._report("")
            return Answer(
                problem=str(error), refused=True, at=dt.datetime.now(dt.UTC), last_good=self._last_good
            )
        except NoAnswer as error:
            self._report(str(error))
            return Answer(problem=str(error), at=dt.datetime.now(dt.UTC), last_good=self._last_good)
        self._report("")
        self._last_good = dt.datetime.now(dt.UTC)
        return Answer(value=value, at=self._last_good, last_good=self._last_good)

    def _report(self, problem: str) -> None:
        """Log the first failure, and the first answer after it."""
        if problem and not self._failed:
            logger.warning("No answer for the portal (%s): %s", self._name, problem)
        elif self._failed and not problem:
            logger.warning("The portal has an answer again (%s)", self._name)
        self._failed = bool(problem)
