"""Processes of the benchmarks. Each has a process group of its own, which is ended with the block."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.errors import BenchError

STOP_SECONDS = 10
START_SECONDS = 60
LAST_LINES = 15


@contextmanager
def running(
    command: Sequence[str | Path], log: Path, environ: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process during the block, with its output in `log` and `environ` added to its environment."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environ or {})},
            process_group=0,
        )
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def output_of(
    command: Sequence[str | Path], log: Path, environ: Mapping[str, str] | None = None, *, timeout: float
) -> str:
    """Run a command and return its output.

    Raises:
        BenchError: it fails or takes longer than `timeout` seconds; the message has its last lines.
    """
    with running(command, log, environ) as process:
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise BenchError(f"{command[0]} took longer than {timeout:g} s.{_tail(log)}") from None
    if status != 0:
        raise BenchError(f"{' '.join(map(str, command))} failed with status {status}.{_tail(log)}")
    return log.read_text(encoding="utf-8")


def wait_until_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> bytes:
    """Wait for the first successful response and return its body.

    Raises:
        BenchError: the process ended, or sent none within a minute; the message has its last lines.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise BenchError(f"{process.args!r} ended with status {process.returncode}.{_tail(log)}")
        try:
            answer = httpx.get(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)
            continue
        if answer.status_code == httpx.codes.OK:
            return answer.content
        time.sleep(0.05)
    raise BenchError(f"No successful response from {url} within {START_SECONDS} s.{_tail(log)}")


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
    return "".join(f"\n  {line}" for line in lines)
