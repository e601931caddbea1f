"""An HTTP server that serves feeds from scripts."""

import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import local

SAMPLE = Path(local.__file__).parent / "demo_feed"


class Reply(NamedTuple):
    """A response.

    If `endless`, the body is repeated until the client closes the connection. If `short`, it ends before its
    Content-Length. If there is an event `hold`, the response is sent when it is set.
    """

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    endless: bool = False
    short: bool = False
    hold: threading.Event | None = None


Script = Callable[[int, int], Reply]
"""The response for a page, given the number of the page and how often it was requested."""


class FeedServer(socketserver.ThreadingTCPServer):
    """Serves `/feed/<page>.json` from a script, and records the requests."""

    request_queue_size = 64

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.script = script
        self.port = int(self.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}/feed"
        """The base address of the feed."""
        self.asked: list[int] = []
        self.asked_at: list[float] = []
        self.requests: list[dict[str, str]] = []
        """The headers of each request, by their names in lower case."""
        self.busiest = 0
        """The most requests that were under way at the same time."""
        self.sent = 0
        """Bytes of bodies that were sent."""
        self.cut_off = threading.Event()
        """Set when the client has closed the connection during an endless response."""
        self.arrived = threading.Event()
        """Set at the first request."""
        self.stopping = threading.Event()
        self.connections: set[socket.socket] = set()
        self._busy = 0
        self._lock = threading.Lock()

    def reply(self, page: int) -> Reply:
        """The response for a page, after its delay."""
        with self._lock:
            self.asked.append(page)
            self.asked_at.append(time.monotonic())
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
            reply = self.script(page, self.asked.count(page))
        self.arrived.set()
        self.stopping.wait(reply.delay)
        while reply.hold and not self.stopping.is_set() and not reply.hold.wait(0.02):
            pass
        with self._lock:
            self._busy -= 1
        return reply

    def stop(self) -> None:
        """Stop, and close all connections."""
        self.stopping.set()
        self.shutdown()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Connection(socketserver.StreamRequestHandler):
    server: FeedServer

    def handle(self) -> None:
        self.server.connections.add(self.connection)
        try:
            while line := self.rfile.readline():
                self.server.requests.append(self._headers())
                name = line.split()[1].decode().rpartition("/")[2].removesuffix(".json")
                reply = self.server.reply(int(name)) if name.isdecimal() else Reply(404)
                if not self._answer(reply):
                    break
        except ConnectionError:
            pass  # the client has closed the connection
        finally:
            self.server.connections.discard(self.connection)

    def _headers(self) -> dict[str, str]:
        headers = {}
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return headers

    def _answer(self, reply: Reply) -> bool:
        """Send the response; the result is whether the connection stays open."""
        phrase = HTTPStatus(reply.status).phrase if reply.status in set(HTTPStatus) else "Unknown"
        lines = [f"HTTP/1.1 {reply.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in reply.headers]
        if not reply.endless:
            lines.append(f"Content-Length: {len(reply.body) + reply.short}")
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + reply.body)
        self.server.sent += len(reply.body)
        try:
            while reply.endless and not self.server.stopping.is_set():
                self.wfile.write(reply.body)
                self.server.sent += len(reply.body)
        except ConnectionError:
            self.server.cut_off.set()
        return not (reply.short or reply.endless)


@contextmanager
def running(script: Script) -> Iterator[FeedServer]:
    """A server on a free port, with its own threads."""
    server = FeedServer(script)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


class Feeds:
    """Makes pages of feeds, and servers for them."""

    sample = SAMPLE
    reply = Reply

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def serve(self, script: Script) -> FeedServer:
        """A server that runs a script until the test ends."""
        return self._stack.enter_context(running(script))

    @staticmethod
    def row(**changes: Any) -> dict[str, Any]:
        """A transaction as a feed writes it."""
        return {"Date": "2024-02-29", "Ledger": "Office", "Amount": "-1.50", "Company": "STAPLES", **changes}

    @staticmethod
    def body(number: int, rows: list[dict[str, Any]], total: int) -> bytes:
        """A page as a feed writes it."""
        return json.dumps({"totalCount": total, "page": number, "transactions": rows}).encode()

    def page(self, number: int, rows: list[dict[str, Any]], total: int) -> Reply:
        """The response with a page."""
        return Reply(body=self.body(number, rows, total))

    def paged(self, rows: list[dict[str, Any]], size: int) -> Script:
        """The script of a valid feed with these rows, `size` on each page."""

        def script(page: int, _: int) -> Reply:
            mine = rows[(page - 1) * size : page * size]
            return self.page(page, mine, len(rows)) if mine else Reply(404)

        return script

    @staticmethod
    def sample_script(page: int, _: int) -> Reply:
        """The script of the sample feed."""
        path = SAMPLE / f"{page}.json"
        return Reply(body=path.read_bytes()) if path.exists() else Reply(404)


class Hostile:
    """A server with the sample feed, except for the status and headers of page 1, which a test sets."""

    def __init__(self, stack: ExitStack) -> None:
        self.status = 200
        self.headers: Sequence[tuple[str, str]] = ()
        self.url = stack.enter_context(running(self._script)).url

    def _script(self, page: int, n: int) -> Reply:
        reply = Feeds.sample_script(page, n)
        return reply._replace(status=self.status, headers=tuple(self.headers)) if page == 1 else reply
