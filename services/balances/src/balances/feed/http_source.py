"""Pages over HTTP: limited in size and time, with retries, and without redirects to another host."""

import asyncio
import logging
import ssl
import zlib
from collections.abc import AsyncIterator
from functools import cache, partial
from http.cookiejar import CookieJar
from importlib.metadata import version
from typing import Any

import httpx

from balances.feed.errors import FeedError, FeedInvalid, FeedUnreachable, Place
from balances.feed.in_flight import InFlight
from balances.feed.inflating import Inflater
from balances.feed.page_decoding import is_cut
from balances.feed.retry import GaveUp, Transient, retry, retry_after
from balances.feed.settings import Feed
from chassis.process.tls_handshakes import close_cancelled_handshakes

MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
TRANSIENT_STATUSES = frozenset({429, 502, 503, 504})

logger = logging.getLogger(__name__)


class NoCookies(CookieJar):
    """Ignores cookies: a feed needs none, and a malformed cookie must not make a request fail."""

    def extract_cookies(self, *_: Any) -> None:
        """Ignore the cookies of a response."""

    def add_cookie_header(self, *_: Any) -> None:
        """Send no cookies."""


@cache
def tls_context() -> ssl.SSLContext:
    """The trusted certificates; loading them takes some time, and is done once."""
    return httpx.create_ssl_context()


def client(feed: Feed) -> httpx.AsyncClient:
    """The HTTP client for a feed."""
    return httpx.AsyncClient(
        verify=tls_context(),
        timeout=httpx.Timeout(feed.read_timeout, connect=feed.connect_timeout, pool=None),
        limits=httpx.Limits(max_connections=feed.window),
        cookies=NoCookies(),
        event_hooks={"request": [close_cancelled_handshakes], "response": [_set_location_aside]},
        headers={
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Cache-Control": "no-cache",  # cached pages could be from different times
            "User-Agent": f"benchtop-balances/{version('benchtop-balances')}",
        },
    )


async def _set_location_aside(response: httpx.Response) -> None:
    """Hide `Location` from httpx, which would parse it and raise a different error if it is not a URL."""
    response.extensions["location"] = response.headers.pop("Location", None)


class HttpSource:
    """Fetches the pages of one feed."""

    def __init__(self, feed: Feed, http: httpx.AsyncClient, deadline: float, in_flight: InFlight) -> None:
        self._feed = feed
        self._http = http
        self._deadline = deadline
        self._in_flight = in_flight
        self.last_event = "nothing"

    async def fetch(self, page: int) -> bytearray | None:
        """See `Source.fetch`."""
        try:
            return await retry(
                partial(self._attempt, page),
                attempts=self._feed.attempts,
                deadline=self._deadline,
                seconds=self._feed.deadline,
                what=f"feed {self._feed.name}, page {page}",
            )
        except GaveUp as error:
            raise FeedUnreachable(self._feed.name, str(error), Place(page)) from error

    async def _attempt(self, page: int) -> bytearray | None:
        try:
            return await self._request(page)
        except (Transient, FeedError):
            raise
        except httpx.TimeoutException as error:
            limit = self._feed.read_timeout
            if isinstance(error, httpx.ConnectTimeout):
                limit = self._feed.connect_timeout
            raise self._transient(page, f"no response within {limit:g} s") from error
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise self._transient(page, f"the connection failed ({reason})") from error
        except Exception as error:
            # Any error that the HTTP library raises because of a response is this feed's, and must not stop other feeds
            logger.warning(
                "feed %s, page %d: the response cannot be read", self._feed.name, page, exc_info=True
            )
            reason = f"{type(error).__name__}: {error}"
            raise self._invalid(page, f"the response cannot be read ({reason})") from error

    async def _request(self, page: int) -> bytearray | None:
        url = self._url(page)
        for _ in range(MOST_REDIRECTS + 1):
            async with self._http.stream("GET", url) as response:
                status = response.status_code
                if status in REDIRECTS:
                    url = self._redirected(page, response)
                    continue
                if status == httpx.codes.NOT_FOUND:
                    return None
                if status in TRANSIENT_STATUSES or (
                    self._feed.retry_500 and status == httpx.codes.INTERNAL_SERVER_ERROR
                ):
                    pause = retry_after(response.headers.get("Retry-After"))
                    raise self._transient(page, f"HTTP status {status}", pause)
                if status != httpx.codes.OK:
                    raise self._invalid(page, f"HTTP status {status}, where 200 or 404 is expected")
                return await self._body(page, response)
        raise self._invalid(page, f"more than {MOST_REDIRECTS} redirects")

    def _url(self, page: int) -> httpx.URL:
        try:
            return httpx.URL(self._feed.page_url(page))
        except httpx.InvalidURL as error:
            raise self._invalid(page, f"the feed's url is invalid ({error}); change it") from error

    def _redirected(self, page: int, response: httpx.Response) -> httpx.URL:
        location = response.extensions["location"]
        if location is None:
            raise self._invalid(page, f"HTTP status {response.status_code} without a Location")
        here = response.url
        try:
            there = here.join(location)
        except httpx.InvalidURL as error:
            raise self._invalid(page, f"redirected to an invalid address ({error})") from error
        upgraded = here.scheme == "http" and there.scheme == "https" and there.port is None
        if there.host == here.host and ((there.scheme, there.port) == (here.scheme, here.port) or upgraded):
            return there
        raise self._invalid(
            page,
            f"redirected to {there.scheme}://{there.netloc.decode('ascii')}, which is not followed; "
            "if the feed has moved there, change its url",
        )

    async def _body(self, page: int, response: httpx.Response) -> bytearray:
        """The decoded body; receiving stops once it is larger than the limit."""
        self._in_flight.release(page)  # the bytes of an earlier attempt
        limit = self._feed.max_page_bytes
        body = bytearray()
        async for piece in self._pieces(page, response):
            body += piece
            if len(body) > limit:
                raise self._invalid(page, f"the page is larger than {limit} bytes")
            await self._in_flight.take(page, len(piece))
        if is_cut(body):
            raise self._transient(page, "the page ends in the middle of its JSON")
        self.last_event = f"page {page}: {len(body)} bytes"
        return body

    async def _pieces(self, page: int, response: httpx.Response) -> AsyncIterator[bytes]:
        coding = response.headers.get("Content-Encoding", "identity").lower()
        if coding == "identity":
            async for chunk in response.aiter_raw():
                yield chunk
            return
        if coding not in {"gzip", "x-gzip"}:
            raise self._invalid(page, f"Content-Encoding {coding}, but only gzip is accepted")
        inflater = Inflater()
        try:
            async for chunk in response.aiter_raw():
                for piece in inflater.inflate(chunk):
                    yield piece
                    await asyncio.sleep(0)  # one chunk may inflate to many pieces; let other tasks run
        except zlib.error as error:
            raise self._invalid(page, f"the gzip coding is broken ({error})") from error
        if not inflater.complete:
            raise self._transient(page, "the response ended early")

    def _transient(self, page: int, detail: str, pause: float | None = None) -> Transient:
        self._in_flight.release(page)
        self.last_event = f"page {page}: {detail}"
        return Transient(detail, pause)

    def _invalid(self, page: int, detail: str) -> FeedInvalid:
        return FeedInvalid(self._feed.name, detail, Place(page))
