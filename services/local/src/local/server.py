"""The server of the local run: that of the services, with a first refresh of the feeds and a welcome message."""

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from starlette.types import ASGIApp

from chassis.process.readiness import Readiness
from chassis.process.settings import Settings
from chassis.web.server import Server

FEEDS_SECONDS = 5.0
"""How long the welcome message waits for the feeds, in seconds."""


class LocalServer(Server):
    """Serves all services in one process.

    Args:
        app: the application.
        settings: settings of the local run.
        feeds: names of the feeds to refresh at the start.
        refresh: refreshes a feed; it raises no error.
        welcome: prints the welcome message; called when all services can be used.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        feeds: Sequence[str],
        refresh: Callable[[str], Coroutine[Any, Any, None]],
        welcome: Callable[[], None],
    ) -> None:
        super().__init__(app, settings, Readiness({}))
        self._feeds = feeds
        self._refresh = refresh
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
            reading = [group.create_task(self._refresh(feed)) for feed in self._feeds]
            if reading:
                await asyncio.wait(reading, timeout=FEEDS_SECONDS)
            self._welcome()
            sys.stdout.flush()
