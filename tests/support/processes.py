"""Processes of services: started on a free port, waited for, and stopped."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

import httpx
import pytest


class Running(NamedTuple):
    """A service's process, and the URL at which it listens."""

    process: subprocess.Popen[str]
    url: str

    def output(self) -> list[str]:
        """Stop the process if it still runs, and return the lines that it printed."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.communicate(timeout=20)[0].splitlines()


class Start(Protocol):
    """The fixture `start`: starts a command of the virtual environment with these environment variables."""

    def __call__(self, *command: str, **environment: str) -> Running: ...


@contextmanager
def starting() -> Iterator[Start]:
    """Yield a function that starts processes, each on a free port; they are killed at the end of the block."""
    running: list[Running] = []

    def start(*command: str, **environment: str) -> Running:
        port = free_port()
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / command[0]), *command[1:]],
            env={**os.environ, "PORT": str(port), **environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(Running(process, f"http://127.0.0.1:{port}"))
        wait_until_live(running[-1])
        return running[-1]

    try:
        yield start
    finally:
        for one in running:
            if one.process.poll() is None:
                one.process.kill()
            one.process.communicate()


def wait_until_live(running: Running, seconds: float = 30) -> None:
    """Request /health until there is a response. The test fails if the process ends, or after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if running.process.poll() is not None:
            output = running.process.communicate()[0]
            pytest.fail(f"the process ended with status {running.process.returncode}: {output}")
        try:
            httpx.get(f"{running.url}/health")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"{running.url} did not respond within {seconds:g} s")


def free_port() -> int:
    """Return a port on which nothing listens now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
