"""The message after an action, such as "The freezer was added.": in a cookie until the next page shows it."""

from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "benchtop-message"
SECONDS = 60
LONGEST = 300
"""Maximum number of characters of a message."""


def redirect(request: Request, path: str, message: str = "") -> Response:
    """Redirect (303) to a page of this service, which shows the message.

    Args:
        request: the request of the action.
        path: path of the page, without the path prefix of the service.
        message: a sentence, plain text.
    """
    root: str = request.app.state.pages.root
    response = Response(status_code=303, headers={"Location": root + path, "Cache-Control": "no-store"})
    if message:
        shown = message if len(message) <= LONGEST else message[: LONGEST - 1] + "…"
        response.set_cookie(
            COOKIE, quote(shown), max_age=SECONDS, path=root or "/", httponly=True, samesite="lax"
        )
    return response


def take(request: Request) -> str:
    """The message that the page of this request shows; empty if there is none."""
    return unquote(request.cookies.get(COOKIE, ""))[:LONGEST]


def forget(response: Response, root: str) -> None:
    """Delete the cookie, because the page shows its message."""
    response.delete_cookie(COOKIE, path=root or "/", httponly=True, samesite="lax")
