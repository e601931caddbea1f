"""Clients that send requests through the Ingress as fast as they get responses, and count failures.

Each client keeps one connection and sends one request after the other, with a token and without retries. The number
of requests and the time are limited.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx

CLIENTS = 4
MOST_REQUESTS = 400_000
MOST_SECONDS = 240.0
KEPT_FAILURES = 50


class Ask(NamedTuple):
    """A request, and the expected status."""

    method: str
    path: str
    status: int = 200
    body: Any = None


MIXED = (
    Ask("GET", "/"),
    Ask("GET", "/inventory/sites"),
    Ask("GET", "/balances/v1/balances/total"),
    Ask("GET", "/status/health/ready"),
    Ask("GET", "/inventory/v1/instruments"),
    Ask("POST", "/inventory/events/", 201, {"user_id": "ada", "description": "Traffic"}),
    Ask("GET", "/balances/v1/balances/daily"),
    Ask("GET", "/metadata"),
)


class Traffic:
    """The requests and their responses."""

    def __init__(self, url: str, host: str, asks: Sequence[Ask], auth: httpx.Auth) -> None:
        self._url, self._host, self._asks, self._auth = url, host, asks, auth
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.started = time.monotonic()
        self.seconds = 0.0
        self.answered: Counter[str] = Counter()
        self.failures: list[str] = []
        self.failed = 0
        self.slowest = 0.0
        self.accepted: set[str] = set()
        self.cut_short = ""

    @property
    def requests(self) -> int:
        """The number of requests."""
        return self.answered.total() + self.failed

    def summary(self) -> str:
        """A line with the counts, and the failures."""
        rate = self.requests / self.seconds
        said = f"{self.requests} requests, {self.failed} failed ({rate:.0f}/s, slowest {self.slowest:.2f} s)"
        return "\n".join([said, *self.failures])

    def _client(self, number: int) -> None:
        headers = {"Host": self._host}
        with httpx.Client(
            base_url=self._url, headers=headers, auth=self._auth, timeout=15, trust_env=False
        ) as client:
            asked = number * 2  # each client begins with another request
            while not self._stop.is_set():
                self._ask(client, self._asks[asked % len(self._asks)])
                asked += 1
                if self.requests > MOST_REQUESTS or time.monotonic() - self.started > MOST_SECONDS:
                    self.cut_short = f"ended after {self.requests} requests, {MOST_SECONDS:g} s at most"
                    return

    def _ask(self, client: httpx.Client, ask: Ask) -> None:
        start = time.monotonic()
        what = f"{ask.method} {ask.path}"
        try:
            answer = client.request(ask.method, ask.path, json=ask.body)
        except httpx.HTTPError as error:
            self._fail(start, f"{what}: {error!r}")
            return
        if answer.status_code != ask.status:
            self._fail(start, f"{what}: {answer.status_code} {answer.text[:200]!r}")
            return
        with self._lock:
            self.answered[what] += 1
            self.slowest = max(self.slowest, time.monotonic() - start)
            if ask.method == "POST" and ask.path.endswith("/events/"):
                self.accepted.add(answer.json()["event_id"])

    def _fail(self, start: float, why: str) -> None:
        with self._lock:
            self.failed += 1
            if len(self.failures) < KEPT_FAILURES:
                self.failures.append(f"at {start - self.started:.2f} s {why}")

    @contextmanager
    def flowing(self) -> Iterator["Traffic"]:
        """Send requests from one second before the block to one second after it."""
        threads = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]
        self.started = time.monotonic()
        for thread in threads:
            thread.start()
        try:
            time.sleep(1)
            yield self
            time.sleep(1)
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()
            self.seconds = time.monotonic() - self.started
