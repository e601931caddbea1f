"""HTTP/1.1 with limits on the memory, connections and time that a client can take.

uvicorn's httptools protocol limits neither the size of a request's head and trailers, nor the time that a client takes
to send a request or to read the response. This module adds these limits (docs/adr/0010-http-limits.md). `Sweeper`
enforces the time limits: it checks all connections four times a second, so requests need no timers.
"""

import asyncio
import http
from collections.abc import Iterable
from typing import Any, Literal

import msgspec
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from chassis.web import request_id
from chassis.web.problem import MEDIA_TYPE, Problem

log = structlog.get_logger()

Awaited = Literal["head", "body"]


class HttpLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits on connections; times are in seconds."""

    head_bytes: int = 65_536
    """Limit of the request line with the headers, of the trailers, and of the framing between two parts of a body."""
    head_seconds: float = 20.0
    """From the start of the connection or the first byte of the request to the end of the headers."""
    body_pause_seconds: float = 20.0
    """Maximum pause between two parts of a body."""
    body_seconds: float = 300.0
    """Maximum time for the whole body."""
    write_seconds: float = 30.0
    """Time in which a client must read `write_bytes` of the response, or the rest of it."""
    write_bytes: int = 16_384
    unread_bytes: int = 48 * 1024 * 1024
    """Maximum size of all responses together that clients have not read yet."""
    connections: int = 1000


class BoundedHttpProtocol(HttpToolsProtocol):
    """One connection, with limits."""

    limits = HttpLimits()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Accept the connection. If there are too many, close one."""
        super().connection_made(transport)
        self._awaited: Awaited | None = "head"
        self._awaited_since = self._body_since = self._served_at = self.loop.time()
        self._unparsed = 0
        self._unread_since: float | None = None
        self._unread = 0
        if len(self.connections) > self.limits.connections:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Parse received bytes, and refuse a head or trailers that are too large."""
        self._unparsed += len(data)
        super().data_received(data)
        if self._unparsed > self.limits.head_bytes and not self.transport.is_closing():
            self.refuse(
                431,
                f"The head of a request, and its trailers, may each have at most {self.limits.head_bytes} bytes.",
            )

    def on_message_begin(self) -> None:
        """Record that a request begins."""
        self._awaited, self._awaited_since = "head", self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Record that the head is complete."""
        self._unparsed = 0
        self._awaited, self._awaited_since = "body", self.loop.time()
        self._body_since = self._awaited_since
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Record that a part of the body was received."""
        self._unparsed = 0
        self._awaited_since = self.loop.time()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Record that the request is complete."""
        self._unparsed = 0
        self._awaited = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Record that the response was passed to the transport."""
        self._served_at = self.loop.time()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Record that the client reads more slowly than the response is written."""
        super().pause_writing()
        self._unread_since = self.loop.time()
        self._unread = self.unread_bytes

    def resume_writing(self) -> None:
        """Record that the client has caught up."""
        super().resume_writing()
        self._unread_since = None

    @property
    def unread_bytes(self) -> int:
        """Bytes of the response that the client has not read."""
        return self.transport.get_write_buffer_size()

    @property
    def unread_since(self) -> float:
        """Time since which the client reads too slowly; infinity if it does not."""
        return float("inf") if self._unread_since is None else self._unread_since

    def check(self, now: float) -> None:
        """Close the connection if the client takes too long."""
        if self.transport.is_closing():
            self._check_reading(now)  # the transport closes after the client has read everything
            return
        if self.flow.read_paused:  # the server is busy with earlier data, so the client is not late
            self._check_reading(now)
        elif self._awaited == "head" and now - self._awaited_since > self.limits.head_seconds:
            self.refuse(408, f"The head of a request must arrive within {self.limits.head_seconds:g} s.")
        elif self._awaited == "body" and self._late(now):
            self.refuse(
                408,
                f"A body must arrive within {self.limits.body_seconds:g} s, without a pause of more than"
                f" {self.limits.body_pause_seconds:g} s.",
            )
        else:
            self._check_reading(now)

    def refuse(self, status: int, detail: str) -> None:
        """Send a problem unless a response has begun, and close the connection."""
        log.info("Connection refused", status=status, reason=detail)
        silent = self._awaited == "head" and not self._unparsed  # a client that sent nothing receives nothing
        if not silent and (self.between_requests or not self.cycle.response_started):
            self.transport.write(_problem(status, detail))
        self.transport.close()

    def drop(self, reason: str) -> None:
        """Close the connection without sending the rest of the response."""
        log.info("Connection dropped", reason=reason, unread_bytes=self.unread_bytes)
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Refuse a request that cannot be parsed; uvicorn's own version responds with plain text."""
        self.refuse(400, f"This is not HTTP/1.1 as RFC 9112 defines it: {msg}")

    def _unsupported_upgrade_warning(self) -> None:
        """Log nothing: RFC 9110 allows a server to ignore `Upgrade`, and an operator has nothing to do."""

    def _late(self, now: float) -> bool:
        return (
            now - self._awaited_since > self.limits.body_pause_seconds
            or now - self._body_since > self.limits.body_seconds
        )

    def _check_reading(self, now: float) -> None:
        if self._unread_since is None or now - self._unread_since <= self.limits.write_seconds:
            return
        if self.unread_bytes > self._unread - self.limits.write_bytes:
            self.drop("the client does not read the response")
        else:
            self._unread_since, self._unread = now, self.unread_bytes

    def _make_room(self) -> None:
        """Close the connection that has been idle for longest; if none is idle, close this one."""
        idle = (one for one in _bounded(self.connections) if one is not self and one.idle)
        victim = min(idle, key=lambda one: one._served_at, default=self)  # noqa: SLF001  another of this class
        if victim is self:
            detail = f"The server has {self.limits.connections} connections already. Retry in a second."
            self.transport.write(_problem(503, detail))
        log.info(
            "Connection refused" if victim is self else "Idle connection closed",
            reason="too many connections",
        )
        victim.transport.close()

    @property
    def between_requests(self) -> bool:
        """Whether no request is being handled, so that the next bytes begin a request."""
        # It is None before the first request; uvicorn's annotation leaves that out
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    @property
    def idle(self) -> bool:
        """Whether no request is being received or handled."""
        return self.between_requests and not self._unparsed


