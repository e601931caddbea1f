"""HTTP/1.1 with a bound on everything that a client can make the server hold.

uvicorn's protocol, parsed by httptools, has no limit on the bytes of a request's head or trailers, none on the time
that a client takes to send a request, and none on the time that it takes to read the response. Why it is extended
here: docs/adr/0010-http-limits.md. `Sweeper` keeps the time limits: it looks at all connections a few times a second,
so that a request costs no timer of its own.
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

Owed = Literal["head", "body"]


class HttpLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What a client may make the server hold; times are in seconds."""

    head_bytes: int = 65_536
    """Request line and headers; trailers and the framing between two parts of a body likewise."""
    head_seconds: float = 20.0
    """From the connection's begin, or the request's first byte, to the end of its headers."""
    body_pause_seconds: float = 20.0
    """Between two parts of a body."""
    body_seconds: float = 300.0
    """For the whole body."""
    write_seconds: float = 30.0
    """For a client to take `write_bytes` of the response, or what is left of it."""
    write_bytes: int = 16_384
    unread_bytes: int = 48 * 1024 * 1024
    """Of all responses that wait for their clients."""
    connections: int = 1000


class BoundedHttpProtocol(HttpToolsProtocol):
    """One connection."""

    limits = HttpLimits()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take the connection, if there are not too many."""
        super().connection_made(transport)
        self._owed: Owed | None = "head"
        self._owed_since = self._body_since = self._served_at = self.loop.time()
        self._unparsed = 0
        self._unread_since: float | None = None
        self._unread = 0
        if len(self.connections) > self.limits.connections:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Parse what has come, unless it is too much."""
        self._unparsed += len(data)
        super().data_received(data)
        if self._unparsed > self.limits.head_bytes and not self.transport.is_closing():
            self.refuse(
                431,
                f"The head of a request may have {self.limits.head_bytes} bytes, and so may its trailers.",
            )

    def on_message_begin(self) -> None:
        """A request begins."""
        self._owed, self._owed_since = "head", self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        self._unparsed = 0
        self._owed, self._owed_since = "body", self.loop.time()
        self._body_since = self._owed_since
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of its body has come."""
        self._unparsed = 0
        self._owed_since = self.loop.time()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._unparsed = 0
        self._owed = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The response has been given to the transport."""
        self._served_at = self.loop.time()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """The client does not read as fast as it is answered."""
        super().pause_writing()
        self._unread_since = self.loop.time()
        self._unread = self.unread_bytes

    def resume_writing(self) -> None:
        """The client has read."""
        super().resume_writing()
        self._unread_since = None

    @property
    def unread_bytes(self) -> int:
        """Bytes of the response that the client has not taken."""
        return self.transport.get_write_buffer_size()

    @property
    def unread_since(self) -> float:
        """Since when the client reads too slowly; the future if it does not."""
        return float("inf") if self._unread_since is None else self._unread_since

    def look(self, now: float) -> None:
        """End the connection if the client takes too long."""
        if self.transport.is_closing():
            self._look_at_reading(now)  # closing waits for the client, too
            return
        if self.flow.read_paused:  # it is the server that takes its time
            self._look_at_reading(now)
        elif self._owed == "head" and now - self._owed_since > self.limits.head_seconds:
            self.refuse(408, f"The head of a request must come within {self.limits.head_seconds:g} s.")
        elif self._owed == "body" and self._late(now):
            self.refuse(
                408,
                f"A body must come within {self.limits.body_seconds:g} s, without a pause of more than"
                f" {self.limits.body_pause_seconds:g} s.",
            )
        else:
            self._look_at_reading(now)

    def refuse(self, status: int, detail: str) -> None:
        """Answer with a problem, if nothing else is being answered, and close."""
        log.info("Connection refused", status=status, reason=detail)
        silent = self._owed == "head" and not self._unparsed  # who asked nothing is told nothing
        if not silent and (self.between_requests or not self.cycle.response_started):
            self.transport.write(_problem(status, detail))
        self.transport.close()

    def drop(self, reason: str) -> None:
        """End the connection without sending what is left."""
        log.info("Connection dropped", reason=reason, unread_bytes=self.unread_bytes)
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be parsed; uvicorn's own version is plain text."""
        self.refuse(400, f"This is not HTTP/1.1 as RFC 9112 defines it: {msg}")

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: RFC 9110 lets a server ignore `Upgrade`, and there is nothing for an operator to do."""

    def _late(self, now: float) -> bool:
        return (
            now - self._owed_since > self.limits.body_pause_seconds
            or now - self._body_since > self.limits.body_seconds
        )

    def _look_at_reading(self, now: float) -> None:
        if self._unread_since is None or now - self._unread_since <= self.limits.write_seconds:
            return
        if self.unread_bytes > self._unread - self.limits.write_bytes:
            self.drop("the client does not read the response")
        else:
            self._unread_since, self._unread = now, self.unread_bytes

    def _make_room(self) -> None:
        """End the connection that has been idle for longest; this one if none is."""
        idle = (one for one in _bounded(self.connections) if one is not self and one.idle)
        victim = min(idle, key=lambda one: one._served_at, default=self)  # noqa: SLF001  another of this class
        if victim is self:
            detail = f"There are {self.limits.connections} connections already. Retry in a second."
            self.transport.write(_problem(503, detail))
        log.info(
            "Connection refused" if victim is self else "Idle connection closed",
            reason="too many connections",
        )
        victim.transport.close()

    @property
    def between_requests(self) -> bool:
        """Whether the head of a request is the next thing to come."""
        # uvicorn's annotation leaves out the None that it begins with
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    @property
    def idle(self) -> bool:
        """Whether no request is under way."""
        return self.between_requests and not self._unparsed


class Sweeper:
    """Keeps the time limits of all connections, and the limit on what they hold together."""

    def __init__(self, connections: Iterable[Any], limits: HttpLimits) -> None:
        self._connections = connections
        self._limits = limits

    async def run(self) -> None:
        """Look at all connections a few times a second, for ever."""
        while True:
            await asyncio.sleep(0.25)
            self.sweep(asyncio.get_running_loop().time())

    def sweep(self, now: float) -> None:
        """Look at all connections once."""
        slow = []
        for connection in list(_bounded(self._connections)):
            connection.look(now)
            if connection.unread_since <= now:
                slow.append(connection)
        unread = sum(connection.unread_bytes for connection in slow)
        for connection in sorted(slow, key=lambda one: one.unread_since):
            if unread <= self._limits.unread_bytes:
                return
            unread -= connection.unread_bytes
            connection.drop("too many clients do not read their responses")


def protocol(limits: HttpLimits) -> type[asyncio.Protocol]:
    """The protocol with these limits, as uvicorn wants it."""
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
