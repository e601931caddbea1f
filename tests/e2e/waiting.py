"""Wait for a condition, and report the last state if it does not become true."""

import time
from collections.abc import Callable
from typing import TypeVar

import httpx
import pytest

T = TypeVar("T")


class NotYet(Exception):
    """The condition is not true yet; the message describes the present state."""


def until(what: str, look: Callable[[], T], *, seconds: float, every: float = 0.25) -> T:
    """Repeat `look` until it raises neither `NotYet` nor a transport error, and return its result."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return look()
        except (NotYet, httpx.TransportError) as error:
            seen = error
        if time.monotonic() > deadline:
            pytest.fail(f"not true within {seconds:g} s: {what}. Last state: {type(seen).__name__}: {seen}")
        time.sleep(every)
