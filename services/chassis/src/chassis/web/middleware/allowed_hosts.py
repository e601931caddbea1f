"""Refuses requests for names that are not this server's, which is how DNS rebinding reaches a server on loopback.

A page of `evil.example` may read what `evil.example` answers, and its owner may let that name lead to 127.0.0.1. Such a
request still says `Host: evil.example`. An address in `Host` is no such risk where the request came in on it, because
nobody can let an address lead elsewhere.
"""

import ipaddress
import re
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.web import problem, request_id

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""The names by which a machine asks itself."""

PORT = re.compile(r":[0-9]*\Z")


class AllowedHosts:
    """ASGI middleware that answers 421 unless the Host header names an allowed host.

    The address that the request came in on is always allowed, as probes and scrapes ask for it; the port is not
    looked at.

    Args:
        app: answers what is allowed.
        hosts: names and addresses without ports, an IPv6 address in brackets; `*.lab.example` is every name below
            that one, `*` is any.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self.app = app
        self.hosts = tuple(dict.fromkeys(hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or "*" in self.hosts or _name(scope) in self.hosts:
            await self.app(scope, receive, send)
            return

        async def allowed(scope: Scope, receive: Receive, _: Send) -> None:
            await self.app(scope, receive, send)

        async def refused(message: Message) -> None:
            # In place of Starlette's answer, which is plain text
            if message["type"] == "http.response.start":
                answer = problem.respond(421, self._refusal(scope), headers=request_id.headers(scope))
                await answer(scope, receive, send)

        check = TrustedHostMiddleware(allowed, [*self.hosts, *_own_address(scope)], www_redirect=False)
        await check(scope, receive, refused)

    def _refusal(self, scope: Scope) -> str:
        host = Headers(scope=scope).get("host", "")
        asked = f"for the host {host[:253]!r}" if host else "without a Host header"
        return (
            f"This server does not answer requests {asked}. Ask for one of: {', '.join(self.hosts)}."
            " Whoever runs it allows another one with the setting ALLOWED_HOSTS."
        )


def split(names: str) -> tuple[str, ...]:
    """The names of a setting."""
    return tuple(name.strip() for name in names.split(",") if name.strip())


def bracketed(address: str) -> str:
    """A host as a URL and the Host header have it: an IPv6 address stands in brackets."""
    return f"[{address}]" if ":" in address and not address.startswith("[") else address


def guarded(app: ASGIApp, host: str, allowed: str) -> ASGIApp:
    """The application behind the check that fits the address that it listens on.

    Args:
        app: the application.
        host: the address; on loopback only the machine's own names are answered, besides those allowed.
        allowed: names with commas between; elsewhere, without any, every name is answered.
    """
    own = LOOPBACK if bracketed(host) in LOOPBACK else ()
    names = (*own, *split(allowed))
    return AllowedHosts(app, names) if names else app


def _name(scope: Scope) -> str:
    """The host that is asked for, without the port, as it was written."""
    value = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
    return PORT.sub("", value)


def _own_address(scope: Scope) -> Sequence[str]:
    """What the request came in on: none for a socket that has no address."""
    try:
        address = ipaddress.ip_address((scope.get("server") or ("",))[0])
    except ValueError:
        return ()
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:  # IPv4 on a dual-stack socket
        address = address.ipv4_mapped
    return (bracketed(str(address)),)