class Sweeper:
    """Enforces the time limits of all connections, and the limit on their unread responses together."""

    def __init__(self, connections: Iterable[Any], limits: HttpLimits) -> None:
        self._connections = connections
        self._limits = limits

    async def run(self) -> None:
        """Check all connections four times a second, until it is cancelled."""
        while True:
            await asyncio.sleep(0.25)
            self.sweep(asyncio.get_running_loop().time())

    def sweep(self, now: float) -> None:
        """Check all connections once."""
        slow = []
        for connection in list(_bounded(self._connections)):
            connection.check(now)
            if connection.unread_since <= now:
                slow.append(connection)
        unread = sum(connection.unread_bytes for connection in slow)
        for connection in sorted(slow, key=lambda one: one.unread_since):
            if unread <= self._limits.unread_bytes:
                return
            unread -= connection.unread_bytes
            connection.drop("too many clients do not read their responses")


def protocol(limits: HttpLimits) -> type[asyncio.Protocol]:
    """Make a protocol class for uvicorn that enforces these limits."""
    return type("Protocol", (BoundedHttpProtocol,), {"limits": limits})


def _bounded(connections: Iterable[Any]) -> Iterable[BoundedHttpProtocol]:
    return (one for one in connections if isinstance(one, BoundedHttpProtocol))


def _problem(status: int, detail: str) -> bytes:
    body = msgspec.json.encode(Problem(http.HTTPStatus(status).phrase, status, detail))
    retry = "retry-after: 1\r\n" if status == http.HTTPStatus.SERVICE_UNAVAILABLE else ""
    head = (
        f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\ncontent-type: {MEDIA_TYPE}\r\n{retry}"
        f"content-length: {len(body)}\r\nx-request-id: {request_id.choose(None)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
