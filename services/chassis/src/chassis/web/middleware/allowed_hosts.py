"""Refuses requests for other host names, as a protection against DNS rebinding.

A browser lets a page of `evil.example` read the responses of `evil.example`, and the owner of that domain may let the
name point to 127.0.0.1. Such a request still has the header `Host: evil.example`. An IP address in `Host` is no risk if
the request came in on this address, because DNS is not involved.
"""

import ipaddress
import re
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.web import problem, request_id

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""Names of the machine for requests to itself."""

PORT = re.compile(r":[0-9]*\Z")


class AllowedHosts:
    """ASGI middleware that responds with 421 unless the Host header names an allowed host.

    The address that the request came in on is always allowed, because probes and scrapes use it. The port is ignored.

    Args:
        app: handles the allowed requests.
        hosts: names and addresses without ports, IPv6 addresses in brackets; `*.lab.example` is every name below
            `lab.example`, `*` is any name.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self.app = app
        self.hosts = tuple(dict.fromkeys(hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or "*" in self.hosts or _name(scope) in self.hosts:
            await self.app(scope, receive, send)
            return

        async def allowed(scope: Scope, receive: Receive, _: Send) -> None:
            await self.app(scope, receive, send)

        async def refused(message: Message) -> None:
            # Replaces Starlette's response, which is plain text
            if message["type"] == "http.response.start":
                answer = problem.respond(421, self._refusal(scope), headers=request_id.headers(scope))
                await answer(scope, receive, send)

        check = TrustedHostMiddleware(allowed, [*self.hosts, *_own_address(scope)], www_redirect=False)
        await check(scope, receive, refused)

    def _refusal(self, scope: Scope) -> str:
        host = Headers(scope=scope).get("host", "")
        requested = f"for the host {host[:253]!r}" if host else "without a Host header"
        return (
            f"This server does not accept requests {requested}. Use one of: {', '.join(self.hosts)}."
            " The operator can allow other hosts with the setting ALLOWED_HOSTS."
        )


def split(names: str) -> tuple[str, ...]:
    """The host names in the setting ALLOWED_HOSTS."""
    return tuple(name.strip() for name in names.split(",") if name.strip())


def bracketed(address: str) -> str:
    """A host as it is written in URLs and in the Host header: an IPv6 address has brackets."""
    return f"[{address}]" if ":" in address and not address.startswith("[") else address


def guarded(app: ASGIApp, host: str, allowed: str) -> ASGIApp:
    """The application with a check of the Host header that fits the address that it listens on.

    Args:
        app: the application.
        host: the address. On loopback the names of the machine are allowed, and those in `allowed`.
        allowed: names, separated by commas. On other addresses every name is allowed if `allowed` is empty.
    """
    own = LOOPBACK if bracketed(host) in LOOPBACK else ()
    names = (*own, *split(allowed))
    return AllowedHosts(app, names) if names else app


def _name(scope: Scope) -> str:
    """The host in the Host header, without the port."""
    value = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
    return PORT.sub("", value)


def _own_address(scope: Scope) -> Sequence[str]:
    """The IP address that the request came in on; none for a Unix socket."""
    try:
        address = ipaddress.ip_address((scope.get("server") or ("",))[0])
    except ValueError:
        return ()
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:  # IPv4 on a dual-stack socket
        address = address.ipv4_mapped
    return (bracketed(str(address)),)
