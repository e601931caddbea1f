"""A small HTTP load client: `python -m bench.client URL CONNECTIONS SECONDS [HEADER ...]` prints a `Load` as JSON."""

import asyncio
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import cast
from urllib.parse import urlsplit

import httptools
import msgspec
import uvloop

from bench.load import Load


class Connection(asyncio.Protocol):
    """One connection: sends the next request after each response, and reconnects if the server closes it."""

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._asked = 0.0
        self._transport: asyncio.WriteTransport | None = None
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.WriteTransport", transport)
        self._ask()

    def _ask(self) -> None:
        self._asked = time.perf_counter()
        if self._transport is not None:
            self._transport.write(self._client.request)

    def data_received(self, data: bytes) -> None:
        """Parse the received bytes."""
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Count the response, and send the next request."""
        self._client.latencies.append(time.perf_counter() - self._asked)
        self._client.statuses[self._parser.get_status_code() // 100] += 1
        if self._parser.should_keep_alive():
            self._ask()
        elif self._transport is not None:
            self._asked = 0.0
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Open the next connection in place of this one."""
        del error
        self._client.broken += bool(self._asked)
        self._client.open()


class Client:
    """All connections to one URL."""

    def __init__(self, url: str, headers: Sequence[str] = ()) -> None:
        parts = urlsplit(url)
        lines = (f"GET {parts.path} HTTP/1.1", f"Host: {parts.netloc}", *headers)
        self.request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.broken = 0
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._opening: set[asyncio.Task[object]] = set()

    def open(self) -> None:
        """Open one more connection."""
        loop = asyncio.get_running_loop()
        task = loop.create_task(loop.create_connection(lambda: Connection(self), self._host, self._port))
        self._opening.add(task)
        task.add_done_callback(self._opened)

    def _opened(self, task: asyncio.Task[object]) -> None:
        self._opening.discard(task)
        self.broken += not task.cancelled() and task.exception() is not None

    async def run(self, connections: int, seconds: float) -> Load:
        """Send requests over `connections` connections for `seconds` seconds."""
        start = time.perf_counter()
        for _ in range(connections):
            self.open()
        await asyncio.sleep(seconds)
        elapsed = time.perf_counter() - start
        p99 = statistics.quantiles(self.latencies, n=100)[98] if len(self.latencies) > 1 else 0.0
        bad = sum(count for hundreds, count in self.statuses.items() if hundreds not in (2, 3))
        return Load(len(self.latencies), elapsed, p99 * 1000, bad + self.broken)


async def main() -> None:
    """Run the command."""
    url, connections, seconds, *headers = sys.argv[1:]
    print(msgspec.json.encode(await Client(url, headers).run(int(connections), float(seconds))).decode())


if __name__ == "__main__":
    uvloop.run(main())
