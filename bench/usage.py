"""Time, CPU and memory of one run of a command."""

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.errors import BenchError
from bench.processes import output_of

WAIT4 = Path(__file__).with_name("wait4.py")


class Usage(NamedTuple):
    """The resources that one run used."""

    status: int
    seconds: float
    cpu: float
    """User and system CPU time in seconds."""
    mib: float
    """Peak resident memory in MiB."""


class TookTooLong(BenchError):
    """The command exceeded its time limit and was ended."""


def measure(command: Sequence[str | Path], output: Path, *, timeout: int) -> Usage:
    """Run a command to its end, with its standard output in a file.

    Raises:
        TookTooLong: after `timeout` seconds.
        BenchError: it failed; the message has its error output.
    """
    log = output.with_suffix(".log")
    wrapped = [sys.executable, "-I", "-S", WAIT4, str(timeout), output, *command]
    said = output_of(wrapped, log, timeout=timeout + 30)
    usage = msgspec.json.decode(said.splitlines()[-1], type=Usage)
    if usage.status == -signal.SIGKILL and usage.seconds >= timeout:
        raise TookTooLong(f"{command[0]} took longer than {timeout} s")
    if usage.status != 0:
        raise BenchError(f"{' '.join(map(str, command))} failed with status {usage.status}:\n{said}")
    return usage
