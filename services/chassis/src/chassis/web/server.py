"""The uvicorn server of a process, and its stop: first not ready, then no new connections, then requests finished.

It may listen on a second port, for the metrics. Both ports share the limits on connections, and both stop together.
"""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE

from chassis.process.readiness import Readiness
from chassis.process.settings import Settings
from chassis.web.http_protocol import HttpLimits, Sweeper, protocol
from chassis.web.middleware.allowed_hosts import bracketed

BACKLOG = 2048
"""Number of connections that the kernel queues until the server accepts them."""

log = structlog.get_logger()


class Server(uvicorn.Server):
    """Uvicorn with a drain: after SIGTERM or SIGINT it finishes its requests, and the process ends with status 0.

    After a second signal it stops at once.

    Args:
        app: the service.
        settings: its settings.
        readiness: reports the drain.
        limits: limits on the connections of both ports together.
        metrics: the application of METRICS_PORT; not used if that is not set.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        readiness: Readiness,
        limits: HttpLimits | None = None,
        metrics: ASGIApp | None = None,
    ) -> None:
        limits = limits or HttpLimits()
        super().__init__(_config(app, settings, limits))
        self._metrics: uvicorn.Config | None = None
        if metrics is not None and settings.metrics_port is not None:
            self._metrics = _config(metrics, settings, limits)
        logging.getLogger("uvicorn.error").addFilter(_is_not_a_cancelled_request)
        self._sweeper = Sweeper(self.server_state.connections, limits)
        self._settings = settings
        self._readiness = readiness
        self._drain_seconds = settings.drain_seconds
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a signal, on the given sockets or on host and port of the settings."""
        if sockets is None and self._settings.host == "::":
            with suppress(OSError):  # a taken port, which uvicorn then reports, or a kernel without IPv6
                sockets = [dual_stack(self._settings.port)]
            if sockets is None and not socket.has_dualstack_ipv6():
                self.config.host = "0.0.0.0"  # noqa: S104  the same without IPv6
        super().run(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and start to enforce the time limits of connections."""
        await super().startup(sockets)
        for one in sockets or ():  # uvicorn logs only the sockets that it opens itself
            log.info("Listening", address=_address(one))
        if self._metrics is not None:
            await self._serve_metrics(self._metrics)
        self._sweeping = asyncio.create_task(self._sweeper.run())

    async def _serve_metrics(self, config: uvicorn.Config) -> None:
        """Listen on METRICS_PORT, too. If that fails, the process ends as it does for a taken PORT."""
        config.load()

        def connection() -> asyncio.Protocol:
            kind: Any = config.http_protocol_class
            made: asyncio.Protocol = kind(config=config, server_state=self.server_state, app_state={})
            return made

        try:
            server = await _listen(connection, self.config.host, self._settings.metrics_port or 0)
        except OSError as error:
            log.error(str(error), setting="METRICS_PORT")  # noqa: TRY400  the message says all
            for one in self.servers:
                one.close()
            await self.lifespan.shutdown()
            sys.exit(STARTUP_FAILURE)
        self.servers.append(server)
        for listener in server.sockets:
            log.info("Listening", address=f"{_address(listener)}/metrics")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, and let requests in flight finish."""
        await super().shutdown(sockets)
        self._sweeping.cancel()

    async def main_loop(self) -> None:
        """Serve until a signal."""
        self._loop = asyncio.get_running_loop()
        if self._readiness.draining:
            self.should_exit = True
        await super().main_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Start to drain. Uvicorn's own version would close at once, and raise the signal again at the end."""
        del frame
        if self._readiness.draining:
            self.should_exit = self.force_exit = True
            return
        self._readiness.drain()
        if self._loop is None:
            self.should_exit = True
        else:
            self._loop.call_soon_threadsafe(self._drain, sig)

    def _drain(self, sig: int) -> None:
        # First of all, so that the process stops even if logging fails
        asyncio.get_running_loop().call_later(self._drain_seconds, self._close)
        log.info("Stopping", signal=signal.Signals(sig).name, drain_seconds=self._drain_seconds)

    def _close(self) -> None:
        self.should_exit = True


def dual_stack(port: int) -> socket.socket:
    """A socket that listens on all IPv6 and IPv4 addresses.

    Raises:
        OSError: another program has the port, or the kernel has no IPv6.
    """
    if not socket.has_dualstack_ipv6():
        raise OSError("This kernel cannot listen on IPv6 and IPv4 with one socket.")
    return socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=BACKLOG)


async def _listen(connection: Callable[[], asyncio.Protocol], host: str, port: int) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    if host == "::":
        return await loop.create_server(connection, sock=dual_stack(port), backlog=BACKLOG)
    return await loop.create_server(connection, host, port, backlog=BACKLOG)


def _address(listener: Any) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{bracketed(host)}:{port}"


def _is_not_a_cancelled_request(record: logging.LogRecord) -> bool:
    """Whether a log record is not the traceback of a cancelled request; uvicorn also logs how many it cancels."""
    return record.exc_info is None or not isinstance(record.exc_info[1], asyncio.CancelledError)


def _config(app: ASGIApp, settings: Settings, limits: HttpLimits) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=protocol(limits),
        host=settings.host,
        port=settings.port,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        timeout_keep_alive=settings.keep_alive_seconds,
        backlog=BACKLOG,
        ws="none",
    )
