"""Clients that write while faults happen, and record the responses."""

import itertools
import random
import threading
import uuid
from collections.abc import Callable, Sequence

import httpx


class Client(threading.Thread):
    """Sends requests to both servers until the end of the test."""

    def __init__(self, name: str, urls: Sequence[str], stopping: threading.Event) -> None:
        super().__init__(name=name)
        self._random = random.Random(name)
        self._clients = [httpx.Client(base_url=url, timeout=10) for url in urls]
        self._stopping = stopping
        self._numbers = itertools.count()
        self.statuses: set[int] = set()
        self.requests = 0
        self.failure: Exception | None = None

    def run(self) -> None:
        """Write again and again."""
        try:
            while not self._stopping.is_set():
                self.write()
        except Exception as error:  # noqa: BLE001  the test raises it again
            self.failure = error
        finally:
            for client in self._clients:
                client.close()

    def write(self) -> None:
        """Do one write."""
        raise NotImplementedError

    def text(self) -> str:
        """A description that no other write has."""
        return f"{self.name}-{next(self._numbers)}"

    def ask(self, method: str, path: str, body: object, **headers: str) -> httpx.Response | None:
        """Send a request; return None if there was no response, or a 5xx, so that the outcome is unknown."""
        self.requests += 1
        try:
            answer = self._random.choice(self._clients).request(method, path, json=body, headers=headers)
        except httpx.TransportError:
            self._stopping.wait(0.05)
            return None
        self.statuses.add(answer.status_code)
        if answer.status_code >= 500:
            self._stopping.wait(0.05)
            return None
        return answer


class WithKey(Client):
    """Creates objects with an Idempotency-Key, and retries until a response confirms it."""

    def __init__(self, name: str, urls: Sequence[str], stopping: threading.Event) -> None:
        super().__init__(name, urls, stopping)
        self.created: dict[str, str] = {}
        """Ids by description."""
        self.unsure: set[str] = set()

    def write(self) -> None:
        """Create an event or a container."""
        text, key = self.text(), str(uuid.uuid4())
        path, body = self._random.choice(BODIES)(text)
        while (answer := self.ask("POST", path, body, **{"Idempotency-Key": key})) is None:
            if self._stopping.is_set():
                self.unsure.add(text)
                return
        assert answer.status_code == 201, answer.text
        self.created[text] = str(answer.json()["id"])


class WithoutKey(Client):
    """Creates objects at the original path and under /v1, without retries."""

    def __init__(self, name: str, urls: Sequence[str], stopping: threading.Event) -> None:
        super().__init__(name, urls, stopping)
        self.created: dict[str, str] = {}
        self.unsure: set[str] = set()

    def write(self) -> None:
        """Create an event."""
        text = self.text()
        path = self._random.choice(["/events/", "/v1/events"])
        answer = self.ask("POST", path, {"user_id": "ada", "description": text})
        if answer is None:
            self.unsure.add(text)
            return
        assert answer.status_code == 201, answer.text
        found = answer.json()
        self.created[text] = str(found.get("event_id") or found["id"])


class Editor(Client):
    """Edits its events and queues them again; each must be notified again."""

    def __init__(self, name: str, urls: Sequence[str], stopping: threading.Event) -> None:
        super().__init__(name, urls, stopping)
        self.last: dict[str, str] = {}
        """The last accepted text of each event, by id."""
        self.unsure: set[str] = set()

    def write(self) -> None:
        """Create an event, or edit one and queue it again."""
        text = self.text()
        if len(self.last) < 20:
            answer = self.ask("POST", "/events/", {"user_id": "ada", "description": text})
            if answer is not None:
                self.last[str(answer.json()["event_id"])] = text
            return
        ident = self._random.choice(list(self.last))
        answer = self.ask("PUT", f"/events/{ident}", {"description": text, "status": "NotProcessed"})
        if answer is None:
            self.unsure.add(text)
            return
        assert answer.status_code == 200, answer.text
        self.last[ident] = text


class Counting(Client):
    """Counts in the name of a site of its own by PATCH with If-Match; no step may be lost or done twice."""

    def __init__(self, name: str, urls: Sequence[str], stopping: threading.Event) -> None:
        super().__init__(name, urls, stopping)
        self.path = ""
        self.count = 0

    def write(self) -> None:
        """Add one."""
        if not self.path:
            created = self.ask(
                "POST", "/v1/sites", {"name": f"{self.name}:0"}, **{"Idempotency-Key": self.name}
            )
            self.path = f"/v1/sites/{created.json()['id']}" if created is not None else ""
            return
        site = self.ask("GET", self.path, None)
        if site is None:
            return
        assert site.json()["name"] in (f"{self.name}:{self.count}", f"{self.name}:{self.count + 1}")
        self.count = int(site.json()["name"].partition(":")[2])
        body = {"name": f"{self.name}:{self.count + 1}"}
        changed = self.ask("PATCH", self.path, body, **{"If-Match": site.headers["etag"]})
        if changed is not None:
            assert changed.status_code in (200, 412), changed.text
            self.count += changed.status_code == 200


def _event(text: str) -> tuple[str, dict[str, object]]:
    return "/v1/events", {"user_id": "ada", "description": text}


def _container(text: str) -> tuple[str, dict[str, object]]:
    return "/v1/containers", {"description": text, "freezer_id": 1}


BODIES: Sequence[Callable[[str], tuple[str, dict[str, object]]]] = (_event, _container)
