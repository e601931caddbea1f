"""`bench/run`: run all benchmarks, and write the tables in docs/performance.md."""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench import access, bookkeeping, environment, load, machine, one_row, paged_feed, pages, tables
from bench.errors import BenchError

PAGE = environment.ROOT / "docs" / "performance.md"


class Extent(NamedTuple):
    """The size of the measurements."""

    seconds: int
    """Seconds of load for each server in each round."""
    rounds: int
    pages: int
    page_requests: int
    """Number of requests for each page for people."""
    sizes: dict[int, int]
    """Number of rounds for each number of transactions."""


FULL = Extent(seconds=3, rounds=5, pages=1000, page_requests=40, sizes={100_000: 3, 1_000_000: 1})
QUICK = Extent(seconds=1, rounds=1, pages=40, page_requests=3, sizes={1000: 1})


def main() -> int:
    """Run the command and return the exit status."""
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="run small measurements as a trial, and write nothing"
    )
    parser.add_argument(
        "--only", choices=PARTS, help="run only this part, and print its table instead of writing it"
    )
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell may start this process with SIGINT ignored
        signal.signal(number, signal.default_int_handler)
    began = time.monotonic()

    def say(message: str) -> None:
        print(f"[{time.monotonic() - began:4.0f} s] {message}", file=sys.stderr, flush=True)

    try:
        sections = measure(QUICK if options.quick else FULL, options.only, say)
        print("\n\n".join(sections.values()))
        if not options.quick and not options.only:
            tables.write(PAGE, sections)
            say(f"written: {PAGE}")
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: stopped", file=sys.stderr)
        return 130
    return 0


def measure(extent: Extent, only: str | None, say: Callable[[str], None]) -> dict[str, str]:
    """The sections of the page, by name."""
    environment.name_missing_programs(say)
    name, generator = load.generator()
    sections = {"machine": machine.describe(name)}
    with tempfile.TemporaryDirectory(prefix="benchtop-bench-") as folder:
        for part, work in PARTS.items():
            if only in (None, part):
                sections[part] = work(Path(folder), extent, generator, say)
    return sections


def _one_row(folder: Path, extent: Extent, generator: load.Generator, say: Callable[[str], None]) -> str:
    venv = environment.peers(say)
    return one_row.report(one_row.run(folder, venv, generator, extent.seconds, extent.rounds, say))


def _paged_feed(folder: Path, extent: Extent, generator: load.Generator, say: Callable[[str], None]) -> str:
    return paged_feed.report(paged_feed.run(folder, generator, extent.pages, 3, say))


def _bookkeeping(folder: Path, extent: Extent, _: load.Generator, say: Callable[[str], None]) -> str:
    return bookkeeping.report(bookkeeping.run(folder, extent.sizes, say))


def _access(folder: Path, extent: Extent, generator: load.Generator, say: Callable[[str], None]) -> str:
    own = folder / "access"
    own.mkdir()
    return access.report(access.run(own, generator, extent.seconds * extent.rounds, say))


def _pages(folder: Path, extent: Extent, _: load.Generator, say: Callable[[str], None]) -> str:
    return pages.report(pages.run(folder, extent.page_requests, 5, say))


PARTS = {
    "pages": _pages,
    "one-row": _one_row,
    "access": _access,
    "feed": _paged_feed,
    "bookkeeping": _bookkeeping,
}


if __name__ == "__main__":
    sys.exit(main())
