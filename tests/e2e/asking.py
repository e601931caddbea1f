"""One client that asks the same thing again and again, not too fast, and keeps every answer."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import httpx

PAUSE_SECONDS = 0.1


class Answer(NamedTuple):
    """What came, and when it was asked for."""

    at: float
    status: int
    headers: httpx.Headers
    text: str

    @property
    def refused_by_service(self) -> bool:
        """Whether a service said that it cannot now, and not the ingress for it."""
        return bool(self.headers.get("content-type") == "application/problem+json")


class Asking(list[Answer]):
    """The answers; status 0 where none came."""

    def __init__(self, ask: Callable[[], httpx.Response]) -> None:
        super().__init__()
        self._ask = ask
        self._stop = threading.Event()

    @contextmanager
    def going_on(self) -> Iterator["Asking"]:
        """Ask while the block runs."""
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
