"""Large feeds: they do not block the event loop, the deadline is observed, and memory is limited."""

import asyncio
import gzip
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.balances.feed_server import Feeds

from balances.feed.attempt import Attempt
from balances.feed.errors import FeedUnreachable
from balances.feed.read_feed import read_feed
from balances.feed.settings import FeedSettings, make_feed
from balances.settings import SCHEMA, BalancesSettings
from balances.store.refresh import refresh
from chassis.database.pool import Database

ROW = b'{"Date":"2024-02-29","Ledger":"Office","Amount":"-1.50","Company":"STAPLES"}'


def large_pages(feeds: Feeds, pages: int, rows: int) -> Any:
    """The script of a feed with large pages, compressed so that they arrive quickly."""
    body = gzip.compress(b",".join([ROW] * rows) + b"]}")

    def script(page: int, _: int) -> Any:
        if page > pages:
            return feeds.reply(404)
        head = gzip.compress(b'{"totalCount":%d,"page":%d,"transactions":[' % (pages * rows, page))
        return feeds.reply(body=head + body, headers=(("Content-Encoding", "gzip"),))

    return script


async def rows_of(attempt: Attempt) -> int:
    """How many rows the feed has."""
    rows = 0
    async for page in attempt:
        rows += len(page.transactions)
    return rows


async def longest_stall(until: asyncio.Event) -> float:
    """The longest time, in seconds, for which the event loop was blocked before `until` was set."""
    longest = 0.0
    while not until.is_set():
        started = time.monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, time.monotonic() - started)
    return longest


def test_decoding_large_pages_blocks_neither_the_event_loop_nor_the_deadline(feeds: Feeds) -> None:
    url = feeds.serve(large_pages(feeds, pages=200, rows=200_000)).url

    async def check() -> float:
        done = asyncio.Event()
        stall = asyncio.create_task(longest_stall(done))
        with pytest.raises(FeedUnreachable, match="not read completely within 2 s; last event: page"):
            await read_feed(make_feed(url, deadline=2, max_bytes=1 << 33), rows_of)
        done.set()
        return await stall

    started = time.monotonic()
    stall = asyncio.run(check())
    took = time.monotonic() - started
    assert stall < 0.8, (stall, took)
    assert took < 10, (stall, took)  # all pages would take a minute


def different_rows(i: int) -> bytes:
    """A row with a vendor and category of its own, and the same amount and date as one other row."""
    return b'{"Date":"%04d-01-01","Ledger":"%06x","Amount":"%d","Company":"%06x AB"}' % (
        i % 9000 + 1,
        i,
        i // 2,
        i,
    )


def pages_of(feeds: Feeds, row: Callable[[int], bytes], rows: int, pages: int) -> Any:
    """The script of a feed with `rows` rows on each of its pages."""

    def script(page: int, _: int) -> Any:
        if page > pages:
            return feeds.reply(404)
        numbers = range((page - 1) * rows, page * rows)
        head = b'{"totalCount":%d,"page":%d,"transactions":[' % (pages * rows, page)
        return feeds.reply(body=head + b",".join(map(row, numbers)) + b"]}")

    return script


def different_vendors(i: int) -> bytes:
    """A row with a vendor of its own."""
    return b'{"Date":"2024-01-01","Ledger":"Office","Amount":"1.00","Company":"%06x VANCOUVER BC"}' % i


def test_a_refresh_of_300_000_rows_does_not_block_the_event_loop(
    feeds: Feeds, url: str, tmp_path: Path
) -> None:
    script = pages_of(feeds, different_vendors, rows=3000, pages=100)
    for page in range(1, 101):  # files, because a server would use CPU time of the process that is measured
        (tmp_path / f"{page}.json").write_bytes(script(page, 1).body)
    settings = BalancesSettings(
        access="open", database_url=url, feeds={"demo": FeedSettings(url=str(tmp_path))}
    )

    async def check() -> tuple[int, float]:
        done = asyncio.Event()
        async with Database(settings, SCHEMA, {}).opened() as database:
            stall = asyncio.create_task(longest_stall(done))
            proof = await refresh(database, settings.named_feeds["demo"])
            done.set()
            return proof.rows, await stall

    rows, stall = asyncio.run(check())
    assert rows == 300_000
    assert stall < 1.2, stall


def test_the_largest_refresh_stays_within_the_memory_limit_of_the_pod(feeds: Feeds, url: str) -> None:
    server = feeds.serve(pages_of(feeds, different_rows, rows=190_000, pages=3))
    demo = {"url": server.url, "deadline": 300, "read_timeout": 120}
    environment = os.environ | {
        "DATABASE_URL": url,
        "FEEDS": json.dumps({"demo": demo}),
        "LOG_LEVEL": "error",
    }
    process = psutil.Popen([str(Path(sys.executable).parent / "balances"), "refresh"], env=environment)
    most = 0
    while process.poll() is None:
        with suppress(psutil.Error):
            most = max(most, process.memory_info().rss)
        time.sleep(0.02)
    assert process.returncode == 0
    assert server.sent > 0.9 * make_feed(server.url).max_bytes
    assert most < 512 * 2**20 * 0.9, most
