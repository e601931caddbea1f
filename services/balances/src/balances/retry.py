"""Trying again: exponential pauses with full jitter, or what the other side asks for, within a deadline."""

import asyncio
import email.utils
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Transient(Exception):
    """A fault that may pass; `pause` is how many seconds the other side asks to wait."""

    def __init__(self, detail: str, pause: float | None = None) -> None:
        super().__init__(detail)
        self.pause = pause


class GaveUp(Exception):
    """The fault did not pass in the attempts or the time there were; the text says so."""


async def retry(operation: Callable[[], Awaitable[T]], *, attempts: int, deadline: float, what: str) -> T:
    """The operation's result, trying again whenever it raises `Transient`.

    Raises:
        GaveUp: after `attempts`, or where the next could only start after `deadline` (in the loop's time).
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            return await operation()
        except Transient as fault:
            if attempt == attempts:
                raise GaveUp(f"{fault}, after {attempts} attempts") from fault
            pause = fault.pause
            if pause is None:
                longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))
                pause = random.uniform(0, longest)  # noqa: S311  jitter is no secret
            left = max(0.0, deadline - asyncio.get_running_loop().time())
            if pause >= left:
                raise GaveUp(
                    f"{fault}; to wait {pause:.1f} s is more than the {left:.1f} s left of the deadline"
                ) from fault
            logger.warning("%s: %s; trying again in %.1f s", what, fault, pause)
            await asyncio.sleep(pause)


def retry_after(value: str | None) -> float | None:
    """The seconds that a Retry-After header asks for, given as a number or a date; None if unreadable."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        date = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
