"""Trying again: pauses that grow over a part of the deadline, with jitter, or what the other side asks for."""

import asyncio
import email.utils
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

FIRST_PAUSE = 0.25
LAST_PAUSE = 0.25
"""The pause before the last attempt, as a part of the deadline; those between grow from the first by equal factors."""

SHORTEST_PAUSE = 0.1

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Transient(Exception):
    """A fault that may pass; `pause` is how many seconds the other side asks to wait."""

    def __init__(self, detail: str, pause: float | None = None) -> None:
        super().__init__(detail)
        self.pause = pause


class GaveUp(Exception):
    """The fault did not pass in the attempts or the time there were; the text says so."""


async def retry(
    operation: Callable[[], Awaitable[T]], *, attempts: int, deadline: float, seconds: float, what: str
) -> T:
    """The operation's result, trying again whenever it raises `Transient`.

    Args:
        operation: what to try.
        attempts: how often at most.
        deadline: in the loop's time; no attempt starts after it.
        seconds: how long there is in all; the pauses are a part of it.
        what: what is tried, for the log.

    Raises:
        GaveUp: after `attempts`, or where the next could only start after `deadline`.
    """
    for attempt in range(1, attempts + 1):
        try:
            return await operation()
        except Transient as fault:
            if attempt == attempts:
                raise GaveUp(f"{fault}, after {attempts} attempts") from fault
            left = max(0.0, deadline - asyncio.get_running_loop().time())
            own = min(jittered_pause(attempt, attempts, seconds), left / 2)  # no reason to give up by itself
            pause = max(SHORTEST_PAUSE, own if fault.pause is None else fault.pause)
            if pause >= left:
                raise GaveUp(
                    f"{fault}; to wait {pause:.1f} s is more than the {left:.1f} s left of the deadline"
                ) from fault
            logger.warning("%s: %s; trying again in %.1f s", what, fault, pause)
            await asyncio.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


def jittered_pause(attempt: int, attempts: int, seconds: float) -> float:
    """Seconds to wait after the n-th of so many attempts: between half of its pause and all of it."""
    last = max(FIRST_PAUSE, LAST_PAUSE * seconds)
    pause = FIRST_PAUSE * (last / FIRST_PAUSE) ** (attempt / (attempts - 1))
    return random.uniform(pause / 2, pause)  # noqa: S311  jitter is no secret


def retry_after(value: str | None) -> float | None:
    """The seconds that a Retry-After header asks for, given as a number or a date; None if unreadable."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        date = email.utils.parsedate_to_datetime(value)
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        return max(0.0, (date - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):  # no date, or one that no calendar has
        return None
