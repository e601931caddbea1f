"""The cookie with which a browser stays signed in."""

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "__Host-benchtop"
"""Its name. A browser accepts `__Host-` only with `Secure`, with `Path=/` and without `Domain` (RFC 6265bis)."""


_NAME = COOKIE.encode()


def session_cookie(request: Request) -> str:
    """The value of the cookie; empty if the request has none.

    Each request of a browser is asked for it, so the other cookies are not read.
    """
    for header, cookies in request.scope["headers"]:
        if header == b"cookie" and _NAME in cookies:
            for pair in cookies.split(b";"):
                name, _, value = pair.partition(b"=")
                if name.strip() == _NAME:
                    found: str = value.strip().decode("latin-1")
                    return found
    return ""


def keep(response: Response, value: str, seconds: int, name: str = COOKIE) -> None:
    """Let the browser keep a cookie that only this host receives, and no script can read.

    Args:
        response: the response that sets it.
        value: its value.
        seconds: how long the browser keeps it.
        name: its name, which begins with `__Host-`.
    """
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")


def forget(response: Response, name: str = COOKIE) -> None:
    """Let the browser delete the cookie."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")
