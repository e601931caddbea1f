"""One uvicorn process, and how it stops: unready first, then closed to new requests, then done with the old."""

import asyncio
import signal
from types import FrameType

import structlog
import uvicorn
from starlette.types import ASGIApp

from chassis.health import Readiness
from chassis.settings import Settings

log = structlog.get_logger()


class Server(uvicorn.Server):
    """Uvicorn, with SIGTERM and SIGINT drained: the process then ends with status 0.

    A second signal ends it at once.
    """

    def __init__(self, app: ASGIApp, settings: Settings, readiness: Readiness) -> None:
        super().__init__(_config(app, settings))
        self._readiness = readiness
        self._drain_seconds = settings.drain_seconds
        self._loop: asyncio.AbstractEventLoop | None = None

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
        log.info("Stopping", signal=signal.Signals(sig).name, drain_seconds=self._drain_seconds)
        asyncio.get_running_loop().call_later(self._drain_seconds, self._close)

    def _close(self) -> None:
        self.should_exit = True


def _config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        timeout_keep_alive=75,  # longer than an ingress keeps an idle connection: it never asks on one just closed
        ws="none",
    )
