"""`bench/run`: measure side by side, and write the tables into docs/performance.md."""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench import bookkeeping, environment, load, machine, one_row, paged_feed, tables
from bench.errors import BenchError

PAGE = environment.ROOT / "docs" / "performance.md"


class Extent(NamedTuple):
    """How much to measure."""

    seconds: int
    """Of load, for each contender in each round."""
    rounds: int
    pages: int
    sizes: dict[int, int]
    """Rounds by the number of transactions."""


FULL = Extent(seconds=3, rounds=5, pages=1000, sizes={100_000: 3, 1_000_000: 1})
QUICK = Extent(seconds=1, rounds=1, pages=40, sizes={1000: 1})


def main() -> int:
    """Run by the arguments; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="only try it all out: small, and nothing is written"
    )
    parser.add_argument("--only", choices=PARTS, help="only this part; printed, not written")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell may have started us with SIGINT ignored
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


PARTS = {"one-row": _one_row, "feed": _paged_feed, "bookkeeping": _bookkeeping}


if __name__ == "__main__":
    sys.exit(main())
