"""Load over HTTP: a fixed number of connections, each asking again as soon as it is answered."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.processes import output_of

CONNECTIONS = 8
HERE = Path(__file__).parent


class Load(NamedTuple):
    """What came of one run."""

    requests: int
    seconds: float
    p99_ms: float
    failed: int
    """Answers other than 2xx and 3xx, and broken connections."""


Generator = Callable[[Path, str, int], Load]
"""Asks a URL for that many seconds; the path is where its output may go."""


def wrk(log: Path, url: str, seconds: int) -> Load:
    """By wrk, with one thread."""
    options = [f"-c{CONNECTIONS}", f"-d{seconds}s", "-t1", "-s", str(HERE / "wrk_report.lua")]
    output = output_of(["wrk", *options, url], log, timeout=seconds + 30)
    return msgspec.json.decode(output.splitlines()[-1], type=Load)


def python(log: Path, url: str, seconds: int) -> Load:
    """By a client of our own, for machines without wrk; it costs more CPU than wrk does."""
    command = [sys.executable, "-m", "bench.client", url, str(CONNECTIONS), str(seconds)]
    output = output_of(command, log, timeout=seconds + 30)
    return msgspec.json.decode(output.splitlines()[-1], type=Load)


def generator() -> tuple[str, Generator]:
    """The best there is, with its name."""
    return ("wrk", wrk) if shutil.which("wrk") else ("the Python client in bench/client.py", python)
