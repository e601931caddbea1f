"""The keys of one issuer, kept up to date in the background, and kept while the issuer is down."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, NamedTuple, Protocol

import structlog

from chassis.access.json_documents import NoDocument
from chassis.access.key_set import KeySet, VerificationKey
from chassis.errors import Unavailable
from chassis.process.access_settings import Algorithm
from chassis.process.background import BackgroundTasks

REFRESH_SECONDS = 300.0
"""Pause between two refreshes in the background."""

RETRY_SECONDS = 15.0
"""The same after a refresh that failed."""

FIRST_RETRY_SECONDS = 0.5
"""The same until keys were received once: the network may need seconds to allow the connections of a new pod."""

FIRST_SECONDS = 20.0
"""How long the service is not ready because it has no keys yet, at most: an issuer that is down must not keep it so."""

CHECK_SECONDS = 1.0
"""How long the readiness check waits for the first keys."""

UNKNOWN_KEY_SECONDS = 30.0
"""Minimum time between two refreshes because of a key that is not known."""

WAIT_SECONDS = 2.0
"""How long requests wait for such a refresh, from its start."""

log = structlog.get_logger()


class Published(NamedTuple):
    """What an issuer says about itself."""

    issuer: str
    """Its name: the claim `iss` of its tokens."""
    keys: Sequence[Any]
    """The member `keys` of its JWK Set."""


class KeySource(Protocol):
    """Where the keys of an issuer come from."""

    @property
    def title(self) -> str:
        """Name of the issuer for messages."""
        ...

    def opened(self) -> AbstractAsyncContextManager[None]:
        """Keep the connections during a block."""
        ...

    async def fetch(self) -> Published:
        """Request the keys; raises NoDocument if there are none."""
        ...


class IssuerKeys:
    """The keys of one issuer.

    Args:
        source: where they come from.
        algorithms: the algorithms that are accepted.
        changed: called when the keys are others than before.
        issuer: name of the issuer; empty if only the source knows it.
    """

    def __init__(
        self,
        source: KeySource,
        algorithms: Sequence[Algorithm],
        changed: Callable[[], None],
        issuer: str = "",
    ) -> None:
        self.source = source
        self.issuer = issuer
        self._algorithms = algorithms
        self._changed = changed
        self._keys: KeySet | None = None
        self._flight: asyncio.Task[bool] | None = None
        self._waiting: asyncio.Task[Any] | None = None
        self._asked = -UNKNOWN_KEY_SECONDS
        self._failing = False
        self._started = math.inf  # not yet
        self._received = asyncio.Event()

    async def check_started(self) -> None:
        """Check that the first keys were received, or waited for long enough; raises Unavailable if neither is true."""
        if self._is_starting:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._received.wait(), CHECK_SECONDS)
        if self._is_starting:
            raise self._unavailable()

    @property
    def _is_starting(self) -> bool:
        return self._keys is None and time.monotonic() - self._started < FIRST_SECONDS

    async def refresh(self) -> None:
        """Request the keys, or wait for the request under way; raises Unavailable if that fails."""
        while not await asyncio.shield(self._start()):
            if not self._is_starting:
                raise self._unavailable()
            await asyncio.sleep(FIRST_RETRY_SECONDS)

    async def find(self, kid: str | None) -> Sequence[VerificationKey]:
        """The keys with an id; none if the issuer has no such key.

        An id that is not known may be new. So the keys are requested again, if the last time was long enough ago.

        Raises:
            Unavailable: no keys of the issuer were ever received.
        """
        found = self._keys.find(kid) if self._keys else ()
        if not found and await self._asked_again():
            found = self._keys.find(kid) if self._keys else ()
        if self._keys is None:
            raise self._unavailable()
        return found

    async def require_issuer(self) -> None:
        """Check that the name of the issuer is known; raises Unavailable if it is not."""
        if not self.issuer:
            await self._asked_again()
        if not self.issuer:
            raise self._unavailable()

    @asynccontextmanager
    async def running(self, tasks: BackgroundTasks) -> AsyncIterator[None]:
        """Keep the keys up to date until the end of the block."""
        name = f"keys of {self.source.title}"
        self._started = time.monotonic()
        async with self.source.opened():
            try:
                async with tasks.repeating(name, self.refresh, REFRESH_SECONDS, retry_seconds=RETRY_SECONDS):
                    yield
            finally:
                await self._stop()  # after the task that could start another request

    async def _stop(self) -> None:
        """Cancel the request under way."""
        for task in (self._flight, self._waiting):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    def _start(self) -> asyncio.Task[bool]:
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._fetch())
            # All requests share one timer, because removing thousands of them from a future takes seconds
            self._waiting = asyncio.create_task(asyncio.wait([self._flight], timeout=WAIT_SECONDS))
        return self._flight

    async def _asked_again(self) -> bool:
        """Wait for new keys; False if it is too early to ask again."""
        if self._flight is None or self._flight.done():
            now = time.monotonic()
            if now - self._asked < UNKNOWN_KEY_SECONDS:
                return False
            self._asked = now
            self._start()
        if self._waiting is not None:
            await asyncio.shield(self._waiting)
        return True

    async def _fetch(self) -> bool:
        try:
            published = await self.source.fetch()
        except NoDocument as error:
            if not self._failing:
                log.warning(
                    "The keys of an issuer cannot be read", issuer=self.source.title, error=str(error)
                )
            self._failing = True
            return False
        if self._failing:
            log.info("The keys of an issuer can be read again", issuer=self.source.title)
        self._failing = False
        self._take(published)
        return True

    def _take(self, published: Published) -> None:
        if (
            self._keys is not None
            and self._keys.published == published.keys
            and self.issuer == published.issuer
        ):
            return
        keys = KeySet(published.keys, self._algorithms)
        for reason in keys.unusable:
            log.info("A key of an issuer is not used", issuer=self.source.title, reason=reason)
        log.info("The keys of an issuer were read", issuer=self.source.title, keys=len(keys))
        self.issuer, self._keys = published.issuer, keys
        self._received.set()
        self._changed()

    def _unavailable(self) -> Unavailable:
        return Unavailable(
            f"Tokens of {self.source.title} cannot be verified now, because its keys cannot be read. Try again later."
        )
