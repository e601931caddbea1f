"""Asks other services which sessions have signed out, every few seconds."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import httpx
import msgspec
import structlog

from chassis.access.signed_out import SignedOut, SignedOutList
from chassis.errors import Unavailable
from chassis.process.background import BackgroundTasks
from chassis.process.tls_handshakes import close_cancelled_handshakes

SECONDS = 5.0
"""Pause between two questions to the same URL, in seconds."""

DEADLINE = 2.0
"""Seconds in which a response must be complete."""

MOST_BYTES = 64 * 1024
"""Maximum size of a response."""

MOST_ADDRESSES = 32
"""Maximum number of addresses of a host that are asked."""

TOLERATED = 2
"""Number of failures in a row that are not logged: a replica that has just ended may still have an address."""

PATH = "/v1/signed-out"

log = structlog.get_logger()


class SignedOutPoll:
    """Asks each URL; of a host name with several addresses, each address, because each replica knows only a part.

    Args:
        urls: URLs of services, such as `http://status-peers:8000`.
        signed_out: receives what they say.
    """

    def __init__(self, urls: Sequence[str], signed_out: SignedOut) -> None:
        self._urls = [httpx.URL(url.rstrip("/") + PATH) for url in dict.fromkeys(urls)]
        self._signed_out = signed_out

    @asynccontextmanager
    async def running(self, tasks: BackgroundTasks) -> AsyncIterator[None]:
        """Ask until the end of the block; each URL is a background task of its own, so a slow one delays no other."""
        if not self._urls:
            yield
            return
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(_client(self._urls))
            for url in self._urls:
                peer = _Peer(url, client, self._signed_out)
                name = f"signed-out sessions of {url.netloc.decode()}{url.path.removesuffix(PATH)}"
                await stack.enter_async_context(tasks.repeating(name, peer.ask, SECONDS))
            yield


class _Peer:
    """A service that is asked at all of its addresses."""

    def __init__(self, url: httpx.URL, client: httpx.AsyncClient, signed_out: SignedOut) -> None:
        self._url = url
        self._client = client
        self._signed_out = signed_out
        self._failures = 0

    async def ask(self) -> None:
        """Ask once.

        Raises:
            Unavailable: an address gave no answer that can be used; what the others said is known nevertheless.
        """
        problems: list[str] = []
        try:
            async with asyncio.timeout(DEADLINE):
                addresses = await _addresses(self._url)
        except (OSError, TimeoutError, UnicodeError) as error:
            problems.append(f"{self._url.host}: {str(error) or 'no address was found in time'}")
        else:
            answers = await asyncio.gather(*map(self._ask_address, addresses))
            problems += [answer for answer in answers if answer]
        self._report(problems)

    async def _ask_address(self, address: str) -> str:
        """Ask one address, and return why there is no answer; empty if there is one."""
        try:
            async with asyncio.timeout(DEADLINE):
                found = msgspec.json.decode(await self._body(address), type=SignedOutList)
        except TimeoutError:
            return f"{address}: no answer within {DEADLINE:g} s"
        except (httpx.HTTPError, msgspec.DecodeError, ValueError, RecursionError) as error:
            return f"{address}: {str(error) or type(error).__name__}"
        self._signed_out.merge(found.sessions)
        return ""

    async def _body(self, address: str) -> bytes:
        # The host is still that of the URL, for its TLS certificate and for ALLOWED_HOSTS
        url = self._url.copy_with(host=address)
        async with self._client.stream(
            "GET",
            url,
            headers={"Host": self._url.netloc.decode()},
            extensions={"sni_hostname": self._url.host},
        ) as response:
            if response.status_code != httpx.codes.OK:
                raise ValueError(f"it answered with status {response.status_code}")
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise ValueError(f"the response is larger than {MOST_BYTES // 1024} KiB")
            return bytes(body)

    def _report(self, problems: Sequence[str]) -> None:
        """Log a failure that lasts, and its end; raise so that the failure is counted."""
        where = str(self._url)
        if not problems:
            if self._failures > TOLERATED:
                log.warning("The sessions that signed out can be asked for again", url=where)
            self._failures = 0
            return
        self._failures += 1
        if self._failures == TOLERATED + 1:
            log.warning(
                "It is not known which sessions signed out; those that are known are still refused",
                url=where,
                errors=problems[:3],
            )
        raise Unavailable(f"{where}: {problems[0]}")


def _client(urls: Iterable[httpx.URL]) -> httpx.AsyncClient:
    # Loading the trusted certificates takes time and memory, which plain http does not need
    encrypted = any(url.scheme == "https" for url in urls)
    return httpx.AsyncClient(
        trust_env=False,  # a proxy for requests to the internet does not know the services
        timeout=None,  # noqa: S113  each request has a deadline
        verify=httpx.create_ssl_context() if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        limits=httpx.Limits(max_connections=MOST_ADDRESSES, keepalive_expiry=4 * SECONDS),
        headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        event_hooks={"request": [close_cancelled_handshakes]},
    )


async def _addresses(url: httpx.URL) -> Sequence[str]:
    """All addresses of the host of a URL.

    Raises:
        OSError: the name has no address.
    """
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    find = partial(asyncio.get_running_loop().getaddrinfo, type=socket.SOCK_STREAM)
    found = dict.fromkeys(str(address[0]) for *_, address in await find(url.host, port))
    return [one for one in found if not ipaddress.ip_address(one.partition("%")[0]).is_link_local][
        :MOST_ADDRESSES
    ]
