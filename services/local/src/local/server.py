"""The local server: as the services' own, but it says where everything is once it answers."""

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

LATELY = (HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS)
"""Status codes of a refresh that is under way or was a moment ago."""

PATIENCE = 5.0
"""Seconds after which the welcome no longer waits for the feeds."""


class LocalServer(Server):
    """Serves everything in one process.

    Args:
        app: what answers.
        settings: where, and how it stops.
        origin: what its own address is.
        feeds: names of the feeds to read at the start.
        welcome: called when everything can be used.
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
        # Without a connection, so that what is under way ends with its task when the person stops it
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._origin = origin
        self._feeds = feeds
        self._welcome = welcome

    async def main_loop(self) -> None:
        """Read the feeds, welcome, serve until told to stop."""
        first = asyncio.create_task(self._first())
        try:
            await super().main_loop()
        finally:
            # That a connection is lost with what is cut off here is no news
            logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
            first.cancel()
            await asyncio.wait([first])

    async def _first(self) -> None:
        async with asyncio.TaskGroup() as group:
            reading = [group.create_task(self._read(feed)) for feed in self._feeds]
            if reading:
                await asyncio.wait(reading, timeout=PATIENCE)
            self._welcome()
            sys.stdout.flush()

    async def _read(self, feed: str) -> None:
        try:
            async with httpx.AsyncClient(transport=self._transport, base_url=self._origin) as client:
                answer = await client.post(REFRESH, params={"feed": feed})
        except httpx.HTTPError as error:
            log.warning("A feed could not be read", feed=feed, error=repr(error))
            return
        if answer.is_error and answer.status_code not in LATELY:
            is_problem = answer.headers.get("content-type") == problem.MEDIA_TYPE
            detail = answer.json()["detail"] if is_problem else answer.text
            log.warning("A feed could not be read", feed=feed, status=answer.status_code, detail=detail)
