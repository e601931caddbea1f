"""Tokens of ServiceAccounts, with which the tests call Benchtop, as scripts and jobs do."""

import threading
import time
from collections.abc import Generator

import httpx
from tests.e2e.cluster import Cluster, kubectl

AUDIENCE = "benchtop"
SECONDS = 3600


class Token(httpx.Auth):
    """Puts a token of a ServiceAccount into each request of a client; it is renewed after half of its lifetime.

    Args:
        namespace: namespace of the account.
        account: name of the account.
        audience: audience of the token.
    """

    def __init__(self, namespace: str, account: str, audience: str = AUDIENCE) -> None:
        self._command = ["create", "token", account, "-n", namespace, "--audience", audience]
        self._lock = threading.Lock()
        self._text = ""
        self._renew = 0.0

    @property
    def text(self) -> str:
        """The token."""
        with self._lock:
            if time.monotonic() > self._renew:
                self._text = kubectl(*self._command, "--duration", f"{SECONDS}s").strip()
                self._renew = time.monotonic() + SECONDS / 2
            return self._text

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with the token."""
        request.headers["Authorization"] = f"Bearer {self.text}"
        yield request


def account(cluster: Cluster, namespace: str, name: str) -> Token:
    """Create a ServiceAccount, and return a token of it."""
    cluster.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}, namespace)
    return Token(namespace, name)
