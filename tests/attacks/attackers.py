"""Clients that try to exhaust a server, each until the end of the test, on 127.0.0.1 only."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress

Attack = Callable[[int, threading.Event], None]
"""Called with the port, and an event that is set at the end."""

PATIENCE = 5.0


def head_without_end(port: int, stopping: threading.Event) -> None:
    """Send header lines without end."""
    _endless(
        port,
        stopping,
        b"GET /v1/sites HTTP/1.1\r\nHost: localhost\r\n",
        b"X-Header: " + b"x" * 8000 + b"\r\n",
    )


def trailers_without_end(port: int, stopping: threading.Event) -> None:
    """Send trailers without end after a chunked body."""
    head = b"POST /v1/sites HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    beginning = head + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    _endless(port, stopping, beginning, b"X-Trailer: " + b"x" * 8000 + b"\r\n")


def everything(port: int, stopping: threading.Event) -> None:
    """Download the complete list of containers, again and again."""
    _download(port, stopping, "/containers")


def everything_compressed(port: int, stopping: threading.Event) -> None:
    """Download the same list, compressed."""
    _download(port, stopping, "/containers", "Accept-Encoding: gzip\r\n")


def everything_as_a_slice(port: int, stopping: threading.Event) -> None:
    """Download the same list as a slice."""
    _download(port, stopping, "/containers/0/2147483647")


def large_pages(port: int, stopping: threading.Event) -> None:
    """Download pages with the longest descriptions."""
    _download(port, stopping, "/v1/containers?freezer_id=2&limit=1000")


def unread_responses(port: int, stopping: threading.Event) -> None:
    """Request large responses, and never read them."""
    with ExitStack() as stack:
        while not stopping.wait(0.05):
            with suppress(OSError):
                connection = _connect(port, stack)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.sendall(_get("/v1/containers?freezer_id=2&limit=1000"))


def idle_connections(port: int, stopping: threading.Event) -> None:
    """Open connections without a request, or with half of one."""
    with ExitStack() as stack:
        for number in range(500):
            with suppress(OSError):
                connection = _connect(port, stack)
                if number % 2:
                    connection.sendall(b"GET /v1/sites HTTP/1.1\r\nHost: loc")
        stopping.wait()


def unfinished_bodies(port: int, stopping: threading.Event) -> None:
    """Send bodies of the maximum size without their last byte."""
    head = b"POST /v1/sites HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with ExitStack() as stack:
        while not stopping.wait(0.05):
            with suppress(OSError):
                connection = _connect(port, stack)
                connection.sendall(head + b"Content-Length: 1048576\r\n\r\n" + b" " * 1_048_575)


ATTACKS: Mapping[str, tuple[Attack, int]] = {
    "head": (head_without_end, 1),
    "trailers": (trailers_without_end, 1),
    "everything": (everything, 4),
    "compressed": (everything_compressed, 4),
    "slice": (everything_as_a_slice, 4),
    "pages": (large_pages, 4),
    "unread": (unread_responses, 1),
    "idle": (idle_connections, 1),
    "bodies": (unfinished_bodies, 1),
}
"""Each attack, and the number of threads that run it."""


def _connect(port: int, stack: ExitStack) -> socket.socket:
    return stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))


def _get(path: str, headers: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n".encode()


def _endless(port: int, stopping: threading.Event, beginning: bytes, line: bytes) -> None:
    while not stopping.is_set():
        with suppress(OSError), ExitStack() as stack:
            connection = _connect(port, stack)
            connection.sendall(beginning)
            for _ in _until(stopping):
                connection.sendall(line)


def _download(port: int, stopping: threading.Event, path: str, headers: str = "") -> None:
    while not stopping.is_set():
        with suppress(OSError), ExitStack() as stack:
            connection = _connect(port, stack)
            connection.sendall(_get(path, headers))
            for _ in _until(stopping):
                if not connection.recv(262_144):
                    break


def _until(stopping: threading.Event) -> Iterator[float]:
    while not stopping.is_set():
        yield time.monotonic()
