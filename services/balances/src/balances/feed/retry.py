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
"""Seconds that every pause takes at least."""

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Transient(Exception):
    """An error for which a retry may help; `pause` is how many seconds the server asks to wait, if it does."""

    def __init__(self, detail: str, pause: float | None = None) -> None:
        super().__init__(detail)
        self.pause = pause


class GaveUp(Exception):
    """All attempts failed, or there was no time for another one; the text says which."""


async def retry(
    operation: Callable[[], Awaitable[T]], *, attempts: int, deadline: float, seconds: float, what: str
) -> T:
    """The result of an operation, which is retried whenever it raises `Transient`.

    Args:
        operation: what to do.
        attempts: most attempts, the first included.
        deadline: in the time of the event loop; no attempt starts after it.
        seconds: seconds from the start of the whole work to its deadline; the pauses depend on it.
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
    """The seconds that a Retry-After header asks to wait, given as a number or a date; None if it is invalid."""
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
