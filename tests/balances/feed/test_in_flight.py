"""Pages that wait to be processed use limited memory, and never block the page that is processed next."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from balances.feed.in_flight import InFlight


async def begun(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """A task that has run until it has to wait."""
    task = asyncio.create_task(work)
    await asyncio.sleep(0.01)
    return task


def test_bytes_over_the_limit_wait_until_another_page_is_released() -> None:
    async def check() -> None:
        flight = InFlight(limit=10)
        await flight.take(2, 6)
        third = await begun(flight.take(3, 6))
        assert (third.done(), flight.held) == (False, 6)
        flight.release(2)
        await third
        assert flight.held == 6

    asyncio.run(check())


def test_the_page_that_is_processed_next_never_waits() -> None:
    async def check() -> None:
        flight = InFlight(limit=10)
        await flight.take(2, 6)
        await flight.take(1, 6)
        third = await begun(flight.take(3, 6))
        assert not third.done()
        flight.turn(3)
        await third
        assert flight.held == 18

    asyncio.run(check())
