"""Requests that change something are accepted only from our own pages and from programs, not from other sites' pages.

A browser says where a request comes from: in `Sec-Fetch-Site`, which no page can set, or else in `Origin`. Chromium
sends no `Sec-Fetch-Site` to a host without TLS, other than localhost. A program sends neither header, and no session
cookie. No page of another site can send a bearer token, but a browser sends a password that it knows by itself.

Source: W3C, Fetch Metadata Request Headers; RFC 6454, section 7.
"""

from urllib.parse import urlsplit

from starlette.requests import Request

from chassis.access.bearer import is_bearer
from chassis.access.session_cookie import session_cookie
from chassis.errors import Forbidden

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = frozenset({"same-origin", "none"})
"""Values of `Sec-Fetch-Site` for a request of our own page, and for one that a person started without any page."""


def require_same_origin(request: Request, public_origin: str) -> None:
    """Check that a request with an unsafe method comes from our own page, or from a program.

    Args:
        request: the request.
        public_origin: the origin of our own pages, such as `https://lab.example`. If it is empty, the origin must have
            the host and port of the request's Host header.

    Raises:
        Forbidden: a page of another origin has sent it, or it has the cookie of a session and names no page.
    """
    if is_bearer(request.headers.get("authorization", "").encode("latin-1")):
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site in OWN:
            return
    else:
        origin = request.headers.get("origin")
        if origin is None:
            if not session_cookie(request):
                return
            raise Forbidden(
                "This request has the cookie of a session, but does not say which page sent it, so nothing was changed."
                " Programs send a token instead."
            )
        if _is_own(origin, public_origin, request.headers.get("host", "")):
            return
    raise Forbidden(
        "A page of another site sent this request, so nothing was changed. Open Benchtop's own page, and try it there."
        " If this is Benchtop's own page, set PUBLIC_ORIGIN to the scheme and host in the browser's address."
    )


def _is_own(origin: str, public_origin: str, host: str) -> bool:
    if public_origin:
        return origin == public_origin
    return urlsplit(origin).netloc.lower() == host.lower() != ""
