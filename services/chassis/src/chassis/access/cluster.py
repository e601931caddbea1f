"""The API server of the cluster: the keys of its service accounts, and what a caller may do.

A pod reaches it at the address in its environment, with the token and the certificates of a projected volume.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from chassis.access.issuer_keys import Published
from chassis.access.json_documents import NoDocument, request_json
from chassis.access.openid_provider import DISCOVERY, keys_of
from chassis.process.access_settings import CLUSTER
from chassis.process.tls_handshakes import close_cancelled_handshakes

JWKS = "/openid/v1/jwks"
"""The keys. The `jwks_uri` of the discovery document is not used: it often names a node that pods cannot reach."""

DOCUMENT_SECONDS = 5.0

MOST_CONNECTIONS = 16
"""Maximum number of requests at the same time."""


class ApiServer:
    """The client of the API server.

    Args:
        url: its address.
        folder: folder with `token` and `ca.crt`. The kubelet replaces both, so they are read when they are needed.
    """

    def __init__(self, url: str, folder: str) -> None:
        self._url = url
        self._token = Path(folder) / "token"
        self._certificates = Path(folder) / "ca.crt"
        self._loaded = 0
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._http: httpx.AsyncClient | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Keep a pool of connections during the block."""
        async with httpx.AsyncClient(
            trust_env=False,  # the API server is not behind a proxy for requests to the internet
            verify=self._tls,
            timeout=None,  # noqa: S113  `request_json` limits the time of the whole request
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_CONNECTIONS),
            event_hooks={"request": [close_cancelled_handshakes]},
        ) as self._http:
            yield

    async def request(self, path: str, *, seconds: float, body: bytes | None = None) -> Any:
        """Request JSON; with a body, the method is POST.

        Raises:
            NoDocument: there is no response in time, or it is an error.
        """
        if self._http is None:
            raise NoDocument("The client of the API server is not open.")
        try:
            self._trust()
            token = self._token.read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise NoDocument(
                f"The token or the certificates of the cluster cannot be read ({error})."
            ) from error
        headers = {"Authorization": f"Bearer {token}"}
        return await request_json(self._http, self._url + path, seconds=seconds, headers=headers, body=body)

    def _trust(self) -> None:
        """Trust the certificates in the file, too, if it is new; those before it are trusted until the process ends."""
        changed = self._certificates.stat().st_mtime_ns
        if changed != self._loaded:
            self._tls.load_verify_locations(self._certificates)
            self._loaded = changed


class ClusterIssuer:
    """The source of the keys of service accounts.

    Args:
        server: the API server.
    """

    title = CLUSTER

    def __init__(self, server: ApiServer) -> None:
        self._server = server

    def opened(self) -> AbstractAsyncContextManager[None]:
        """See `KeySource.opened`."""
        return self._server.opened()

    async def fetch(self) -> Published:
        """See `KeySource.fetch`."""
        document = await self._server.request(DISCOVERY, seconds=DOCUMENT_SECONDS)
        issuer = document.get("issuer") if isinstance(document, dict) else None
        if not isinstance(issuer, str) or not issuer:
            raise NoDocument("The discovery document of the cluster names no issuer.")
        return Published(issuer, keys_of(await self._server.request(JWKS, seconds=DOCUMENT_SECONDS), JWKS))
