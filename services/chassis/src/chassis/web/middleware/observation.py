"""The outermost middleware: request ids, metrics and log lines of requests, and a 500 for unhandled exceptions."""

import asyncio
import time
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from chassis.access.caller import CALLER, Caller
from chassis.pages import error_page
from chassis.web import problem, request_id

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = frozenset({"/health", "/health/ready", "/v1/signed-out"})
"""Routes that probes and other services request every few seconds; they are logged at level debug."""

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


STOPPED = (
    "The service is stopping, and the request took longer than the shutdown allows. It is unknown whether a change was"
    " made. Read the object before you send the request again; with an Idempotency-Key it is safe to send it again."
)

UNEXPECTED = "An unexpected error occurred. The log has the details under the X-Request-ID {}."


class HttpMetrics:
    """Counts and times requests by method, route and status. The route is the pattern, never the raw path."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("method", "route", "status")
        self._total = Counter("http_requests", "Requests that were handled", labels, registry=registry)
        self._seconds = Histogram(
            "http_request_duration_seconds",
            "Time from the start of a request to the end of its response",
            labels,
            registry=registry,
            buckets=BUCKETS,
        )
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        key = (method, route, status)
        children = self._children.get(key)
        if children is None:
            children = self._children[key] = (self._total.labels(*key), self._seconds.labels(*key))
        children[0].inc()
        children[1].observe(seconds)


class Observation:
    """ASGI middleware around all others.

    An unhandled exception becomes a 500 problem with the request id, and its traceback is logged with the same id.
    """

    def __init__(self, app: ASGIApp, service: str, version: str, metrics: HttpMetrics) -> None:
        self.app = app
        self.log = structlog.get_logger().bind()
        self.service = service
        self.version = version
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start = time.perf_counter()
        given = next((value for name, value in scope["headers"] if name == request_id.HEADER), None)
        ident = request_id.choose(given)
        bind_contextvars(service=self.service, version=self.version, request_id=ident)
        more = [(request_id.HEADER, ident.encode("ascii"))]
        if given and given != more[0][1]:
            more.append((request_id.REPLACED, b"true"))
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *more]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except ClientDisconnect:
            pass  # the client has gone, so nobody would receive a response
        except asyncio.CancelledError:
            # The process is stopping, and SHUTDOWN_SECONDS are over
            if not status:
                response = _respond(scope, 503, STOPPED, {"Retry-After": "1", "Connection": "close"})
                await response(scope, receive, send_with_id)
            raise
        except Exception:
            self.log.exception("Unhandled exception", route=_route(scope))
            if status:
                raise  # a part of the response was sent, so the server must close the connection
            response = _respond(scope, 500, UNEXPECTED.format(ident))
            await response(scope, receive, send_with_id)
        finally:
            self._record(scope, status, time.perf_counter() - start)

    def _record(self, scope: MutableMapping[str, Any], status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        route = _route(scope)
        status = status or 499  # the client has gone before the response began
        self.metrics.observe(method, route, status, seconds)
        caller: Caller | None = scope.get(CALLER)
        log = self.log.debug if route in QUIET and status < 500 else self.log.info  # noqa: PLR2004  server errors
        log(
            "request",
            method=method,
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 3),
            actor=caller.actor if caller else None,
        )


def _respond(scope: Scope, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    if error_page.wants_page(scope):
        return error_page.respond(Request(scope), status, detail, headers=headers)
    return problem.respond(status, detail, headers=headers)


def _route(scope: MutableMapping[str, Any]) -> str:
    return getattr(scope.get("route"), "path", "unmatched")
