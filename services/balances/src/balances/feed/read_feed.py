"""Reading a feed: completely and consistently, or not at all.

A feed whose pages contradict each other is read again from page 1, a few times, because it may have changed while it
was read. A directory is read only once, because its files do not change by themselves.

Two kinds of changes cannot be noticed: as many rows inserted as deleted between two requests while page 1 stays the
same, and a few rows that are on two pages (see `overlaps`).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from balances.feed.attempt import Attempt
from balances.feed.errors import FeedInconsistent, FeedUnreachable
from balances.feed.in_flight import InFlight
from balances.feed.proof import Proof
from balances.feed.settings import Feed
from balances.feed.source import Source, open_source

MOST_ATTEMPTS = 3

T = TypeVar("T")
logger = logging.getLogger(__name__)


async def read_feed(feed: Feed, consume: Callable[[Attempt], Awaitable[T]]) -> tuple[T, Proof]:
    """Read all pages of a feed. Return the result of `consume`, and the proof that `consume` received all pages.

    Args:
        feed: which feed to read, and its limits.
        consume: iterates over the pages of an attempt, and returns a result. If the pages of the attempt are
            inconsistent, `consume` is called again with a new attempt, so it must discard everything from an attempt
            that raised an error. The feed's deadline includes the time that `consume` takes, unless `consume` blocks
            the event loop.

    Raises:
        FeedUnreachable: there was no response, or the feed was not read within its deadline.
        FeedInvalid: the feed is not complete, consistent and valid.
    """
    deadline = asyncio.get_running_loop().time() + feed.deadline
    in_flight = InFlight()
    last_event = "nothing"
    limit = asyncio.timeout_at(deadline)
    try:
        async with limit, open_source(feed, deadline, in_flight) as source:
            try:
                return await _first_consistent(feed, source, in_flight, consume)
            finally:
                last_event = source.last_event
    except TimeoutError as error:
        if not limit.expired():
            raise
        detail = f"not read completely within {feed.deadline:g} s; last event: {last_event}"
        raise FeedUnreachable(feed.name, detail) from error


async def _first_consistent(
    feed: Feed, source: Source, in_flight: InFlight, consume: Callable[[Attempt], Awaitable[T]]
) -> tuple[T, Proof]:
    """The result of `consume` for the first attempt that is consistent."""
    attempts = MOST_ATTEMPTS if feed.remote else 1
    for number in range(1, attempts + 1):
        attempt = Attempt(feed, source, in_flight)
        try:
            return await consume(attempt), attempt.proof()
        except FeedInconsistent as error:
            if number == attempts:
                if attempts == 1:
                    raise
                detail = f"{error.detail} (the last of {attempts} attempts)"
                raise FeedInconsistent(feed.name, detail, error.place) from error
            logger.warning("%s; reading again from page 1", error)
        finally:
            await attempt.close()
    raise AssertionError("the last attempt returns or raises")
