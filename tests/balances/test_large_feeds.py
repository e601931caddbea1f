"""Large feeds: what they compute stays off the event loop, and the deadline holds although it takes CPU time."""

import asyncio
import gzip
import time
from typing import Any

import pytest

from balances.errors import FeedUnreachable
from balances.feed import make_feed
from balances.reading import Attempt, read

ROW = b'{"Date":"2024-02-29","Ledger":"Office","Amount":"-1.50","Company":"STAPLES"}'


def large_pages(feeds: Any, pages: int, rows: int) -> Any:
    """The script of a feed of large pages, which come quickly: they are compressed."""
    body = gzip.compress(b",".join([ROW] * rows) + b"]}")

    def script(page: int, _: int) -> Any:
        if page > pages:
            return feeds.reply(404)
        head = gzip.compress(b'{"totalCount":%d,"page":%d,"transactions":[' % (pages * rows, page))
        return feeds.reply(body=head + body, headers=(("Content-Encoding", "gzip"),))

    return script


async def rows_of(attempt: Attempt) -> int:
    """How many rows there are."""
    rows = 0
    async for page in attempt:
        rows += len(page.transactions)
    return rows


async def longest_stall(until: asyncio.Event) -> float:
    """The longest that the event loop kept a task waiting that was ready to go on, in seconds."""
    longest = 0.0
    while not until.is_set():
        started = time.monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, time.monotonic() - started)
    return longest


def test_neither_the_event_loop_nor_the_deadline_waits_for_large_pages_to_be_decoded(feeds: Any) -> None:
    url = feeds.serve(large_pages(feeds, pages=30, rows=200_000)).url

    async def check() -> float:
        done = asyncio.Event()
        stall = asyncio.create_task(longest_stall(done))
        with pytest.raises(FeedUnreachable, match="not read whole within 2 s; last seen: page"):
            await read(make_feed(url, deadline=2), rows_of)
        done.set()
        return await stall

    started = time.monotonic()
    stall = asyncio.run(check())
    took = time.monotonic() - started
    assert stall < 0.8, (stall, took)
    assert took < 4.5, (stall, took)
