"""Load over HTTP: a fixed number of connections, each of which sends the next request after each response."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from bench.processes import output_of

CONNECTIONS = 8
HERE = Path(__file__).parent
NO_HEADERS: Mapping[str, str] = {}


class Load(NamedTuple):
    """The result of one run."""

    requests: int
    seconds: float
    p99_ms: float
    failed: int
    """Responses other than 2xx and 3xx, and broken connections."""


class Generator(Protocol):
    """A program that sends requests."""

    def __call__(self, log: Path, url: str, seconds: int, *, headers: Mapping[str, str] = NO_HEADERS) -> Load:
        """Send requests to a URL for a number of seconds; the output of the program goes to `log`."""
        ...


def wrk(log: Path, url: str, seconds: int, *, headers: Mapping[str, str] = NO_HEADERS) -> Load:
    """Use wrk with one thread."""
    options = [f"-c{CONNECTIONS}", f"-d{seconds}s", "-t1", "-s", str(HERE / "wrk_report.lua")]
    options += [f"-H{name}: {value}" for name, value in headers.items()]
    output = output_of(["wrk", *options, url], log, timeout=seconds + 30)
    return msgspec.json.decode(output.splitlines()[-1], type=Load)


def python(log: Path, url: str, seconds: int, *, headers: Mapping[str, str] = NO_HEADERS) -> Load:
    """Use the client in bench/client.py, for machines without wrk; it needs more CPU than wrk."""
    lines = [f"{name}: {value}" for name, value in headers.items()]
    command = [sys.executable, "-m", "bench.client", url, str(CONNECTIONS), str(seconds), *lines]
    output = output_of(command, log, timeout=seconds + 30)
    return msgspec.json.decode(output.splitlines()[-1], type=Load)


def generator() -> tuple[str, Generator]:
    """The best load generator on this machine, with its name."""
    return ("wrk", wrk) if shutil.which("wrk") else ("the Python client in bench/client.py", python)
