"""Pages by HTTP: limited in size and time, tried again where a fault may pass, never led to another host."""

import zlib
from functools import partial
from importlib.metadata import version

import httpx

from balances.errors import FeedInvalid, FeedUnreachable, Place
from balances.feed import Feed
from balances.retry import GaveUp, Transient, retry, retry_after

MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({429, 502, 503, 504})


def client(feed: Feed) -> httpx.AsyncClient:
    """The HTTP client for a feed."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(feed.read_timeout, connect=feed.connect_timeout, pool=None),
        limits=httpx.Limits(max_connections=feed.window),
        headers={
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": f"benchtop-balances/{version('benchtop-balances')}",
        },
    )


class HttpSource:
    """Fetches pages of one feed."""

    def __init__(self, feed: Feed, http: httpx.AsyncClient, deadline: float) -> None:
        self._feed = feed
        self._http = http
        self._deadline = deadline
        self.last_seen = "nothing"

    async def fetch(self, page: int) -> bytes | None:
        """See `Source.fetch`."""
        try:
            return await retry(
                partial(self._attempt, page),
                attempts=self._feed.attempts,
                deadline=self._deadline,
                what=f"feed {self._feed.title}, page {page}",
            )
        except GaveUp as error:
            raise FeedUnreachable(self._feed.title, str(error), Place(page)) from error

    async def _attempt(self, page: int) -> bytes | None:
        try:
            return await self._request(page)
        except httpx.TimeoutException as error:
            limit = self._feed.read_timeout
            if isinstance(error, httpx.ConnectTimeout):
                limit = self._feed.connect_timeout
            raise self._transient(page, f"no answer within {limit:g} s") from error
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise self._transient(page, f"the connection failed ({reason})") from error

    async def _request(self, page: int) -> bytes | None:
        url = httpx.URL(self._feed.page_url(page))
        for _ in range(MOST_REDIRECTS + 1):
            async with self._http.stream("GET", url) as response:
                status = response.status_code
                if status in REDIRECTS:
                    url = self._redirected(page, response)
                    continue
                if status == httpx.codes.NOT_FOUND:
                    return None
                if status in PASSING or (
                    self._feed.retry_500 and status == httpx.codes.INTERNAL_SERVER_ERROR
                ):
                    pause = retry_after(response.headers.get("Retry-After"))
                    raise self._transient(page, f"HTTP status {status}", pause)
                if status != httpx.codes.OK:
                    raise self._invalid(page, f"HTTP status {status}, where 200 or 404 is expected")
                return await self._body(page, response)
        raise self._invalid(page, f"more than {MOST_REDIRECTS} redirects")

    def _redirected(self, page: int, response: httpx.Response) -> httpx.URL:
        if response.next_request is None:
            raise self._invalid(page, f"HTTP status {response.status_code} without a Location")
        here, there = response.url, response.next_request.url
        upgraded = here.scheme == "http" and there.scheme == "https" and there.port is None
        if there.host == here.host and ((there.scheme, there.port) == (here.scheme, here.port) or upgraded):
            return there
        raise self._invalid(
            page,
            f"redirected to {there.scheme}://{there.netloc.decode('ascii')}, which is not followed; "
            "if the feed has moved there, change its url",
        )

    async def _body(self, page: int, response: httpx.Response) -> bytes:
        """The decoded body; what is over the limit is not even received."""
        limit = self._feed.max_page_bytes
        coding = response.headers.get("Content-Encoding", "identity").lower()
        if coding not in {"identity", "gzip"}:
            raise self._invalid(page, f"Content-Encoding {coding}, where gzip at most was accepted")
        unzip = zlib.decompressobj(zlib.MAX_WBITS | 16) if coding == "gzip" else None
        body = bytearray()
        try:
            async for chunk in response.aiter_raw():
                body += unzip.decompress(chunk, limit + 1 - len(body)) if unzip else chunk
                if len(body) > limit:
                    raise self._invalid(page, f"the page is larger than {limit} bytes")
        except zlib.error as error:
            raise self._invalid(page, f"the gzip coding is broken ({error})") from error
        if unzip and not unzip.eof:
            raise self._transient(page, "the answer ended early")
        self.last_seen = f"page {page}: {len(body)} bytes"
        return bytes(body)

    def _transient(self, page: int, detail: str, pause: float | None = None) -> Transient:
        self.last_seen = f"page {page}: {detail}"
        return Transient(detail, pause)

    def _invalid(self, page: int, detail: str) -> FeedInvalid:
        return FeedInvalid(self._feed.title, detail, Place(page))
