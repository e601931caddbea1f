"""The client of another service: one small JSON response at a time, limited in time and size."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version
from typing import TypeVar

import httpx
import msgspec

from chassis.process.tls_handshakes import close_cancelled_handshakes
from status.portal.credential import Credential

T = TypeVar("T")

DEADLINE = 1.0
"""Seconds in which a response must be complete."""

MOST_BYTES = 1024 * 1024
"""Maximum size of a response; a page of five events can have 300 kB."""

MOST_CONNECTIONS = 10
"""Maximum number of connections to one service; its questions need six at the same time."""

LONGEST_DETAIL = 300
"""Maximum number of characters that are shown of a service's own message."""

OK = 200
UNAUTHENTICATED = 401
FORBIDDEN = 403
REDIRECTS = range(300, 400)

NO_COOKIES = DefaultCookiePolicy(allowed_domains=())
"""Keeps no cookie of a response, because the next request may be that of another person."""

logger = logging.getLogger(__name__)


@cache
def _certificates() -> ssl.SSLContext:
    """The trusted certificates; loading them takes some time, and is done once."""
    return httpx.create_ssl_context()


class NoAnswer(Exception):
    """A service gave no answer that can be used. The message is a sentence that says why."""


class Refused(NoAnswer):
    """The service works, but does not tell this to the caller. The message is a sentence that says why."""


class Problem(msgspec.Struct, frozen=True):
    """The part of an error response (problem+json) that is shown."""

    detail: str = ""


class ServiceClient:
    """Requests JSON from one service. There are no retries, because a page asks again soon.

    Args:
        title: name of the service for people, such as `Inventory`.
        url: where its API is; empty if this installation does not ask it.
        setting: the setting with the URL, for messages.
    """

    def __init__(self, title: str, url: str, setting: str) -> None:
        self.title = title
        self.configured = url != ""
        self._url = url.rstrip("/")
        self._setting = setting
        self._http: httpx.AsyncClient | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Keep a pool of connections during the block. Each service has its own, so a slow one blocks no other."""
        if not self.configured:
            yield
            return
        async with httpx.AsyncClient(
            trust_env=False,  # a proxy for requests to the internet does not know the services
            timeout=None,  # noqa: S113  `get` limits the time of the whole request
            verify=_certificates(),
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS),
            cookies=CookieJar(NO_COOKIES),
            event_hooks={"request": [close_cancelled_handshakes]},
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",  # the size of a compressed response is not known in advance
                "User-Agent": f"benchtop-status/{version('benchtop-status')}",
            },
        ) as self._http:
            yield

    async def get(self, path: str, kind: type[T], credential: Credential, *, also: int = OK) -> T:
        """Request a path, and decode its JSON.

        Args:
            path: path and query.
            kind: type of the JSON; members that it does not have are ignored.
            credential: of the person for whom it is requested.
            also: a status code beside 200 whose response is decoded too.

        Raises:
            Refused: the person may not see it.
            NoAnswer: there is no response in time, or it cannot be used.
        """
        try:
            async with asyncio.timeout(DEADLINE):
                status, body = await self._request(path, credential)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise NoAnswer(f"{self.title} did not answer within {DEADLINE:g} s.") from error
        except httpx.ConnectError as error:
            raise NoAnswer(f"{self.title} cannot be reached.") from error
        except httpx.TransportError as error:
            raise NoAnswer(f"The connection to {self.title.lower()} was lost before it answered.") from error
        except NoAnswer:
            raise
        except Exception as error:
            # The HTTP library raises many kinds of errors because of a URL or a response; none may stop the page
            logger.warning("The request to %s for %s failed", self.title, path, exc_info=True)
            raise NoAnswer(
                f"The request to {self.title.lower()} failed. The reason is in the log of status."
            ) from error
        if status not in (OK, also):
            raise self._error(status, body)
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if status != OK:
                raise self._error(status, body) from error
            raise NoAnswer(
                f"{self.title} gave an answer that this page cannot read. It may be another release."
            ) from error

    async def _request(self, path: str, credential: Credential) -> tuple[int, bytes]:
        if self._http is None:
            raise NoAnswer(f"{self.title} is not asked by this installation.")
        async with self._http.stream("GET", self._url + path, headers=credential.headers) as response:
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise NoAnswer(f"{self.title} gave a compressed answer, which this page cannot read.")
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise NoAnswer(f"{self.title} gave an answer of more than {MOST_BYTES // 1024} KiB.")
            return response.status_code, bytes(body)

    def _error(self, status: int, body: bytes) -> NoAnswer:
        """What a status code other than success means."""
        if status == UNAUTHENTICATED:
            return Refused(f"{self.title} does not accept your session or your token. Sign in again.")
        if status in REDIRECTS:
            return NoAnswer(
                f"{self.title} answered with a redirect, which is not followed. Check the setting {self._setting}."
            )
        try:
            detail = msgspec.json.decode(body, type=Problem).detail.strip()[:LONGEST_DETAIL]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            detail = ""
        if status == FORBIDDEN:
            return Refused(f"You may not see this. {detail}".strip())
        said = f": {detail}" if detail else "."
        return NoAnswer(f"{self.title} answered with an error (status {status}){said}")
