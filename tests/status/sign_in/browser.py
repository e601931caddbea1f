"""A browser without pages: it keeps the cookies of one host, and sends what a browser says about a request."""

import re
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from httpx2 import Response  # of Starlette's TestClient
from starlette.testclient import TestClient

from chassis.access.session_cookie import COOKIE

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class Browser:
    """Opens pages and sends forms. Redirects are not followed.

    Args:
        client: the service.
        headers: headers of each request.
    """

    def __init__(self, client: TestClient, **headers: str) -> None:
        self._client = client
        self._headers = {
            "accept": ACCEPT,
            "sec-fetch-site": "same-origin",
            "sec-fetch-mode": "navigate",
            **_named(headers),
        }
        self.cookies: dict[str, str] = {}

    @property
    def session(self) -> str:
        """The cookie of the session; empty if there is none."""
        return self.cookies.get(COOKIE, "")

    def get(self, path: str, **headers: str) -> Response:
        """Open a page."""
        return self._send("GET", path, headers)

    def post(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> Response:
        """Send a form."""
        sent = {"content_type": "application/x-www-form-urlencoded", **headers}
        return self._send("POST", path, sent, content=urlencode(fields or {}))

    def begin(self, next_page: str = "/") -> dict[str, str]:
        """Choose the provider, and return the parameters with which the browser is sent there."""
        response = self.post("/sign-in", {"next": next_page})
        assert response.status_code == 200, response.text
        address = re.fullmatch(r"0;url=(.*)", response.headers["refresh"])
        assert address
        return {name: value for name, (value,) in parse_qs(urlsplit(address[1]).query).items()}

    def _send(self, method: str, path: str, headers: dict[str, str], **more: Any) -> Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**self._headers, **({"cookie": cookie} if cookie else {}), **_named(headers)}
        response = self._client.request(method, path, headers=sent, follow_redirects=False, **more)
        self._client.cookies.clear()  # kept here instead
        for line in response.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return response


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
