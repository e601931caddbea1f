"""A feed of many slow pages: compare the time of balances with the lower bound for its window."""

import math
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.accounting import TOTAL, Balances
from bench.errors import BenchError
from bench.load import CONNECTIONS, Generator
from bench.processes import free_port, running, wait_until_answers
from bench.tables import goal, number, table
from bench.transactions import generate, write_pages
from bench.usage import Usage, measure

WINDOW = 8
"""Pages that balances requests at the same time, and connections of the load generator."""
PAGE_SECONDS = 0.02
ROWS_PER_PAGE = 10


class Result(NamedTuple):
    """The results; times are in seconds."""

    pages: int
    limit: float
    bare: float
    """Time of the load generator for the same number of requests."""
    start: float
    """Time to start and to read one page from a directory: mostly the start of Python."""
    runs: list[Usage]


def run(folder: Path, load: Generator, pages: int, rounds: int, say: Callable[[str], None]) -> Result:
    """Serve the pages with a delay, and read them with `balances total`."""
    if WINDOW != CONNECTIONS:
        raise BenchError("The load generator must use as many connections as balances does.")
    rows = pages * ROWS_PER_PAGE
    expected = Decimal(sum(row.cents for row in generate(rows))) / 100
    feed, one_page = folder / "paged", folder / "one_page"
    write_pages(generate(rows), rows, ROWS_PER_PAGE, feed)
    write_pages(generate(1), 1, 1, one_page)
    port, log = free_port(), folder / "feed.log"
    base = f"http://127.0.0.1:{port}"
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "bench.feed_server",
        feed,
        str(port),
        str(PAGE_SECONDS),
    ]
    runs = []
    with running(command, log) as process:
        wait_until_answers(f"{base}/1.json", process, log)
        asked = load(folder / "load.log", f"{base}/1.json", 2)
        start = _total(folder, str(one_page))[0].seconds
        for _ in range(rounds):
            used, total = _total(folder, base)
            if total != expected:
                raise BenchError(f"balances computes the total {total} for the feed, not {expected}.")
            runs.append(used)
            say(f"feed of {pages:,} pages: {number(used.seconds)} s")
    limit = math.ceil(pages / WINDOW) * PAGE_SECONDS
    return Result(pages, limit, pages * asked.seconds / asked.requests, start, runs)


def _total(folder: Path, feed: str) -> tuple[Usage, Decimal]:
    output = folder / "total.csv"
    program = Balances(folder)
    command = [feed if part == folder / "feed" else part for part in program.command(TOTAL)]
    used = measure(command, output, timeout=120)
    return used, program.read(TOTAL, output)[TOTAL]


def report(result: Result) -> str:
    """The table, and whether the goal is reached."""
    seconds = median(used.seconds for used in result.runs)
    cpu = median(used.cpu for used in result.runs)
    rows = [
        (
            f"limit: ⌈{result.pages:,} / {WINDOW}⌉ \N{MULTIPLICATION SIGN} {PAGE_SECONDS * 1000:g} ms",
            number(result.limit),
            "",
            "1",
        ),
        (
            f"{WINDOW} connections that only send requests",
            number(result.bare),
            "",
            number(result.bare / result.limit),
        ),
        (
            "`balances total --feed URL`, the whole command",
            number(seconds),
            number(cpu),
            number(seconds / result.limit),
        ),
        ("of which to start and read one page from a directory", number(result.start), "", ""),
    ]
    text = "at most 1.3 times the limit"
    return (
        table(("", "s", "CPU s", "÷ limit"), rows) + "\n\n" + goal(text, seconds / result.limit, at_most=1.3)
    )
