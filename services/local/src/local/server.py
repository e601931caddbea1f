"""The local server: as the services' own, but it says where everything is once it answers."""

import asyncio
import sys
from collections.abc import Callable

import httpx
import structlog
from starlette.types import ASGIApp

from chassis.health import Readiness
from chassis.server import Server
from chassis.settings import Settings

log = structlog.get_logger()

REFRESH = "/balances/v1/refresh"


class LocalServer(Server):
    """Serves everything in one process.

    Args:
        app: what answers.
        settings: where, and how it stops.
        origin: what its own address is.
        welcome: called when everything can be used.
    """

    def __init__(self, app: ASGIApp, settings: Settings, origin: str, welcome: Callable[[], None]) -> None:
        super().__init__(app, settings, Readiness({}))
        self._origin = origin
        self._welcome = welcome

    async def main_loop(self) -> None:
        """Read the demo feed, welcome, serve until told to stop."""
        first = asyncio.create_task(self._first())
        try:
            await super().main_loop()
        finally:
            first.cancel()

    async def _first(self) -> None:
        try:
            async with httpx.AsyncClient(base_url=self._origin, timeout=30) as client:
                answer = await client.post(REFRESH)
            if answer.is_error:
                log.warning("The demo feed could not be read", status=answer.status_code, answer=answer.text)
        except httpx.HTTPError as error:
            log.warning("The demo feed could not be read", error=repr(error))
        self._welcome()
        sys.stdout.flush()
