"""The server of the local run: that of the services, with a first refresh of the feeds and a welcome message."""

import asyncio
import logging
import sys
from collections.abc import Callable, Sequence
from http import HTTPStatus

import httpx
import structlog
from starlette.types import ASGIApp

from chassis.process.readiness import Readiness
from chassis.process.settings import Settings
from chassis.web import problem
from chassis.web.server import Server

log = structlog.get_logger()

REFRESH = "/balances/v1/refresh"

NOT_NEEDED = (HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS)
"""Status codes if another refresh is running, or has ended a moment ago."""

FEEDS_SECONDS = 5.0
"""How long the welcome message waits for the feeds, in seconds."""


class LocalServer(Server):
    """Serves all services in one process.

    Args:
        app: the application.
        settings: settings of the local run.
        origin: URL of this server.
        feeds: names of the feeds to refresh at the start.
        welcome: prints the welcome message; called when all services can be used.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        origin: str,
        feeds: Sequence[str],
        welcome: Callable[[], None],
    ) -> None:
        super().__init__(app, settings, Readiness({}))
        # Calls the application without a connection, so that cancelling the task cancels the request
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._origin = origin
        self._feeds = feeds
        self._welcome = welcome

    async def main_loop(self) -> None:
        """Refresh the feeds, print the welcome message, and serve until a signal."""
        first = asyncio.create_task(self._first())
        try:
            await super().main_loop()
        finally:
            # The cancelled requests lose their database connections, which need not be logged
            logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
            first.cancel()
            await asyncio.wait([first])

    async def _first(self) -> None:
        async with asyncio.TaskGroup() as group:
            reading = [group.create_task(self._read(feed)) for feed in self._feeds]
            if reading:
                await asyncio.wait(reading, timeout=FEEDS_SECONDS)
            self._welcome()
            sys.stdout.flush()

    async def _read(self, feed: str) -> None:
        try:
            async with httpx.AsyncClient(transport=self._transport, base_url=self._origin) as client:
                answer = await client.post(REFRESH, params={"feed": feed})
        except httpx.HTTPError as error:
            log.warning("A feed could not be read", feed=feed, error=repr(error))
            return
        if answer.is_error and answer.status_code not in NOT_NEEDED:
            is_problem = answer.headers.get("content-type") == problem.MEDIA_TYPE
            detail = answer.json()["detail"] if is_problem else answer.text
            log.warning("A feed could not be read", feed=feed, status=answer.status_code, detail=detail)
