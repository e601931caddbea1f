"""Sorting in parts, so that other threads can run: one call of `sorted` on many items would block the event loop."""

import heapq
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T", bound=Any)

AT_ONCE = 20_000
"""How many items are sorted in one call, which takes some milliseconds."""


def in_order(items: Iterable[T]) -> Iterator[T]:
    """The items in ascending order."""
    rest = iter(items)
    parts = []
    while part := sorted(islice(rest, AT_ONCE)):
        parts.append(part)
    return heapq.merge(*parts) if len(parts) > 1 else iter(parts[0] if parts else ())
