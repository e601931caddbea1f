"""The keys of an OpenID Connect provider, from its discovery document.

Source: OpenID Connect Discovery 1.0, sections 3 and 4.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx

from chassis.access.issuer_keys import Published
from chassis.access.json_documents import NoDocument, request_json
from chassis.access.loopback import is_secure
from chassis.process.tls_handshakes import close_cancelled_handshakes

DOCUMENT_SECONDS = 5.0
"""Time in which a document of a provider must be complete."""

DISCOVERY = "/.well-known/openid-configuration"


async def discover(http: httpx.AsyncClient, issuer: str) -> dict[str, Any]:
    """The discovery document of a provider.

    Args:
        http: the client.
        issuer: URL of the provider, exactly as it names itself.

    Raises:
        NoDocument: there is none, or it is that of another issuer.
    """
    document = await request_json(http, issuer.rstrip("/") + DISCOVERY, seconds=DOCUMENT_SECONDS)
    named = document.get("issuer") if isinstance(document, dict) else None
    if named != issuer:
        raise NoDocument(
            f"The discovery document of {issuer} has the issuer {str(named)[:200]!r}. Use that name in ACCESS_ISSUERS"
            " if it is yours."
        )
    found: dict[str, Any] = document
    return found


@cache
def _certificates() -> ssl.SSLContext:
    """The trusted certificates; loading them takes some time, and is done once."""
    return httpx.create_ssl_context()


def client() -> httpx.AsyncClient:
    """A client for requests to providers. It uses the proxy that the environment names (HTTPS_PROXY)."""
    return httpx.AsyncClient(
        verify=_certificates(),
        timeout=DOCUMENT_SECONDS,
        event_hooks={"request": [close_cancelled_handshakes]},
    )


class OpenIdProvider:
    """The source of the keys of a provider.

    Args:
        issuer: URL of the provider.
    """

    def __init__(self, issuer: str) -> None:
        self.title = issuer
        self._http: httpx.AsyncClient | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """See `KeySource.opened`."""
        async with client() as self._http:
            yield

    async def fetch(self) -> Published:
        """See `KeySource.fetch`."""
        if self._http is None:
            raise NoDocument("The client of the provider is not open.")
        document = await discover(self._http, self.title)
        url = document.get("jwks_uri")
        if not isinstance(url, str) or not is_secure(url):
            raise NoDocument(f"The discovery document of {self.title} has no jwks_uri with https.")
        return Published(
            self.title, keys_of(await request_json(self._http, url, seconds=DOCUMENT_SECONDS), url)
        )


def keys_of(document: Any, url: str) -> list[Any]:
    """The keys in a JWK Set; raises NoDocument if it is none."""
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise NoDocument(f"{url} is not a JWK Set.")
    return keys
