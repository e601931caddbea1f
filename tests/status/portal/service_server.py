"""An HTTP server in the place of inventory or balances, whose responses a test sets."""

import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

READY = {"status": "ready", "checks": {"database": {"status": "up"}, "writes": {"status": "up"}}}

ALLOWED = [
    {"resource": "containers", "verbs": ["list"]},
    {"resource": "events", "verbs": ["create"]},
    {"resource": "balances", "verbs": ["get"]},
]
"""What everybody may do."""


class Reply(NamedTuple):
    """A response.

    If there is an event `hold`, the response is sent when it is set. If `endless`, the body is repeated until the
    client closes the connection. If `cut`, the connection is closed after the body, before the announced length.
    """

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    hold: threading.Event | None = None
    endless: bool = False
    cut: bool = False


def as_json(content: Any, status: int = 200) -> Reply:
    """The response with this JSON."""
    return Reply(json.dumps(content).encode(), status, (("Content-Type", "application/json"),))


class ServiceServer(ThreadingHTTPServer):
    """Answers each path with the reply set for it, else with that of `others`, and counts the requests.

    A reply may also be set for a path with the first parameter of its query.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.replies: dict[str, Reply] = {}
        self.others: Reply | None = None
        self.requested: Counter[str] = Counter()
        """Number of requests by path, without the query."""
        self.received: list[dict[str, str]] = []
        """The headers of each request, with names in lower case."""
        self.connections = 0
        self.stopping = threading.Event()

    def notifications(self, state: str, events: Sequence[str] = (), total: int = 0) -> None:
        """Set the notifications in this state, by the ids of their events."""
        items = [{"id": "n", "event_id": ident, "state": state} for ident in events]
        self.replies[f"/v1/notifications?state={state}"] = as_json({"items": items, "total": total})

    def say_all(self, reply: Reply) -> None:
        """Answer every request in this way."""
        self.replies.clear()
        self.others = reply


class _Handler(BaseHTTPRequestHandler):
    server: ServiceServer
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.requested[path] += 1
        self.server.received.append({name.lower(): value for name, value in self.headers.items()})
        replies = self.server.replies
        reply = (
            replies.get(self.path.partition("&")[0])
            or replies.get(path, self.server.others)
            or as_json({"detail": "unknown path"}, 404)
        )
        while reply.hold and not self.server.stopping.is_set() and not reply.hold.wait(0.02):
            pass
        with suppress(ConnectionError):
            self._send(reply)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if not reply.endless:
            self.send_header("Content-Length", str(len(reply.body) + reply.cut))
        self.end_headers()
        self.wfile.write(reply.body)
        while reply.endless and not self.server.stopping.is_set():
            self.wfile.write(reply.body)
        self.close_connection = self.close_connection or reply.endless or reply.cut


@contextmanager
def running() -> Iterator[ServiceServer]:
    """A server on a free port."""
    server = ServiceServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


def event(number: int, status: str = "Processed", **changes: Any) -> dict[str, Any]:
    """An event as inventory lists it."""
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "user_id": "ada",
        "account_id": None,
        "description": f"Freezer {number} is warm",
        "status": status,
        "created_at": "2026-11-26T10:00:00Z",
        "updated_at": "2026-11-26T10:00:00Z",
        **changes,
    }


def feed(name: str = "bank", **changes: Any) -> dict[str, Any]:
    """A feed as balances lists it; `reading` and `last_refresh` can be replaced."""
    proof = {
        "feed": name,
        "pages": 4,
        "rows": 38,
        "total_count": 38,
        "digest": "0f" * 32,
        "fetched_at": "2026-11-26T10:00:00Z",
        "complete": True,
    }
    reading = {
        "feed": name,
        "currency": "CAD",
        "pending_transactions": 0,
        "pending_total": "0.00",
        "proof": proof,
        "total": "18377.16",
        "total_if_repeats_removed": "18377.16",
    }
    refresh = {"outcome": "complete", "finished_at": "2026-11-26T10:00:01Z", "seconds": 0.4, "detail": ""}
    return {"feed": name, "reading": reading, "last_refresh": refresh, **changes}


def fill_inventory(server: ServiceServer) -> None:
    """The replies of an inventory that works."""
    freezers = [
        {"id": number, "name": f"Freezer {number}", "site_name": "Main building", "containers": 100 + number}
        for number in range(8, 0, -1)
    ]
    overview = {"containers": 1412, "freezers": 8, "fullest_freezers": freezers}
    server.notifications("cancelled")
    server.notifications("dead")
    server.replies |= {
        "/v1/overview": as_json(overview),
        "/v1/events": as_json({"items": [event(number) for number in range(5, 0, -1)], "next": "more"}),
        **_state("inventory"),
    }


def fill_balances(server: ServiceServer) -> None:
    """The replies of a balances that works."""
    server.replies |= {"/v1/feeds": as_json({"items": [feed()]}), **_state("balances")}


def _state(name: str) -> dict[str, Reply]:
    about = {
        "app_name": name,
        "description": name,
        "version": "1.2.3",
        "last_commit_sha": "0123456789ab",
    }
    me = {"actor": "ada@lab.example", "role": "admin", "permissions": ALLOWED}
    return {"/health/ready": as_json(READY), "/metadata": as_json(about), "/v1/me": as_json(me)}
