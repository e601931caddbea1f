"""A client that sends the same request again and again, with pauses, and keeps every response."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import httpx

PAUSE_SECONDS = 0.1


class Answer(NamedTuple):
    """A response, and the time of its request."""

    at: float
    status: int
    headers: httpx.Headers
    text: str

    @property
    def refused_by_service(self) -> bool:
        """Whether the response is a 503 of the service itself, not of the Ingress controller."""
        return bool(self.headers.get("content-type") == "application/problem+json")


class Asking(list[Answer]):
    """The responses; the status is 0 if there was none."""

    def __init__(self, ask: Callable[[], httpx.Response]) -> None:
        super().__init__()
        self._ask = ask
        self._stop = threading.Event()

    @contextmanager
    def going_on(self) -> Iterator["Asking"]:
        """Send requests while the block runs."""
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()

    def _run(self) -> None:
        while not self._stop.wait(PAUSE_SECONDS):
            at = time.monotonic()
            try:
                answer = self._ask()
            except httpx.TransportError as error:
                self.append(Answer(at, 0, httpx.Headers(), repr(error)))
            else:
                self.append(Answer(at, answer.status_code, answer.headers, answer.text))
