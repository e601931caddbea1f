"""One uvicorn process, and how it stops: unready first, then closed to new requests, then done with the old."""

import asyncio
import logging
import signal
import socket
from contextlib import suppress
from types import FrameType

import structlog
import uvicorn
from starlette.types import ASGIApp

from chassis.process.readiness import Readiness
from chassis.process.settings import Settings
from chassis.web.http_protocol import HttpLimits, Sweeper, protocol
from chassis.web.middleware.allowed_hosts import bracketed

BACKLOG = 2048
"""Connections that the kernel keeps until they are accepted."""

log = structlog.get_logger()


class Server(uvicorn.Server):
    """Uvicorn, with SIGTERM and SIGINT drained: the process then ends with status 0.

    A second signal ends it at once.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, readiness: Readiness, limits: HttpLimits | None = None
    ) -> None:
        limits = limits or HttpLimits()
        super().__init__(_config(app, settings, limits))
        logging.getLogger("uvicorn.error").addFilter(_is_no_cancelled_request)
        self._sweeper = Sweeper(self.server_state.connections, limits)
        self._settings = settings
        self._readiness = readiness
        self._drain_seconds = settings.drain_seconds
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve, until told to stop, on the given sockets or where the settings say."""
        if sockets is None and self._settings.host == "::":
            with suppress(
                OSError
            ):  # a taken port, which uvicorn then finds and says, or a kernel without IPv6
                sockets = [dual_stack(self._settings.port)]
            if sockets is None and not socket.has_dualstack_ipv6():
                self.config.host = "0.0.0.0"  # noqa: S104  what `::` means where there is no IPv6
        super().run(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and keep the time limits of connections."""
        await super().startup(sockets)
        for one in sockets or ():  # of its own sockets uvicorn says so itself
            host, port = one.getsockname()[:2]
            log.info("Listening", address=f"http://{bracketed(host)}:{port}")
        self._sweeping = asyncio.create_task(self._sweeper.run())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, and let requests in flight finish."""
        await super().shutdown(sockets)
        self._sweeping.cancel()

    async def main_loop(self) -> None:
        """Serve until told to stop."""
        self._loop = asyncio.get_running_loop()
        if self._readiness.draining:
            self.should_exit = True
        await super().main_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; uvicorn's own version would close at once, and raise the signal again at the end."""
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
        asyncio.get_running_loop().call_later(
            self._drain_seconds, self._close
        )  # before anything that could fail
        log.info("Stopping", signal=signal.Signals(sig).name, drain_seconds=self._drain_seconds)

    def _close(self) -> None:
        self.should_exit = True


def dual_stack(port: int) -> socket.socket:
    """A socket that listens on all addresses, of IPv6 and of IPv4.

    Raises:
        OSError: the port is taken, or the kernel has no IPv6.
    """
    if not socket.has_dualstack_ipv6():
        raise OSError("This kernel cannot listen on IPv6 and IPv4 with one socket.")
    return socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=BACKLOG)


def _is_no_cancelled_request(record: logging.LogRecord) -> bool:
    """Whether a record is no traceback of a request that was cancelled: uvicorn has said how many it cancels."""
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
