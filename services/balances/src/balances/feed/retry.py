"""Retries, with pauses that grow and have jitter, or that are as long as `Retry-After` says."""

import asyncio
import email.utils
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

FIRST_PAUSE = 0.25
"""Seconds before the first retry; each later pause is longer than the one before by the same factor."""
LAST_PAUSE = 0.25
"""The pause before the last attempt, as a share of the deadline."""

SHORTEST_PAUSE = 0.1
"""Minimum pause in seconds."""

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Transient(Exception):
    """An error after which a retry may succeed; `pause` is the number of seconds in the Retry-After header, or None."""

    def __init__(self, detail: str, pause: float | None = None) -> None:
        super().__init__(detail)
        self.pause = pause


class GaveUp(Exception):
    """All attempts failed, or there was no time for another one; the message names the reason."""


async def retry(
    operation: Callable[[], Awaitable[T]], *, attempts: int, deadline: float, seconds: float, what: str
) -> T:
    """Run an operation, retry it whenever it raises `Transient`, and return its result.

    Args:
        operation: the operation.
        attempts: maximum number of attempts, including the first.
        deadline: time on the event loop's clock after which no attempt starts.
        seconds: seconds from the start of all work on the feed to the deadline; the pauses depend on it.
        what: name of the operation, for the log.

    Raises:
        GaveUp: all attempts failed, or the next one could start only after the deadline.
    """
    for attempt in range(1, attempts + 1):
        try:
            return await operation()
        except Transient as fault:
            if attempt == attempts:
                raise GaveUp(f"{fault}, after {attempts} attempts") from fault
            left = max(0.0, deadline - asyncio.get_running_loop().time())
            own = min(
                jittered_pause(attempt, attempts, seconds), left / 2
            )  # a pause of our own must not exceed the deadline
            pause = max(SHORTEST_PAUSE, own if fault.pause is None else fault.pause)
            if pause >= left:
                raise GaveUp(
                    f"{fault}; to wait {pause:.1f} s is more than the {left:.1f} s left of the deadline"
                ) from fault
            logger.warning("%s: %s; trying again in %.1f s", what, fault, pause)
            await asyncio.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


def jittered_pause(attempt: int, attempts: int, seconds: float) -> float:
    """Seconds to wait after an attempt (counted from 1): a random part of its pause, at least half of it."""
    last = max(FIRST_PAUSE, LAST_PAUSE * seconds)
    pause = FIRST_PAUSE * (last / FIRST_PAUSE) ** (attempt / (attempts - 1))
    return random.uniform(pause / 2, pause)  # noqa: S311  jitter need not be secret


def retry_after(value: str | None) -> float | None:
    """The pause in a Retry-After header, which is a number or a date, in seconds; None if the header is invalid."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        date = email.utils.parsedate_to_datetime(value)
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        return max(0.0, (date - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):  # not a date, or not an existing one
        return None
