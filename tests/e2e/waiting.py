"""Wait for a condition, and say what was seen instead when it does not come."""

import time
from collections.abc import Callable
from typing import TypeVar

import httpx
import pytest

T = TypeVar("T")


class NotYet(Exception):
    """What was seen instead of what is waited for."""


def until(what: str, look: Callable[[], T], *, seconds: float, every: float = 0.25) -> T:
    """What `look` returns, as soon as it does not raise `NotYet`, or that nothing answers."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return look()
        except (NotYet, httpx.TransportError) as error:
            seen = error
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:g} s: {what}. Last seen: {type(seen).__name__}: {seen}")
        time.sleep(every)
