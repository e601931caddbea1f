"""What one run of a command takes: time, CPU, memory."""

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
    """Resources of one run."""

    status: int
    seconds: float
    cpu: float
    """Seconds of CPU, user and system."""
    mib: float
    """Peak of resident memory."""


class TookTooLong(BenchError):
    """The command was ended at its time limit."""


def measure(command: Sequence[str | Path], output: Path, *, timeout: int) -> Usage:
    """Run the command to its end, its standard output in the file.

    Raises:
        TookTooLong: after `timeout` seconds.
        BenchError: it failed; the message has what it said.
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
