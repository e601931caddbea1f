"""Benchtop as `make run` starts it, for the tests to look at."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from tests.support.processes import free_port

READY = "Ctrl-C stops it"
"""Is in the welcome message, which is printed when the feeds have been read."""


class Benchtop(NamedTuple):
    """A running Benchtop."""

    url: str
    """Its origin, such as `http://127.0.0.1:8000`."""
    folder: Path
    """Folder of its data."""

    def get(self, path: str, **parameters: str) -> Any:
        """The JSON at a path of the API."""
        response = httpx.get(self.url + path, params=parameters, timeout=30)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, body: object) -> Any:
        """Create something with the API, and return it."""
        response = httpx.post(self.url + path, json=body, timeout=30)
        assert response.is_success, response.text
        return response.json()

    def html(self, path: str) -> httpx.Response:
        """The response to a browser's request for a page."""
        return httpx.get(self.url + path, headers={"Accept": "text/html"}, timeout=30)


@contextmanager
def running(folder: Path, port: int | None = None, **environment: str) -> Iterator[Benchtop]:
    """Start Benchtop on a port, and wait for its welcome message; stop it at the end of the block.

    Without a port, it listens on a free one.

    Its output goes to a file, because a pipe that nobody reads would stop it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    output = folder / "benchtop.log"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("benchtop"))],
            env={
                **os.environ,
                "PORT": str(port),
                "LOCAL_DIR": str(folder),
                "PARTS_GALLERY": "true",
                **environment,
            },
            stdout=file,
            stderr=file,
        )
    try:
        _wait(process, output)
        yield Benchtop(f"http://127.0.0.1:{port}", folder)
    finally:
        process.terminate()
        process.wait(20)


def _wait(process: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + 60
    while READY not in output.read_text():
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.05)
