"""The discovery document of the provider, kept for a while, so that not every attempt asks for it."""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from chassis.access.json_documents import NoDocument
from chassis.access.openid_provider import discover

KEPT_SECONDS = 10.0
"""How long a document is used: not longer, so that people are soon told when the provider cannot be reached."""

FAILED_SECONDS = 3.0
"""How long after a failure the provider is not asked again."""


class Discovery:
    """Asks for the document when it is needed. All who wait for it share one request.

    Args:
        issuer: URL of the provider.
        clock: monotonic time in seconds.
    """

    def __init__(self, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._clock = clock
        self._found: Mapping[str, Any] | NoDocument = NoDocument("The provider was not asked yet.")
        self._until = -math.inf
        self._flight: asyncio.Task[None] | None = None

    async def document(self, http: httpx.AsyncClient) -> Mapping[str, Any]:
        """The document.

        Raises:
            NoDocument: there is none; or there was none a moment ago.
        """
        if self._clock() >= self._until:
            if self._flight is None or self._flight.done():
                self._flight = asyncio.create_task(self._ask(http))
            # Somebody who goes away must not cancel the request of the others
            await asyncio.shield(self._flight)
        if isinstance(self._found, NoDocument):
            raise NoDocument(str(self._found))
        return self._found

    async def _ask(self, http: httpx.AsyncClient) -> None:
        try:
            self._found = await discover(http, self._issuer)
            seconds = KEPT_SECONDS
        except NoDocument as error:
            self._found = error
            seconds = FAILED_SECONDS
        self._until = self._clock() + seconds
